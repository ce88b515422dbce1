using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.Topologies.Enumerated;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Live;

/// <summary>One function of a live fabric, for one guest at a time.</summary>
public sealed class FunctionDevice : IVfioUserDevice
{
    private readonly LiveFabric _live;
    private readonly LivePlace _place;
    private readonly FunctionRegisters _registers;
    private readonly FunctionInterrupts _interrupts;
    private readonly Guest _guest;

    /// <param name="host">Of the live fabric, by number.</param>
    public FunctionDevice(LiveFabric live, int host, LocatedFunction function)
    {
        (_live, Function, _place) = (live, function, new LivePlace(host, function.Hierarchy));
        _guest = new Guest(this, _place);
        _registers = new FunctionRegisters(live, _place, function);
        _interrupts = new FunctionInterrupts(live, _place, _registers, _guest);
        Description = Describe();
        // Firmware enabled it; whoever attaches finds it as after a reset.
        _live.Together(() => ResetFunction());
    }

    public LocatedFunction Function { get; }

    public DeviceDescription Description { get; }

    /// <summary>Somebody is attached.</summary>
    public bool IsAttached => _guest.Client is not null;

    public void Attached(IVfioUserClient client)
    {
        _guest.Client = client;
        _live.Join(_guest, Function.Found.Bdf);
    }

    /// <summary>First the function is kept from doing anything, then reset; what it still had under way fails. All of that before anybody else may attach.</summary>
    public void Detached(IVfioUserClient client)
    {
        _live.Together(() =>
        {
            _interrupts.Forget();
            ResetFunction();
            _live.Leave(_guest);
            return true;
        });
    }

    public Errno Read(RegionIndex region, ulong offset, Span<byte> into)
    {
        if (region == RegionIndex.Config) ReadConfiguration(offset, into);
        else if (_registers.Bars[(int)region] is not { } bar) into.Fill(0xFF);
        else if (bar.Kind == BarKind.Io) ReadIo(bar.Range.Base + offset, into);
        else if (_interrupts.IsTable((int)region, offset)) into.Fill(0xFF);
        else _live.ReadMemory(_place, bar.Range.Base + offset, into);
        return Errno.None;
    }

    public Errno Write(RegionIndex region, ulong offset, ReadOnlySpan<byte> data)
    {
        if (region == RegionIndex.Config) WriteConfiguration(offset, data);
        else if (_registers.Bars[(int)region] is not { } bar) return Errno.None;
        else if (bar.Kind == BarKind.Io) WriteIo(bar.Range.Base + offset, data);
        else if (!_interrupts.IsTable((int)region, offset)) _live.WriteMemory(_place, bar.Range.Base + offset, data);
        return Errno.None;
    }

    public Errno Reset()
    {
        _live.Together(() => ResetFunction());
        return Errno.None;
    }

    public void InterruptsChanged(InterruptIndex index, InterruptChange change, int start, int count) => _live.Together(() =>
    {
        _interrupts.Changed(index, change, start, count);
        return true;
    });

    private DeviceDescription Describe() =>
        new DeviceDescription(_registers.ReadFabric(Limits.ConventionalConfigSpaceBytes) == uint.MaxValue ? Limits.ConventionalConfigSpaceBytes : Limits.ConfigSpaceBytes)
        {
            [RegionIndex.Bar0] = RegionOf(0),
            [RegionIndex.Bar1] = RegionOf(1),
            [RegionIndex.Bar2] = RegionOf(2),
            [RegionIndex.Bar3] = RegionOf(3),
            [RegionIndex.Bar4] = RegionOf(4),
            [RegionIndex.Bar5] = RegionOf(5),
            HasIntx = _interrupts.HasLine,
            MsiVectors = _interrupts.MsiVectors,
            MsiXVectors = _interrupts.MsiXVectors,
        };

    private RegionDescription RegionOf(int bar) => _registers.Bars[bar] is { } there ? new RegionDescription(there.Range.Size) : new RegionDescription(0, Readable: false, Writable: false);

    private void ReadConfiguration(ulong offset, Span<byte> into)
    {
        var pieces = new DwordPieces(offset, into.Length);
        while (pieces.MoveNext()) pieces.Take(_registers.Read((int)pieces.Dword), into);
    }

    private void WriteConfiguration(ulong offset, ReadOnlySpan<byte> data)
    {
        var pieces = new DwordPieces(offset, data.Length);
        while (pieces.MoveNext()) WriteDword((int)pieces.Dword, pieces.Give(data), pieces.Enables);
    }

    private void WriteDword(int dword, uint value, int enables)
    {
        using (_live.Enter())
        {
            _registers.Write(dword, value, enables);
            if (_registers.WantsReset) ResetFunction();
            else if (FunctionRegisters.MovesBars(dword)) _live.UpdatePeers();
        }
    }

    private void ReadIo(ulong address, Span<byte> into)
    {
        var pieces = new DwordPieces(address, into.Length);
        while (pieces.MoveNext()) pieces.Take(_live.ReadIo(_place, (uint)pieces.Dword, pieces.Enables), into);
    }

    private void WriteIo(ulong address, ReadOnlySpan<byte> data)
    {
        var pieces = new DwordPieces(address, data.Length);
        while (pieces.MoveNext()) _live.WriteIo(_place, (uint)pieces.Dword, pieces.Give(data), pieces.Enables);
    }

    private bool ResetFunction()
    {
        _registers.WantsReset = false;
        _registers.StartReset();
        _registers.Reset();
        _interrupts.Restore();
        _live.UpdatePeers();
        return true;
    }

    private sealed class Guest(FunctionDevice owner, LivePlace place) : LiveGuest(place)
    {
        public override IEnumerable<(AddressRange Range, ulong FabricAddress)> OpenBars => owner._registers.IsMemoryEnabled ? owner._registers.Bars.MemoryRanges() : [];

        public override void Interrupted(Bdf function, ulong address, uint data, object gate) => owner._interrupts.Sent(data);

        public override bool TakeLine() => owner._interrupts.TakeLine();
    }
}
