using System.Buffers.Binary;
using System.Numerics;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Gateways;
using PcieFabric.VfioUser.Devices;

namespace PcieFabric.VfioUser.Live;

/// <summary>
/// A function's interrupts on their way to its guest. The guest's own addresses and vectors never reach the function: we program it with an address of the gateway's, and give what arrives there
/// to the event counter that the client named for the vector.
/// </summary>
internal sealed class FunctionInterrupts
{
    private const int EntryBytes = 16;

    /// <summary>In the data of messages of MSI-X, to tell them from those of MSI, whose data has 16 bits.</summary>
    private const uint MsiXData = 1 << 16;

    private readonly LiveFabric _live;
    private readonly LivePlace _place;
    private readonly FunctionRegisters _registers;
    private readonly LiveGuest _guest;
    private readonly bool[] _msi, _msiX;

    /// <summary>Entries of the function's table that are written. One that nobody listens for may stay: what it sends is heard by nobody.</summary>
    private readonly bool[] _entries;
    private readonly ulong _table;
    private bool _isLineHeard, _isLineMasked;

    public FunctionInterrupts(LiveFabric live, LivePlace place, FunctionRegisters registers, LiveGuest guest)
    {
        (_live, _place, _registers, _guest) = (live, place, registers, guest);
        _msi = new bool[registers.MsiOffset == 0 ? 0 : 1 << (int)(registers.ReadFabric(registers.MsiOffset) >> 17 & 7)];
        _msiX = new bool[registers.MsiXOffset == 0 ? 0 : (int)(registers.ReadFabric(registers.MsiXOffset) >> 16 & 0x7FF) + 1];
        _entries = new bool[_msiX.Length];
        HasLine = (registers.ReadFabric(0x3C) >> 8 & 0xFF) != 0;
        if (_msiX.Length == 0) return;
        var place32 = registers.ReadFabric(registers.MsiXOffset + 4);
        (TableBar, TableOffset) = ((int)(place32 & 7), place32 & ~7u);
        _table = (registers.Bars[TableBar]?.Range.Base ?? 0) + TableOffset;
    }

    public int MsiVectors => _msi.Length;

    public int MsiXVectors => _msiX.Length;

    public bool HasLine { get; }

    public int TableBar { get; } = -1;

    public ulong TableOffset { get; }

    /// <summary>The MSI-X table is the client's to keep, and whoever reaches for the function's own finds nothing (drivers/vfio/pci/vfio_pci_rdwr.c).</summary>
    public bool IsTable(int bar, ulong offset) => bar == TableBar && offset - TableOffset < (ulong)(_msiX.Length * EntryBytes);

    public void Changed(InterruptIndex index, InterruptChange change, int start, int count)
    {
        switch (index)
        {
            case InterruptIndex.Intx:
                LineChanged(change);
                break;
            case InterruptIndex.Msi when change is InterruptChange.Enabled or InterruptChange.Disabled:
                _msi.AsSpan(start, count).Fill(change == InterruptChange.Enabled);
                ProgramMsi();
                break;
            case InterruptIndex.MsiX when change is InterruptChange.Enabled or InterruptChange.Disabled:
                _msiX.AsSpan(start, count).Fill(change == InterruptChange.Enabled);
                ProgramMsiX(start, count);
                break;
        }
    }

    /// <summary>A message of the function's.</summary>
    public void Sent(uint data)
    {
        if ((data & MsiXData) != 0) _guest.Trigger(InterruptIndex.MsiX, (int)(data & 0xFFFF));
        else _guest.Trigger(InterruptIndex.Msi, (int)data);
    }

    /// <summary>The line may be ours: masks it, as it has a level, and interrupts the guest, which unmasks it when it is done.</summary>
    public bool TakeLine()
    {
        if (!_isLineHeard || _isLineMasked || _registers.IsLineDisabled || !_registers.IsInterruptPending) return false;
        _isLineMasked = true;
        _registers.HoldLine(true);
        _guest.Trigger(InterruptIndex.Intx, 0);
        return true;
    }

    /// <summary>After the function was reset. Who listens still does.</summary>
    public void Restore()
    {
        _isLineMasked = false;
        _registers.HoldLine(!_isLineHeard);
        Array.Clear(_entries);
        if (_msi.Contains(true)) ProgramMsi();
        if (_msiX.Contains(true)) ProgramMsiX(0, _msiX.Length);
    }

    public void Forget()
    {
        Array.Clear(_msi);
        Array.Clear(_msiX);
        (_isLineHeard, _isLineMasked) = (false, false);
    }

    private void LineChanged(InterruptChange change)
    {
        if (change is InterruptChange.Enabled or InterruptChange.Disabled) (_isLineHeard, _isLineMasked) = (change == InterruptChange.Enabled, false);
        else _isLineMasked = change == InterruptChange.Masked;
        _registers.HoldLine(!_isLineHeard || _isLineMasked);
    }

    /// <summary>PCIe 6.0 section 7.7.1: the low bits of the data are the vector.</summary>
    private void ProgramMsi()
    {
        var at = _registers.MsiOffset;
        var control = _registers.ReadFabric(at);
        var is64Bit = (control & 1 << 23) != 0;
        var vectors = Array.LastIndexOf(_msi, true) + 1;
        control &= ~(1u << 16 | 7u << 20);
        _registers.WriteFabric(at, control, 12);
        if (vectors == 0) return;
        _registers.WriteFabric(at + 4, unchecked((uint)Gateway.InterruptAddress));
        if (is64Bit) _registers.WriteFabric(at + 8, (uint)(Gateway.InterruptAddress >> 32));
        _registers.WriteFabric(at + (is64Bit ? 12 : 8), 0, 3);
        if ((control & 1 << 24) != 0) _registers.WriteFabric(at + (is64Bit ? 16 : 12), 0);
        _registers.WriteFabric(at, control | 1u << 16 | (uint)BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)vectors)) << 20, 12);
    }

    /// <summary>PCIe 6.0 section 7.7.2. The table is in a BAR, which the guest need not have enabled yet.</summary>
    private void ProgramMsiX(int start, int count)
    {
        if (_msiX.AsSpan(start, count).Contains(true) && _entries.AsSpan(start, count).Contains(false)) _registers.WithMemory(() => WriteEntries(start, count));
        var control = _registers.ReadFabric(_registers.MsiXOffset);
        var wanted = (control & ~(3u << 30)) | (_msiX.Contains(true) ? 1u << 31 : 0);
        if (control != wanted) _registers.WriteFabric(_registers.MsiXOffset, wanted, 12);
    }

    private void WriteEntries(int start, int count)
    {
        Span<byte> entry = stackalloc byte[EntryBytes];
        for (var vector = start; vector < start + count; vector++)
        {
            if (_entries[vector] || !_msiX[vector]) continue;
            BinaryPrimitives.WriteUInt64LittleEndian(entry, Gateway.InterruptAddress);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], MsiXData | (uint)vector);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], 0);
            _live.WriteMemory(_place, _table + (ulong)(vector * EntryBytes), entry);
            _entries[vector] = true;
        }
    }
}
