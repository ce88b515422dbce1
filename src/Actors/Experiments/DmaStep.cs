using PcieFabric.AddressTranslation;
using PcieFabric.EndpointFunctions;
using PcieFabric.RootComplexes;
using PcieFabric.TlpPaths;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Enumerated;

namespace PcieFabric.Experiments;

/// <summary>Each function reads or writes host memory, or both; or a peer. Driven and checked by the host, done by the functions' <see cref="DmaTest"/>.</summary>
internal sealed class DmaStep : Step
{
    private const int LineBytes = DmaWorkload.CacheLineBytes;

    /// <summary>What one request of host software carries at most.</summary>
    private const int FillBytes = Limits.MaxPayloadBytes;

    private readonly WorkloadDefinition _workload;
    private readonly DmaWorkload? _toMemory;
    private readonly PeerCopyWorkload? _toPeer;
    private readonly List<Job> _jobs = [];

    public DmaStep(DmaWorkload workload, int sizeBytes) => (_workload, _toMemory, SizeBytes) = (workload, workload, sizeBytes);

    public DmaStep(PeerCopyWorkload workload, int sizeBytes) => (_workload, _toPeer, SizeBytes) = (workload, workload, sizeBytes);

    public override WorkloadDefinition Workload => _workload;

    public override int SizeBytes { get; }

    public override IEnumerable<string> Awaited => _jobs.Where(job => !job.IsDone).Select(job => job.Driver.Function.Path);

    private bool Writes => _toMemory?.Writes ?? !_toPeer!.IsRead;

    private bool Reads => _toMemory?.Reads ?? _toPeer!.IsRead;

    private int Count => _workload.WarmUp + _workload.CountAt(SizeBytes);

    public override async Task RunAsync(HostSoftware software)
    {
        if (_toPeer?.AccessControl is { } controls) await software.UseAccessControlAsync(controls);
        var shared = software.NextSeed();
        // Several sources may share a place in a peer, so they write the same; places in memory are each function's own.
        foreach (var function in software.Select(_workload.Functions)) _jobs.Add(await PrepareAsync(software, function, _toPeer is null ? software.NextSeed() : shared));
        if (_jobs.Count == 0) return;
        var taps = Watch(software);
        var control = (Writes ? DmaTest.WriteBit : 0) | (Reads ? DmaTest.ReadBit : 0) | (_toPeer is { IsRead: false } ? DmaTest.ReadBackBit : 0)
            | (_toMemory?.By == TransferEngine.Dma ? DmaTest.EngineBit : 0);
        foreach (var job in _jobs) await job.Driver.StartAsync(control);
        await Task.WhenAll(_jobs.Select(job => job.DoneAsync()));
        foreach (var tap in taps) tap.WatchNothing();
        foreach (var job in _jobs)
        {
            if (job.Way is { } way) software.Ways.Leave(way);
            if (Writes) job.WrongSlots = _toPeer is null ? WrongInMemory(software.Host.Memory, job) : await WrongInPeerAsync(software.Host, job);
        }
    }

    public override IEnumerable<OperationLog> Logs(Fabric fabric)
    {
        foreach (var job in _jobs)
        {
            // Null if it was not reached.
            var runs = DmaTestRuns.Of(fabric, job.Driver.Function.Path);
            if (runs.Count <= job.Run) continue;
            var run = runs[job.Run];
            if (Writes) yield return new OperationLog(job.Host, false, _workload.WarmUp, run.StartsPs, job.Stream!.EndsPs, job.Stream.Arrivals, Carried(job.WriteAddress), job.WrongSlots);
            if (Reads) yield return new OperationLog(job.Host, true, _workload.WarmUp, run.StartsPs, run.ReadEndsPs, job.Completions, Carried(job.ReadAddress), run.Failed);
        }
    }

    public override IEnumerable<string> Ways(Fabric fabric) => _jobs.Where(job => job.Way is not null).Select(job => PeerWay.Describe(job.Way!, Reads, fabric)).Distinct();

    private int Carried(ulong address) => (int)(address & 3) + SizeBytes + 3 & ~3;

    private List<AnalyserTap> Watch(HostSoftware software)
    {
        var writes = _jobs.Where(job => job.Stream is not null).ToLookup(job => job.Tap!, job => job.Stream!);
        var reads = _jobs.Where(_ => Reads).ToLookup(job => software.TapOf(job.Driver.Function), job => (job.Driver.Bdf, job.Completions));
        List<AnalyserTap> taps = [.. writes.Select(group => group.Key).Union(reads.Select(group => group.Key))];
        foreach (var tap in taps) tap.Watch(writes[tap], reads[tap]);
        return taps;
    }

    private async Task<Job> PrepareAsync(HostSoftware software, LocatedFunction function, uint seed)
    {
        var driver = await software.DriverOfAsync(function);
        var offset = _toMemory?.AlignmentOffsetBytes ?? 0;
        // All operations lie alike on cache lines, and none shares one with another.
        var stride = _toMemory is { StrideBytes: > 0 and var wanted } ? wanted : (offset % LineBytes + SizeBytes + LineBytes - 1) / LineBytes * LineBytes;
        // In a peer all operations go to the same place.
        var slots = _toMemory is null ? 1 : (int)Math.Clamp(_toMemory.BufferBytes / stride, 1, Count);
        var job = new Job(software.Name, driver, driver.Runs, slots, stride, new TestPattern(seed, SizeBytes));
        await software.Translations.AttachAsync(function, _toMemory?.Translation ?? Translation.PassThrough);
        if (_toPeer is not null) await AimAsync(job, software, function);
        else await PlaceAsync(job, software, function, (ulong)offset);
        if (Writes) job.Stream = new WriteStream(driver.Bdf, job.WriteMemory, SizeBytes, slots, stride, Count);
        await ProgramAsync(job, seed);
        return job;
    }

    private async Task PlaceAsync(Job job, HostSoftware software, LocatedFunction function, ulong offset)
    {
        var bytes = (long)job.Slots * job.Stride + (long)offset;
        if (Writes)
        {
            var buffer = software.BufferOf(function, false, bytes, _toMemory!.PageBytes);
            (job.WriteMemory, job.Tap) = (buffer + offset, software.MemoryTap);
            job.WriteAddress = await ReachAsync(software, function, buffer, (ulong)bytes, PagePermissions.Write) + offset;
        }
        if (Reads)
        {
            var buffer = software.BufferOf(function, true, bytes, _toMemory!.PageBytes);
            for (var slot = 0; slot < job.Slots; slot++) job.Pattern.Of(slot).Span.CopyTo(software.Host.Memory.Span(buffer + offset + (ulong)slot * (ulong)job.Stride, SizeBytes));
            job.ReadAddress = await ReachAsync(software, function, buffer, (ulong)bytes, PagePermissions.Read) + offset;
        }
    }

    /// <returns>Where the function finds the buffer.</returns>
    private ValueTask<ulong> ReachAsync(HostSoftware software, LocatedFunction function, ulong buffer, ulong bytes, PagePermissions permissions) => _toMemory!.Translation == Translation.PassThrough
        ? ValueTask.FromResult(buffer)
        : software.Translations.MapAsync(function, buffer, bytes, _toMemory.PageBytes, permissions);

    private async Task AimAsync(Job job, HostSoftware software, LocatedFunction function)
    {
        var targets = software.Select(_toPeer!.Target);
        var target = targets[software.Select(_toPeer.Functions).IndexOf(function) % targets.Count];
        var address = target.AddressOf(_toPeer.Bar) + _toPeer.OffsetBytes;
        job.Way = software.Ways.Follow(job.Driver.Bdf, new AddressRange(address, (ulong)SizeBytes));
        if (Writes)
        {
            (job.WriteAddress, job.WriteMemory, job.Tap) = (address, address, software.TapOf(target));
            return;
        }
        job.ReadAddress = address;
        var data = job.Pattern.Of(0);
        for (var done = 0; done < SizeBytes; done += FillBytes) await software.Host.WriteAsync(address + (ulong)done, data[done..Math.Min(done + FillBytes, SizeBytes)]);
        // Nobody reads before all of it is there.
        await software.Host.Read32Async(address & ~3ul);
    }

    private async Task ProgramAsync(Job job, uint seed)
    {
        var driver = job.Driver;
        await driver.WriteAddressAsync(DmaTest.WriteAddress, job.WriteAddress);
        await driver.WriteAddressAsync(DmaTest.ReadAddress, job.ReadAddress);
        await driver.WriteAsync(DmaTest.OperationBytes, (uint)SizeBytes);
        await driver.WriteAsync(DmaTest.Operations, (uint)Count);
        await driver.WriteAsync(DmaTest.UnderWay, (uint)_workload.Outstanding);
        await driver.WriteAsync(DmaTest.Slots, (uint)job.Slots);
        await driver.WriteAsync(DmaTest.Stride, (uint)job.Stride);
        await driver.WriteAsync(DmaTest.Seed, seed);
    }

    private int WrongInMemory(HostMemory memory, Job job)
    {
        var wrong = 0;
        for (var slot = 0; Writes && slot < job.Slots; slot++)
            if (!memory.Span(job.WriteMemory + (ulong)slot * (ulong)job.Stride, SizeBytes).SequenceEqual(job.Pattern.Of(slot).Span))
                wrong++;
        return wrong;
    }

    private async Task<int> WrongInPeerAsync(Host host, Job job)
    {
        var found = new byte[SizeBytes];
        var result = await host.ReadAsync(job.WriteAddress, found);
        return result.IsSuccess && found.AsSpan().SequenceEqual(job.Pattern.Of(0).Span) ? 0 : 1;
    }

    /// <summary>One function's part of the step.</summary>
    /// <param name="Run">Index of its run among the function's.</param>
    private sealed record Job(string Host, DmaTestDriver Driver, int Run, int Slots, int Stride, TestPattern Pattern)
    {
        public ulong WriteAddress { get; set; }

        /// <summary>Behind <see cref="WriteAddress"/>: the same, unless an IOMMU translates.</summary>
        public ulong WriteMemory { get; set; }

        public ulong ReadAddress { get; set; }
        public TlpWay? Way { get; set; }
        public AnalyserTap? Tap { get; set; }
        public WriteStream? Stream { get; set; }
        public ArrivalLog Completions { get; } = new();
        public int WrongSlots { get; set; }
        public bool IsDone { get; private set; }

        public async Task DoneAsync()
        {
            await Driver.DoneAsync();
            IsDone = true;
        }
    }
}
