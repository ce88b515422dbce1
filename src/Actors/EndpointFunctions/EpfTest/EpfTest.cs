using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;

namespace PcieFabric.EndpointFunctions.EpfTests;

/// <summary>
/// The endpoint test function of Linux (<c>pci-epf-test</c>): the host writes a command into its registers, it looks at them every millisecond, carries the
/// command out, and interrupts. It is to behave, to the bit, as the kernel's own, so that the kernel's driver cannot tell the difference.
/// </summary>
public sealed partial class EpfTest(EpfTestOptions options) : BoundFunction
{
    private const int MsiXEntryBytes = 16;

    private static readonly SimTime PollInterval = SimTime.FromMilliseconds(1);

    private readonly BarSettings?[] _bars = new BarSettings?[ControllerProfile.BarCount];
    private int _registerBar = -1;
    private ulong _registers;
    private int _polls;
    private bool _isPolling;

    /// <summary>The BAR with the registers; -1 while the function is not bound, or where the controller has no free BAR.</summary>
    public int RegisterBar => _registerBar;

    /// <summary>BARs that the controller let it have.</summary>
    public IEnumerable<int> Bars => _bars.OfType<BarSettings>().Select(bar => bar.Bar);

    /// <summary>What the controller refused, oldest first.</summary>
    public List<ControllerResult> Refusals { get; } = [];

    /// <summary>Commands taken from the register, wrong ones too.</summary>
    public long Commands { get; private set; }

    /// <summary>Commands that are none, or that ask for what the function has not; the host gets no answer.</summary>
    public long InvalidCommands { get; private set; }

    protected internal override async Task BindAsync()
    {
        var features = Controller.Features;
        _registerBar = features.NextFreeBar();
        if (_registerBar < 0) return;
        AllocateBars(features);
        if (_bars[_registerBar] is null)
        {
            _registerBar = -1;
            return;
        }
        if (Controller.VirtualFunction <= 1) Keep(await Controller.WriteHeaderAsync(options.Header));
        WriteCapabilities(features);
        foreach (var bar in _bars.OfType<BarSettings>().ToArray())
        {
            if (Keep(await Controller.SetBarAsync(bar)).IsSuccess) continue;
            // A BAR that cannot be had is no reason to give up, unless the registers are there.
            Memory.Free(bar.LocalAddress);
            _bars[bar.Bar] = null;
            if (bar.Bar == _registerBar) return;
        }
        if (features.Interrupts.Msi) Keep(await Controller.SetMsiAsync(options.MsiInterrupts));
        if (features.Interrupts.MsiX) Keep(await Controller.SetMsiXAsync(options.MsiXInterrupts, _registerBar, EpfTestRegisters.AreaBytes));
        if (!features.NotifiesLinkUp) BeginPolling();
    }

    protected internal override async Task UnbindAsync()
    {
        EndPolling();
        while (_isPolling) await DelayAsync(PollInterval);
        await ReleaseDoorbellAsync();
        foreach (var bar in _bars.OfType<BarSettings>().ToArray())
        {
            Keep(await Controller.ClearBarAsync(bar.Bar));
            Memory.Free(bar.LocalAddress);
            _bars[bar.Bar] = null;
        }
        _registerBar = -1;
    }

    protected internal override void Happened(ControllerEventKind what)
    {
        if (what == ControllerEventKind.LinkUp) BeginPolling();
        if (what == ControllerEventKind.LinkDown) EndPolling();
    }

    private ControllerResult Keep(ControllerResult result)
    {
        if (!result.IsSuccess) Refusals.Add(result);
        return result;
    }

    private void AllocateBars(ControllerProfile features)
    {
        var msiX = features.Interrupts.MsiX ? options.MsiXInterrupts * MsiXEntryBytes + (options.MsiXInterrupts + 63) / 64 * 8 : 0;
        Allocate(features, _registerBar, (ulong)(EpfTestRegisters.AreaBytes + msiX));
        if (_bars[_registerBar] is { } registers) _registers = registers.LocalAddress;
        for (var bar = features.NextFreeBar(); bar >= 0; bar = features.NextFreeBar(bar + 1))
        {
            if (bar != _registerBar) Allocate(features, bar, features.Bars[bar].Use == BarUse.Fixed ? features.Bars[bar].SizeBytes : options.BarSizes[bar]);
        }
    }

    /// <summary>As Linux's <c>pci_epf_alloc_space</c>: the size that the BAR can have, in memory as the controller aligns it.</summary>
    private void Allocate(ControllerProfile features, int bar, ulong sizeBytes)
    {
        var kind = features.Bars[bar];
        var size = kind.SizeFor(sizeBytes);
        if (size == 0) return;
        if (!Memory.TryAllocate(size, Math.Max(features.Inbound.AlignmentBytes, Limits.RequestBoundaryBytes), out var address)) return;
        Memory.Span(address, (int)size).Clear();
        _bars[bar] = new BarSettings(bar, address, size, kind.Only64Bit || size > uint.MaxValue ? BarFlags.Memory64 : BarFlags.None);
    }

    private void WriteCapabilities(ControllerProfile features)
    {
        var capabilities = EpfTestCapabilities.None;
        if (features.Outbound.AlignsAddresses) capabilities |= EpfTestCapabilities.UnalignedAccess;
        if (features.Interrupts.Msi) capabilities |= EpfTestCapabilities.Msi;
        if (features.Interrupts.MsiX) capabilities |= EpfTestCapabilities.MsiX;
        if (features.Interrupts.Intx == IntxSupport.Declared) capabilities |= EpfTestCapabilities.Intx;
        if (features.Inbound.IsDynamic) capabilities |= EpfTestCapabilities.DynamicInboundMapping;
        if (features.Inbound is { IsDynamic: true, HasSubranges: true }) capabilities |= EpfTestCapabilities.SubrangeMapping;
        for (var bar = 0; bar < ControllerProfile.BarCount; bar++)
            if (features.Bars[bar].Use == BarUse.Reserved)
                capabilities |= (EpfTestCapabilities)((uint)EpfTestCapabilities.Bar0Reserved << bar);
        this[EpfTestRegisters.Capabilities] = (uint)capabilities;
        this[EpfTestRegisters.DoorbellBar] = EpfTestRegisters.NoBar;
    }

    private uint this[int register]
    {
        get => Memory.ReadUInt32(_registers + (ulong)register);
        set => Memory.WriteUInt32(_registers + (ulong)register, value);
    }

    private ulong Address(int low) => this[low] | (ulong)this[low + 4] << 32;

    private void BeginPolling()
    {
        if (_registerBar < 0) return;
        var poll = ++_polls;
        Start(() => PollAsync(poll));
    }

    private void EndPolling() => _polls++;

    /// <summary>Only one at a time: a later one waits until the command in hand is done, as a work item of the kernel's does.</summary>
    private async Task PollAsync(int poll)
    {
        while (_isPolling) await DelayAsync(PollInterval);
        _isPolling = true;
        while (poll == _polls)
        {
            await HandleCommandAsync();
            if (poll == _polls) await DelayAsync(PollInterval);
        }
        _isPolling = false;
    }
}
