using PcieFabric.DmaEngines;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions;
using PcieFabric.EndpointFunctions.EpfDoorbells;
using PcieFabric.EndpointFunctions.EpfVntbs;

namespace PcieFabric.Actors.Tests.FaultSchedules;

/// <summary>What happens at the endpoint of one function of a controller: its operator binds and unbinds, its software asks for more than there is, its DMA lists have no end.</summary>
internal sealed class EndpointSide(BoundFunctionActor actor, Random random)
{
    private const int MoreThanAllWindows = 70;

    private readonly SortedDictionary<string, int> _outcomes = [];

    /// <summary>How what was asked ended, and how often.</summary>
    public IReadOnlyDictionary<string, int> Outcomes => _outcomes;

    /// <summary>A DMA test gives nothing back.</summary>
    private bool CanUnbind => actor.Function is not BoundDmaTest;

    /// <summary>Where windows do not move while the controller runs, a function that was unbound is gone.</summary>
    private bool CanRebind => CanUnbind && actor.Controller.Features.Inbound.IsDynamic;

    public bool IsUnbound { get; private set; }

    /// <summary>Of the function's memory.</summary>
    public ulong AllocatedBytes => actor.Memory.AllocatedBytes;

    public async Task RunAsync(BoundSoftware software)
    {
        await software.DelayAsync(Schedule.Settled - software.Now);
        while (software.Now < Schedule.LastFault)
        {
            await software.DelayAsync(SimTime.FromMicroseconds(random.Next(2500)));
            if (software.Now < Schedule.LastFault) await ActAsync(software);
        }
        if (actor.Function is EpfVntb bridge) Note("link", await bridge.EnableLinkAsync());
        if (actor.Function is EpfDoorbell && CanRebind)
        {
            // The registers that say where its doorbells are lie in memory, and the host has written anything there.
            if (software.Now < Schedule.Over) await software.DelayAsync(Schedule.Over - software.Now);
            await RebindAsync(software);
        }
        if (software.Now > Schedule.EndpointsReady) throw new TimeoutException($"an endpoint's software was busy until {software.Now}");
        await software.DelayAsync(Schedule.Unbind - software.Now);
        if (!CanUnbind) return;
        await software.UnbindAsync();
        IsUnbound = true;
    }

    private Task ActAsync(BoundSoftware software) => random.Next(9) switch
    {
        0 when CanRebind => RebindAsync(software),
        1 => RestartAsync(software),
        2 => ExhaustWindowsAsync(software),
        3 or 4 => TransferAsync(software),
        5 => RunListsAsync(software),
        6 => InterruptAsync(software),
        _ => actor.Function switch
        {
            EpfDoorbell bells => ChangeAsync(software, bells),
            EpfVntb bridge => UseAsync(software, bridge),
            _ => TransferAsync(software),
        },
    };

    private async Task RebindAsync(BoundSoftware software)
    {
        await software.UnbindAsync();
        await software.DelayAsync(Micro(random.Next(500)));
        await software.BindAsync();
        Note("rebinds", null);
    }

    private async Task RestartAsync(BoundSoftware software)
    {
        Note("stop", (await software.Controller.StopAsync()).Rule);
        await software.DelayAsync(Micro(random.Next(1, 500)));
        Note("start", (await software.Controller.StartAsync()).Rule);
    }

    private async Task ExhaustWindowsAsync(BoundSoftware software)
    {
        var windows = new List<ulong>();
        for (var i = 0; i < MoreThanAllWindows; i++)
        {
            var result = await software.Controller.MapAddressAsync(0x10_0000ul * (ulong)i + (ulong)(random.Next(20) == 0 ? 1 : 0), (ulong)random.Next(1, 4096));
            Note("map", result.Rule);
            if (result.IsSuccess) windows.Add(result.Value);
        }
        await software.DelayAsync(Micro(random.Next(200)));
        foreach (var window in windows) Note("unmap", (await software.Controller.UnmapAddressAsync(window)).Rule);
        if (windows.Count > 0) Note("unmap twice", (await software.Controller.UnmapAddressAsync(windows[0])).Rule);
    }

    /// <summary>More at once than the engine takes, to and from anywhere.</summary>
    private async Task TransferAsync(BoundSoftware software)
    {
        if (!software.Memory.TryAllocate(8192, 4096, out var buffer)) return;
        var transfers = new List<Task<ControllerResult>>();
        for (var i = random.Next(3) == 0 ? 100 : random.Next(1, 5); i > 0; i--)
        {
            var direction = (DmaDirection)random.Next(3);
            var (local, bus) = (random.Next(6) == 0 ? 1ul << 46 : buffer, random.Next(6) == 0 ? 0x6000_0000_0000 : 0x20_0000ul + (ulong)random.Next(65536));
            var toBus = direction == DmaDirection.MemoryToDevice;
            transfers.Add(software.Controller.TransferAsync(direction, toBus ? local : bus, toBus ? bus : local, (ulong)random.Next(1, 8192)).AsTask());
        }
        foreach (var transfer in transfers) Note("transfer", (await transfer).Rule);
        software.Memory.Free(buffer);
    }

    /// <summary>A list that loops for ever until it is stopped, one whose links lead nowhere, and one that is noise.</summary>
    private async Task RunListsAsync(BoundSoftware software)
    {
        if (actor.EmbeddedDma is not { } dma || dma.WriteChannels == 0 || !software.Memory.TryAllocate(4096, 4096, out var list)) return;
        var channel = await dma.TakeAsync(write: true);
        var elements = random.Next(3) switch
        {
            0 => [LinkedListElement.Data(256, list + 1024, 0x20_0000, cycle: true, channel.Interrupts), LinkedListElement.Link(list, cycle: true, toggles: false)],
            1 => [LinkedListElement.Link(list, cycle: true, toggles: random.Next(2) == 0)],
            _ => new[] { LinkedListElement.Data(64, list + 1024, 0x20_0000, cycle: true), LinkedListElement.Link(1ul << 45, cycle: true, toggles: true) },
        };
        for (var i = 0; i < elements.Length; i++) elements[i].Write(software.Memory.Span(list + (ulong)i * LinkedListElement.Bytes, LinkedListElement.Bytes));
        await channel.StartAsync(list);
        await software.DelayAsync(Micro(random.Next(300)));
        await channel.StopAsync();
        await software.DelayAsync(Micro(100));
        Note("list", await channel.StatusAsync());
        // An engine that has ended of its own accord tells nothing of the stop.
        channel.GiveUp();
        Note("list", await channel.WaitAsync());
        dma.Release(channel);
        software.Memory.Free(list);
    }

    private async Task InterruptAsync(BoundSoftware software)
    {
        for (var i = 0; i < 8; i++) Note("interrupt", (await software.Controller.RaiseIrqAsync((InterruptType)random.Next(3), random.Next(40))).Rule);
    }

    private async Task ChangeAsync(BoundSoftware software, EpfDoorbell bells)
    {
        for (var i = 0; i < 6 && bells.Set is { } set; i++)
        {
            var (one, other) = (set[random.Next(set.Count)], set[random.Next(set.Count)]);
            var result = random.Next(3) switch { 0 => await one.MaskAsync(), 1 => await one.UnmaskAsync(), _ => await one.RetargetAsync(other) };
            Note("doorbell", result.Rule);
            await software.DelayAsync(Micro(random.Next(50)));
        }
        // A doorbell that stays masked is not heard, and is meant not to be.
        if (bells.Set is not { } all) return;
        foreach (var doorbell in all) Note("doorbell", (await doorbell.UnmaskAsync()).Rule);
    }

    private async Task UseAsync(BoundSoftware software, EpfVntb bridge)
    {
        if (bridge.WindowCount == 0) return;
        var size = bridge.Window(0).SizeBytes;
        if (software.Memory.TryAllocate(size, Math.Max(4096, bridge.Window(0).AddressAlignmentBytes), out var shown))
        {
            Note("translation", await bridge.SetTranslationAsync(0, shown, size));
            Note("link", await bridge.EnableLinkAsync());
            Note("write", await bridge.WritePeerAsync(0, (ulong)random.Next(100), new byte[random.Next(8000)]));
            Note("ring", await bridge.RingPeerAsync(1));
            Note("read", await bridge.ReadPeerAsync(0, (ulong)random.Next(100), new byte[random.Next(2000)]));
            Note("translation", await bridge.ClearTranslationAsync(0));
            software.Memory.Free(shown);
        }
    }

    private void Note(string what, object? how)
    {
        var key = $"{what} {how}";
        _outcomes[key] = _outcomes.GetValueOrDefault(key) + 1;
    }

    private static SimTime Micro(double value) => SimTime.FromMicroseconds(value);
}
