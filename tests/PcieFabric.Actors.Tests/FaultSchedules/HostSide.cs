using PcieFabric.Actors.Tests.EndpointControllers;
using PcieFabric.Addressing;
using PcieFabric.AddressTranslation;
using PcieFabric.Memory;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.RootComplexes.PeerToPeer;

namespace PcieFabric.Actors.Tests.FaultSchedules;

/// <summary>The host's software: sets up all that there is, works with every function while faults happen, sets up anew what they left, and sees whether all of it works.</summary>
internal sealed class HostSide(Random random, bool hasGuards, bool peersBypass, PayloadPool payloads)
{
    private const int BufferBytes = 1 << 20;

    /// <summary>What a driver waits longer for than this is left alone.</summary>
    private static readonly SimTime Patience = SimTime.FromMilliseconds(3);

    /// <summary>Test functions look for a command every millisecond.</summary>
    private static readonly SimTime Slow = SimTime.FromMilliseconds(12);

    private readonly List<Task> _abandoned = [];
    private readonly HashSet<Bdf> _attached = [];
    private readonly SortedDictionary<string, int> _notes = [];
    private EnumeratedHierarchy? _tree;
    private IommuDomain? _passThrough;

    public Host Host { get; private set; } = null!;

    public SavedConfiguration Saved { get; private set; } = null!;

    public PeerGuardSetup? Guards { get; private set; }

    public IommuDomain? Mapped { get; private set; }

    /// <summary>Of the host's memory, for DMA.</summary>
    public ulong Buffer { get; private set; }

    public PayloadPool Payloads => payloads;

    public List<EnumeratedFunction> Functions { get; } = [];

    public List<EnumeratedFunction> Bridges { get; } = [];

    /// <summary>Bridges with a link below.</summary>
    public List<EnumeratedFunction> Ports { get; } = [];

    /// <summary>What the software has to tell, and how often.</summary>
    public IReadOnlyDictionary<string, int> Notes => _notes;

    /// <summary>Functions that did not work in the end.</summary>
    public List<string> Broken { get; } = [];

    public int Worked { get; private set; }

    /// <summary>Code of a driver that failed although nobody waited for it any more.</summary>
    public IEnumerable<Exception> Failures => _abandoned.Where(task => task.IsFaulted).Select(task => task.Exception!.InnerException!);

    public void Note(string what) => _notes[what] = _notes.GetValueOrDefault(what) + 1;

    public async Task RunAsync(Host host)
    {
        Host = host;
        Buffer = host.Memory.Allocate(BufferBytes, 4096);
        host.Requesters[0].CompletionTimeout = SimTime.FromMicroseconds(300);
        await UntilAsync(Schedule.Settled);
        await SetUpAsync();
        var users = await ProbeAsync();
        Saved = await SavedConfiguration.OfAsync(host, _tree!);
        await Task.WhenAll([.. users.Select(WorkAsync), InflictAsync()]);
        await UntilAsync(Schedule.Over);
        await Task.WhenAll(users.Select(user => WithinAsync(user.Remove())));
        await RecoverAsync();
        users = await ProbeAsync();
        await Task.WhenAll(users.Select(SeeWhetherItWorksAsync));
        await Task.WhenAll(users.Select(user => WithinAsync(user.Remove())));
    }

    public async Task ToggleVirtualFunctionsAsync(bool enable)
    {
        foreach (var physical in _tree!.Functions.Where(function => function.TotalVfs > 0))
        {
            var enumerator = new Enumerator(Host.Configuration[0], Options());
            await enumerator.DisableVirtualFunctionsAsync(physical);
            if (enable) await enumerator.EnableVirtualFunctionsAsync(physical, random.Next(1, physical.TotalVfs + 1));
        }
    }

    private ValueTask UntilAsync(SimTime time) => Host.DelayAsync(time > Host.Now ? time - Host.Now : SimTime.Zero);

    private EnumeratorOptions Options()
    {
        var own = Host.Hierarchies[0];
        return new EnumeratorOptions { Memory = own.Memory, PrefetchableMemory = own.Prefetchable, Io = own.Io, VirtualFunctions = 4 };
    }

    private async Task SetUpAsync()
    {
        _tree = await new Enumerator(Host.Configuration[0], Options()).RunAsync();
        Functions.Clear();
        Bridges.Clear();
        Ports.Clear();
        foreach (var function in _tree.Functions)
        {
            if (!function.IsBridge) Functions.AddRange([function, .. function.VirtualFunctions]);
            else Bridges.Add(function);
            if (function.IsBridge && function.Children.Count > 0 && !function.Children.All(child => child.IsBridge && function.Bdf.Bus != 0 && child.Bdf.Device != 0)) Ports.Add(function);
        }
        if (hasGuards) Guards = await PeerGuardSetup.LoadAsync(Host, 0, _tree);
        if (random.Next(3) == 0) await new AccessControlSetup(Host.Configuration[0]).EnableIsolationAsync(_tree);
        await AttachAsync();
    }

    /// <summary>Most functions reach the buffer and each other, some all memory, some nothing. Once faults are over all reach everything.</summary>
    private async Task AttachAsync()
    {
        if (Host.Iommu is not { } iommu) return;
        if (Mapped is null)
        {
            (Mapped, _passThrough) = (iommu.CreateDomain(), iommu.CreateDomain(passThrough: true));
            await iommu.MapAsync(Mapped, Buffer, Buffer, BufferBytes, PagePermissions.ReadWrite);
            // Where peers are reached past the IOMMU there is nothing to map.
            foreach (var bar in Functions.SelectMany(function => function.Bars).Where(bar => !peersBypass && bar.Range.Size >= 4096))
                await iommu.MapAsync(Mapped, bar.Range.Base, bar.Range.Base, bar.Range.Size, PagePermissions.ReadWrite);
        }
        foreach (var function in Functions)
        {
            if (Host.Now < Schedule.Over && random.Next(8) == 0) continue;
            if (_attached.Remove(function.Bdf)) await iommu.DetachAsync(function.Bdf);
            var depth = function.FindExtendedCapability(ConfigSpaces.Capabilities.ExtendedCapabilityId.AddressTranslationServices) is not null && Host.Now < Schedule.Over ? 8 : 0;
            await iommu.AttachAsync(Host.Now < Schedule.Over && random.Next(3) > 0 ? Mapped : _passThrough!, function.Bdf, atsDepth: depth);
            _attached.Add(function.Bdf);
            if (depth > 0) await Host.Configuration[0].WriteAsync(function.Bdf, function.FindExtendedCapability(ConfigSpaces.Capabilities.ExtendedCapabilityId.AddressTranslationServices)!.Value + 4, 0x8000_0000, 0b1100);
        }
    }

    private async Task<List<FunctionUser>> ProbeAsync()
    {
        List<ulong> targets = [Buffer, .. Functions.SelectMany(function => function.Bars).Select(bar => bar.Range.Base), Buffer, 0x7000_0000_0000];
        var users = new List<FunctionUser>();
        foreach (var function in Functions)
            if (await FunctionUser.ProbeAsync(Host, function, targets) is { } user) users.Add(user);
        return users;
    }

    private async Task WorkAsync(FunctionUser user)
    {
        while (Host.Now < Schedule.LastFault)
        {
            await Host.DelayAsync(SimTime.FromMicroseconds(random.Next(400)));
            Note(await WithinAsync(user.Operate(random)) ? "operations ended" : "operations given up");
        }
    }

    private async Task InflictAsync()
    {
        var faults = new HostFaults(this, random);
        while (Host.Now < Schedule.LastFault)
        {
            await Host.DelayAsync(SimTime.FromMicroseconds(random.Next(1000)));
            await faults.InflictAsync();
            Note("faults");
        }
    }

    /// <returns>False if it takes too long, or failed.</returns>
    private async Task<bool> WithinAsync(Task task, SimTime? patience = null)
    {
        await Task.WhenAny(task, Host.DelayAsync(patience ?? Patience).AsTask());
        if (!task.IsCompletedSuccessfully) _abandoned.Add(task);
        return task.IsCompletedSuccessfully;
    }

    /// <summary>Root ports as they were, a hot reset of everything, and all from the beginning.</summary>
    private async Task RecoverAsync()
    {
        await Saved.RestoreAsync();
        await HotResetAllAsync();
        await UntilAsync(Schedule.EndpointsReady);
        await HotResetAllAsync();
        await UntilAsync(Schedule.Recovered);
        await SetUpAsync();
    }

    private async Task HotResetAllAsync()
    {
        foreach (var port in _tree!.RootBus.Where(function => function.IsBridge)) await Host.HotResetAsync(port);
    }

    private async Task SeeWhetherItWorksAsync(FunctionUser user)
    {
        var works = user.Works();
        var wrong = await WithinAsync(works, Slow) ? await works : "never ends";
        if (wrong.Length == 0) Worked++;
        else Broken.Add($"{user.Function.Bdf} ({user.Function.Identity.VendorId:x4}:{user.Function.Identity.DeviceId:x4}): {wrong}");
    }
}
