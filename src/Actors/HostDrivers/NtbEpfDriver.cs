using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions.EpfVntbs;
using PcieFabric.NonTransparentBridges;
using PcieFabric.Requests;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.HostDrivers;

/// <summary>
/// A model of Linux's <c>ntb_hw_epf</c>, the host's side of a virtual NTB: commands through its registers, doorbells as posted writes one way and as interrupts the other,
/// memory windows as BARs. Registers that do not change are read once, so that a ring is one write.
/// </summary>
public sealed partial class NtbEpfDriver : INtbPort
{
    /// <summary>One for the link, one without use, and two doorbells.</summary>
    private const int LeastVectors = 4;

    private static readonly SimTime UsualTimeout = SimTime.FromSeconds(1);
    private static readonly SimTime CommandPoll = SimTime.FromMicroseconds(10);

    private readonly Host _host;
    private readonly DriverInterrupts _interrupts;
    private readonly SoftwareMutex _command = new();
    private readonly SimTime _commandTimeout;
    private readonly ulong _registers;
    private readonly AddressRange[] _windows;
    private readonly int _scratchpadOffset;
    private readonly (ulong Address, uint Data)[] _rings;

    private NtbEpfDriver(Host host, DriverInterrupts interrupts, EnumeratedFunction function, NtbEpfBars bars, Setup setup, SimTime commandTimeout)
    {
        (_host, _interrupts, _commandTimeout) = (host, interrupts, commandTimeout);
        _registers = function.FindBar(bars.Config)!.Range.Base;
        _windows = [.. bars.Windows.Take(setup.Windows).Select(bar => function.FindBar(bar)!.Range)];
        (_scratchpadOffset, ScratchpadCount) = (setup.ScratchpadOffset, setup.Scratchpads);
        _rings = setup.Rings[..Math.Min(setup.Rings.Length, interrupts.Count - VntbRegisters.FirstDoorbellSlot)];
        OwnDoorbells = new NtbDoorbells((1ul << _rings.Length) - 1);
    }

    private readonly record struct Setup(int Windows, int ScratchpadOffset, int Scratchpads, (ulong Address, uint Data)[] Rings);

    public int WindowCount => _windows.Length;

    public int ScratchpadCount { get; }

    public NtbDoorbells OwnDoorbells { get; }

    public Action? LinkChanged { get; set; }

    /// <summary>Interrupts that mean nothing.</summary>
    public long UnexpectedInterrupts { get; private set; }

    /// <param name="bars">Null for <see cref="NtbEpfBars.InOrder"/>.</param>
    /// <param name="commandTimeout">How long a command may take; null for Linux's second.</param>
    /// <returns>Null where the function's BARs, registers or interrupts are not those of a virtual NTB, or nobody answers the driver's command.</returns>
    public static async ValueTask<NtbEpfDriver?> ProbeAsync(Host host, int hierarchy, EnumeratedFunction function, NtbEpfBars? bars = null, SimTime? commandTimeout = null)
    {
        bars ??= NtbEpfBars.InOrder(function);
        if (bars is null || function.FindBar(bars.Config) is not { } config || function.FindBar(bars.Doorbells) is not { } doorbells) return null;
        if (await ReadSetupAsync(host, config.Range, doorbells.Range, bars) is not { } setup) return null;
        var interrupts = new DriverInterrupts(host, hierarchy, function, intxLine: 0);
        NtbEpfDriver? driver = null;
        foreach (var type in new[] { InterruptType.MsiX, InterruptType.Msi })
        {
            var allocated = await interrupts.AllocateAsync(type, index => driver?.InterruptedAsync(index) ?? ValueTask.CompletedTask);
            if (allocated == Errno.None && interrupts.Count >= LeastVectors) break;
        }
        if (interrupts.Count >= LeastVectors)
        {
            driver = new NtbEpfDriver(host, interrupts, function, bars, setup, commandTimeout ?? UsualTimeout);
            var argument = (uint)Math.Min(interrupts.Count, Limits.MaxVntbSlots) | (interrupts.Type == InterruptType.MsiX ? VntbRegisters.MsiXEnable : 0);
            if (await driver.CommandAsync(VntbCommand.ConfigureDoorbell, argument) == Errno.None) return driver;
        }
        await interrupts.ReleaseAsync();
        return null;
    }

    /// <summary>The driver lets go of the function: the link goes down, and what windows showed of this host is taken back.</summary>
    public async ValueTask RemoveAsync()
    {
        var answered = await DisableLinkAsync() != Errno.ETIMEDOUT;
        for (var window = 0; answered && window < WindowCount; window++) answered = await ClearTranslationAsync(window) != Errno.ETIMEDOUT;
        if (answered) await CommandAsync(VntbCommand.TeardownDoorbell, (uint)_interrupts.Count);
        await _interrupts.ReleaseAsync();
        OwnDoorbells.Close();
    }

    public ValueTask<Errno> EnableLinkAsync() => CommandAsync(VntbCommand.LinkUp, 0);

    public ValueTask<Errno> DisableLinkAsync() => CommandAsync(VntbCommand.LinkDown, 0);

    public async ValueTask<bool> IsLinkUpAsync()
    {
        var status = await ReadAsync(VntbRegisters.Status);
        return status != uint.MaxValue && (status >> 16 & VntbRegisters.LinkUp) != 0;
    }

    public async ValueTask<Errno> RingPeerAsync(ulong doorbells)
    {
        if ((doorbells & ~OwnDoorbells.ValidMask) != 0) return Errno.EINVAL;
        for (var i = 0; doorbells >> i != 0; i++)
            if ((doorbells >> i & 1) != 0)
                await _host.Write32Async(_rings[i].Address, _rings[i].Data);
        return Errno.None;
    }

    public ValueTask<uint> ReadScratchpadAsync(int index) => ReadScratchpadAsync(index, 0);

    public ValueTask<Errno> WriteScratchpadAsync(int index, uint value) => WriteScratchpadAsync(index, 0, value);

    public ValueTask<uint> ReadPeerScratchpadAsync(int index) => ReadScratchpadAsync(index, ScratchpadCount);

    public ValueTask<Errno> WritePeerScratchpadAsync(int index, uint value) => WriteScratchpadAsync(index, ScratchpadCount, value);

    /// <summary>Registers are the endpoint's memory and may hold anything: what does not fit the BARs is no virtual NTB.</summary>
    private static async ValueTask<Setup?> ReadSetupAsync(Host host, AddressRange config, AddressRange doorbells, NtbEpfBars bars)
    {
        if (config.Size < VntbRegisters.Bytes) return null;
        var windows = await host.Read32Async(config.Base + VntbRegisters.WindowCount);
        var offset = await host.Read32Async(config.Base + VntbRegisters.ScratchpadOffset);
        var scratchpads = await host.Read32Async(config.Base + VntbRegisters.ScratchpadCount);
        if (windows is 0 || windows > bars.Windows.Count || offset % 4 != 0 || scratchpads > Limits.MaxVntbScratchpads || offset + 8ul * scratchpads > config.Size) return null;
        if (await ReadRingsAsync(host, config, doorbells) is not { } rings) return null;
        return new Setup((int)windows, (int)offset, (int)scratchpads, rings);
    }

    /// <summary>What to write where for each doorbell. The endpoint has so many slots as have something to write.</summary>
    private static async ValueTask<(ulong, uint)[]?> ReadRingsAsync(Host host, AddressRange config, AddressRange doorbells)
    {
        var rings = new List<(ulong, uint)>();
        var entryBytes = await host.Read32Async(config.Base + VntbRegisters.DoorbellEntryBytes);
        for (var slot = VntbRegisters.FirstDoorbellSlot; slot < Limits.MaxVntbSlots; slot++)
        {
            var data = await host.Read32Async(config.Base + (ulong)VntbRegisters.DoorbellData(slot));
            if (data == 0) break;
            var at = entryBytes * (ulong)slot + await host.Read32Async(config.Base + (ulong)VntbRegisters.DoorbellOffset(slot));
            if (at % 4 != 0 || at + 4 > doorbells.Size) return null;
            rings.Add((doorbells.Base + at, data));
        }
        return [.. rings];
    }

    private ValueTask InterruptedAsync(int index)
    {
        if (index == VntbRegisters.LinkSlot) LinkChanged?.Invoke();
        else if (index >= VntbRegisters.FirstDoorbellSlot && index - VntbRegisters.FirstDoorbellSlot < _rings.Length) OwnDoorbells.Ring(1ul << (index - VntbRegisters.FirstDoorbellSlot));
        else UnexpectedInterrupts++;
        return ValueTask.CompletedTask;
    }

    private async ValueTask<uint> ReadScratchpadAsync(int index, int first) =>
        (uint)index < ScratchpadCount ? await ReadAsync(_scratchpadOffset + 4 * (first + index)) : 0;

    private async ValueTask<Errno> WriteScratchpadAsync(int index, int first, uint value)
    {
        if ((uint)index >= ScratchpadCount) return Errno.EINVAL;
        await WriteAsync(_scratchpadOffset + 4 * (first + index), value);
        return Errno.None;
    }

    private ValueTask<uint> ReadAsync(int register) => _host.Read32Async(_registers + (ulong)register);

    private ValueTask WriteAsync(int register, uint value) => _host.Write32Async(_registers + (ulong)register, value);
}
