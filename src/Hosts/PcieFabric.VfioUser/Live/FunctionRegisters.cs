using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Topologies.Enumerated;

namespace PcieFabric.VfioUser.Live;

/// <summary>
/// A function's configuration space as its guest sees it. Most registers are the function's own, read and written in the fabric. Its guest's alone are the addresses of BARs, and what QEMU, which
/// delivers interrupts, has to say about them; the fabric's alone are payload size and what would change addresses behind its back. As <c>drivers/vfio/pci/vfio_pci_config.c</c> does it.
/// </summary>
internal sealed class FunctionRegisters
{
    private const int CommandOffset = 0x04, RomOffset = 0x30;
    private const uint MemorySpaceEnable = 1 << 1, InterruptDisable = 1 << 10, InterruptStatus = 1 << 19;
    private const uint MaxPayloadSize = 7 << 5, InitiateReset = 1 << 15;
    private const int DeviceCapabilities = 4, DeviceControl = 8, DeviceControl2 = 0x28;
    private const uint FunctionLevelResetCapable = 1 << 28;
    private const uint D3Hot = 3, NoSoftReset = 8;
    private const uint MsiControl = 0x0071_0000, MsiXControl = 0xC000_0000;
    private const int MsiLastOffset = 0x14;

    private readonly LiveFabric _live;
    private readonly LivePlace _place;
    private readonly Bdf _function;
    private readonly VirtualBars _bars;
    private readonly int _express, _power, _msi, _msiX, _msiBytes;
    private readonly uint _deviceControl, _deviceControl2;

    /// <summary>Extended capabilities whose registers would move what the fabric has placed: Resizable BAR, SR-IOV, and translation, for which there is no agent here.</summary>
    private readonly List<AddressRange> _fixed = [];

    /// <summary>What the guest wrote to its own copy of the MSI capability, DW by DW, and to the control of MSI-X.</summary>
    private readonly uint[] _msiWritten = new uint[MsiLastOffset / 4 + 1];
    private uint _msiXWritten;
    private uint _command;
    private bool _isLineHeld = true;

    public FunctionRegisters(LiveFabric live, LivePlace place, LocatedFunction function)
    {
        (_live, _place, _function) = (live, place, function.Found.Bdf);
        _bars = new VirtualBars(function.Found.Bars);
        _express = function.Found.FindCapability(CapabilityId.PciExpress) ?? 0;
        _power = function.Found.FindCapability(CapabilityId.PowerManagement) ?? 0;
        _msi = function.Found.FindCapability(CapabilityId.Msi) ?? 0;
        _msiX = function.Found.FindCapability(CapabilityId.MsiX) ?? 0;
        Fix(function, ExtendedCapabilityId.ResizableBar, 0x34);
        Fix(function, ExtendedCapabilityId.SingleRootIoVirtualization, 0x40);
        Fix(function, ExtendedCapabilityId.AddressTranslationServices, 0x08);
        Fix(function, ExtendedCapabilityId.Pasid, 0x08);
        if (_msi != 0) _msiBytes = MsiBytes(ReadFabric(_msi));
        if (_express == 0) return;
        _deviceControl = ReadFabric(_express + DeviceControl) & 0xFFFF & ~InitiateReset;
        _deviceControl2 = ReadFabric(_express + DeviceControl2) & 0xFFFF;
    }

    public VirtualBars Bars => _bars;

    public int MsiOffset => _msi;

    public int MsiXOffset => _msiX;

    /// <summary>The guest lets the function decode memory.</summary>
    public bool IsMemoryEnabled => (_command & MemorySpaceEnable) != 0;

    /// <summary>The guest wrote to Initiate Function Level Reset.</summary>
    public bool WantsReset { get; set; }

    /// <summary>Whether a DW has a say in where the guest has its BARs.</summary>
    public static bool MovesBars(int dword) => dword == CommandOffset || VirtualBars.Has(dword);

    public uint ReadFabric(int offset) => _live.ReadConfiguration(_place, _function, offset);

    public void WriteFabric(int offset, uint value, int byteEnables = 15) => _live.WriteConfiguration(_place, _function, offset, value, byteEnables);

    /// <summary>The function's INTx is asserted inside, whether it may say so or not.</summary>
    public bool IsInterruptPending => (ReadFabric(CommandOffset) & InterruptStatus) != 0;

    /// <summary>The guest has set Interrupt Disable.</summary>
    public bool IsLineDisabled => (_command & InterruptDisable) != 0;

    /// <summary>We keep the function from asserting its line: nobody listens, or who does has masked it.</summary>
    public void HoldLine(bool hold)
    {
        if (hold == _isLineHeld) return;
        _isLineHeld = hold;
        WriteCommand();
    }

    /// <summary>Does something for which the function must decode memory, whether its guest lets it or not.</summary>
    public void WithMemory(Action accesses)
    {
        if (!IsMemoryEnabled) WriteFabric(CommandOffset, Real(_command) | MemorySpaceEnable, 3);
        accesses();
        if (IsMemoryEnabled) return;
        // A configuration request would overtake nothing that was posted before it, so that this comes last.
        WriteCommand();
    }

    public uint Read(int dword)
    {
        if (VirtualBars.Has(dword)) return _bars.Read(dword);
        if (dword == RomOffset) return 0;
        var value = ReadFabric(dword);
        if (dword == CommandOffset) return (value & ~0xFFFFu) | (_command & 0xFFFF);
        if (InMsi(dword, out var at)) return at == 0 ? (value & ~MsiControl) | (_msiWritten[0] & MsiControl) : at == _msiBytes - 4 && _msiBytes > 16 ? value : _msiWritten[at / 4];
        if (_msiX != 0 && dword == _msiX) return (value & ~MsiXControl) | _msiXWritten;
        return value;
    }

    /// <param name="enables">Of bytes, four bits.</param>
    public void Write(int dword, uint value, int enables)
    {
        var mask = Mask(enables);
        if (VirtualBars.Has(dword)) _bars.Write(dword, value, mask);
        else if (dword == CommandOffset) WriteCommand(value, mask);
        else if (InMsi(dword, out var at)) _msiWritten[at / 4] = (_msiWritten[at / 4] & ~mask) | (value & mask);
        else if (_msiX != 0 && dword == _msiX) _msiXWritten = ((_msiXWritten & ~mask) | (value & mask)) & MsiXControl;
        else if (_express != 0 && dword == _express + DeviceControl) WriteDeviceControl(value, enables);
        else if (dword != RomOffset && !IsFixed((ulong)dword)) WriteFabric(dword, value, enables);
        // A function that came back from D3hot may have been reset on the way (PCIe 6.0 section 5.3.1.4).
        if (_power != 0 && dword == _power + 4) RestoreFabric();
    }

    /// <summary>
    /// Resets the function alone, as Linux would: at function level if it can, else by way of D3hot, which resets what does not say that it keeps its registers (PCIe 6.0 sections 6.6.2, 5.3.1.4). One that
    /// has neither is only kept from the bus.
    /// </summary>
    public void StartReset()
    {
        WriteFabric(CommandOffset, InterruptDisable, 3);
        if (_express != 0 && (ReadFabric(_express + DeviceCapabilities) & FunctionLevelResetCapable) != 0)
        {
            WriteFabric(_express + DeviceControl, _deviceControl | InitiateReset, 3);
        }
        else if (_power != 0 && ReadFabric(_power + 4) is var power && (power & NoSoftReset) == 0)
        {
            WriteFabric(_power + 4, power | D3Hot, 3);
            WriteFabric(_power + 4, power & ~D3Hot, 3);
        }
    }

    /// <summary>After the function was reset: the fabric's own registers as they were, the guest's as after a reset.</summary>
    public void Reset()
    {
        _bars.Reset();
        Array.Clear(_msiWritten);
        _msiXWritten = 0;
        _command = 0;
        RestoreFabric();
    }

    private void RestoreFabric()
    {
        for (var index = 0; index < VirtualBars.Registers; index++)
        {
            if (_bars[index] is not { } bar) continue;
            WriteFabric(VirtualBars.FirstOffset + 4 * index, (uint)bar.Range.Base);
            if (bar.Kind == ConfigSpaces.BarKind.Memory64) WriteFabric(VirtualBars.FirstOffset + 4 * index + 4, (uint)(bar.Range.Base >> 32));
        }
        if (_express != 0)
        {
            WriteFabric(_express + DeviceControl, _deviceControl, 3);
            WriteFabric(_express + DeviceControl2, _deviceControl2, 3);
        }
        WriteCommand();
    }

    private void WriteCommand(uint value, uint mask)
    {
        _command = (_command & ~mask) | (value & mask & 0xFFFF);
        // Not all bits can be set, and the guest is to read those that are.
        WriteFabric(CommandOffset, Real(_command) | (value & mask & 0xFFFF_0000), Enables(mask) | 3);
        _command = (ReadFabric(CommandOffset) & 0xFFFF & ~InterruptDisable) | (_command & InterruptDisable);
    }

    private void WriteCommand() => WriteFabric(CommandOffset, Real(_command), 3);

    private uint Real(uint command) => _isLineHeld ? command | InterruptDisable : command;

    private void WriteDeviceControl(uint value, int enables)
    {
        if ((enables & 2) != 0 && (value & InitiateReset) != 0) WantsReset = true;
        var own = _deviceControl & MaxPayloadSize;
        WriteFabric(_express + DeviceControl, (value & ~(MaxPayloadSize | InitiateReset)) | own, enables);
    }

    private bool IsFixed(ulong dword)
    {
        foreach (var range in _fixed)
            if (range.Contains(dword)) return true;
        return false;
    }

    private bool InMsi(int dword, out int at)
    {
        at = dword - _msi;
        return _msi != 0 && at >= 0 && at < _msiBytes;
    }

    /// <summary>Of the capability, as its 64-bit and masking bits say (PCIe 6.0 section 7.7.1).</summary>
    private static int MsiBytes(uint control) => 12 + ((control & 1 << 23) != 0 ? 4 : 0) + ((control & 1 << 24) != 0 ? 8 : 0);

    private void Fix(LocatedFunction function, int id, ulong sizeBytes)
    {
        if (function.Found.FindExtendedCapability(id) is { } offset) _fixed.Add(new AddressRange((ulong)offset, sizeBytes));
    }

    private static uint Mask(int enables)
    {
        var mask = 0u;
        for (var lane = 0; lane < 4; lane++) mask |= (enables >> lane & 1) == 0 ? 0 : 0xFFu << (8 * lane);
        return mask;
    }

    private static int Enables(uint mask)
    {
        var enables = 0;
        for (var lane = 0; lane < 4; lane++) enables |= (mask >> (8 * lane) & 0xFF) == 0 ? 0 : 1 << lane;
        return enables;
    }
}
