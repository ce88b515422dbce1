using System.Numerics;
using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.NonTransparentBridges;
using PcieFabric.Requests;

namespace PcieFabric.EndpointFunctions.EpfVntbs;

/// <summary>
/// A virtual non-transparent bridge (Linux: <c>pci-epf-vntb</c>): the host has a function with registers, doorbells and memory windows, and software of the endpoint the same
/// bridge from its other side, as an <see cref="INtbPort"/>. Registers are to the bit those of Linux; what Linux leaves open is done as docs/vntb.md says.
/// </summary>
public sealed partial class EpfVntb : BoundFunction, INtbPort
{
    private const int MsiXEntryBytes = 16;

    private static readonly int ScratchpadOffset = (int)BitOperations.RoundUpToPowerOf2(VntbRegisters.Bytes);

    /// <summary>Held by whoever changes the link, a window or what the controller knows of them.</summary>
    private readonly SoftwareMutex _changes = new();

    private BarSettings? _config;
    private BarSettings? _doorbellBar;
    private DoorbellSet? _doorbells;
    private VntbWindow[] _windows = [];

    /// <summary>The controller has started, so that header and capabilities are what they are.</summary>
    private bool _isComposed;

    public EpfVntb(EpfVntbOptions options)
    {
        Options = options;
        OwnDoorbells = new NtbDoorbells((1ul << (options.DoorbellSlots - VntbRegisters.FirstDoorbellSlot)) - 1);
    }

    public EpfVntbOptions Options { get; }

    /// <summary>Its BARs are set, and it looks after the host's commands.</summary>
    public bool IsBound { get; private set; }

    /// <summary>BARs in the order of config region, doorbells, windows; none while it is not bound.</summary>
    public IReadOnlyList<int> Bars => IsBound ? [_config!.Bar, _doorbellBar!.Bar, .. _windows.Select(window => window.Bar.Bar)] : [];

    /// <summary>What the controller refused, oldest first.</summary>
    public List<ControllerResult> Refusals { get; } = [];

    /// <summary>Commands taken from the register, wrong ones too.</summary>
    public long Commands { get; private set; }

    /// <summary>Commands that were answered by an error.</summary>
    public long FailedCommands { get; private set; }

    private int MsiXOffset => ScratchpadOffset + 2 * 4 * Options.Scratchpads;

    protected internal override async Task BindAsync()
    {
        var features = Controller.Features;
        if (!features.Interrupts.Msi && !features.Interrupts.MsiX) return;
        if (!TryChooseBars(features)) return;
        if (!await SetBarsAsync(features))
        {
            await ReleaseAsync();
            return;
        }
        if (!_isComposed) await ComposeAsync(features);
        WriteRegisters();
        IsBound = true;
        BeginPolling();
    }

    protected internal override async Task UnbindAsync()
    {
        if (!IsBound) return;
        EndPolling();
        while (_isPolling) await DelayAsync(Options.PollInterval);
        using (await _changes.EnterAsync())
        {
            // While there still is somebody to tell.
            _ownEnabled = false;
            await SettleLinkAsync();
            IsBound = false;
            await LoseHostAsync();
            await ReleaseAsync();
            OwnDoorbells.Close();
        }
    }

    protected internal override void Happened(ControllerEventKind what)
    {
        switch (what)
        {
            case ControllerEventKind.Started:
                _isComposed = true;
                break;
            case ControllerEventKind.FunctionLevelReset or ControllerEventKind.HotReset when IsBound:
                _hostLives++;
                foreach (var window in _windows) window.Revoke();
                IsLinkUp = false;
                WriteRegisters();
                Start(HostWasResetAsync);
                break;
        }
    }

    /// <summary>The first free BARs, as Linux takes them. Without a config region, doorbells and a window there is no bridge; further windows are had if there are BARs for them.</summary>
    private bool TryChooseBars(ControllerProfile features)
    {
        var msiX = features.Interrupts.MsiX ? Options.DoorbellSlots * MsiXEntryBytes + (Options.DoorbellSlots + 63) / 64 * 8 : 0;
        ulong[] sizes = [(ulong)(MsiXOffset + msiX), (ulong)(sizeof(uint) * Options.DoorbellSlots), .. Options.WindowBytes];
        var bars = new List<BarSettings>();
        for (var bar = features.NextFreeBar(); bar >= 0 && bars.Count < sizes.Length; bar = features.NextFreeBar(bar + 1))
        {
            var kind = features.Bars[bar];
            var size = bars.Count >= 2 && kind.Use == BarUse.Fixed ? kind.SizeBytes : kind.SizeFor(sizes[bars.Count]);
            if (size != 0) bars.Add(new BarSettings(bar, BarSubrange.Nowhere, size, kind.Only64Bit ? BarFlags.Memory64 : BarFlags.None));
        }
        if (bars.Count < 3 || !Memory.TryAllocate(bars[0].SizeBytes, Math.Max(features.Inbound.AlignmentBytes, Limits.RequestBoundaryBytes), out var registers)) return false;
        (_config, _doorbellBar, _windows) = (bars[0] with { LocalAddress = registers }, bars[1], [.. bars.Skip(2).Select(bar => new VntbWindow(bar))]);
        Memory.Span(registers, (int)_config.SizeBytes).Clear();
        return true;
    }

    private async Task<bool> SetBarsAsync(ControllerProfile features)
    {
        if (!Keep(await Controller.SetBarAsync(_config!)).IsSuccess || !await SetDoorbellsAsync(features)) return false;
        var set = 0;
        while (set < _windows.Length && Keep(await Controller.SetBarAsync(_windows[set].Bar)).IsSuccess) set++;
        _windows = _windows[..set];
        return set > 0;
    }

    /// <summary>One doorbell for each slot, as Linux has it: so none that rings has a number that is zero.</summary>
    private async Task<bool> SetDoorbellsAsync(ControllerProfile features)
    {
        var kind = Options.Doorbells ?? (Doorbells.Supports(DoorbellKind.Its) ? DoorbellKind.Its : DoorbellKind.Polled);
        var window = Math.Max(_doorbellBar!.SizeBytes, features.Inbound.AlignmentBytes);
        var (result, set) = await Doorbells.AllocateAsync(new DoorbellRequest(Options.DoorbellSlots, kind, window) { PollInterval = Options.PollInterval });
        if (!Keep(result).IsSuccess) return false;
        _doorbells = set;
        foreach (var doorbell in set!) doorbell.Handler = Heard;
        return Keep(await Controller.SetBarAsync(_doorbellBar with { LocalAddress = set.WindowAddress })).IsSuccess;
    }

    private void Heard(Doorbell doorbell)
    {
        if (doorbell.Number >= VntbRegisters.FirstDoorbellSlot) OwnDoorbells.Ring(1ul << (doorbell.Number - VntbRegisters.FirstDoorbellSlot));
    }

    private async Task ComposeAsync(ControllerProfile features)
    {
        Keep(await Controller.WriteHeaderAsync(Options.Header));
        if (features.Interrupts.Msi) Keep(await Controller.SetMsiAsync(Options.DoorbellSlots));
        if (features.Interrupts.MsiX) Keep(await Controller.SetMsiXAsync(Options.DoorbellSlots, _config!.Bar, (uint)MsiXOffset));
    }

    private async Task ReleaseAsync()
    {
        foreach (var window in _windows) await Controller.ClearBarAsync(window.Bar.Bar);
        await Controller.ClearBarAsync(_doorbellBar!.Bar);
        await Controller.ClearBarAsync(_config!.Bar);
        if (_doorbells is { } set) await Doorbells.FreeAsync(set);
        _doorbells = null;
        Memory.Free(_config.LocalAddress);
        _windows = [];
    }

    /// <summary>What the host may read but not rely on to stay: it is memory, and the host may write it. Nothing of it is read back.</summary>
    private void WriteRegisters()
    {
        Memory.Span(_config!.LocalAddress, VntbRegisters.Bytes).Clear();
        this[VntbRegisters.WindowCount] = (uint)_windows.Length;
        this[VntbRegisters.ScratchpadOffset] = (uint)ScratchpadOffset;
        this[VntbRegisters.ScratchpadCount] = (uint)Options.Scratchpads;
        // Entries of no size: where each doorbell is, its own offset says.
        foreach (var doorbell in _doorbells!)
        {
            this[VntbRegisters.DoorbellData(doorbell.Number)] = doorbell.Data;
            this[VntbRegisters.DoorbellOffset(doorbell.Number)] = (uint)doorbell.Offset;
        }
    }

    private uint this[int register]
    {
        get => Memory.ReadUInt32(_config!.LocalAddress + (ulong)register);
        set => Memory.WriteUInt32(_config!.LocalAddress + (ulong)register, value);
    }

    private ulong Wide(int low) => this[low] | (ulong)this[low + 4] << 32;

    private void WriteHalf(int register, ushort value) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(Memory.Span(_config!.LocalAddress + (ulong)register, sizeof(ushort)), value);

    private ControllerResult Keep(ControllerResult result)
    {
        if (!result.IsSuccess) Refusals.Add(result);
        return result;
    }
}
