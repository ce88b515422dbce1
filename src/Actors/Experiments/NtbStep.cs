using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions;
using PcieFabric.HostDrivers;
using PcieFabric.NonTransparentBridges;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Experiments;

/// <summary>The host and each endpoint send each other data through a virtual NTB: so long as the host waits for an answer an operation lasts.</summary>
internal sealed class NtbStep(NtbWorkload workload, int sizeBytes) : Step
{
    private readonly List<Pair> _pairs = [];

    public override WorkloadDefinition Workload => workload;

    public override int SizeBytes => sizeBytes;

    public override IEnumerable<string> Awaited => _pairs.Where(pair => pair.EndsPs[^1] < 0).Select(pair => pair.Path);

    public override async Task RunAsync(HostSoftware software)
    {
        foreach (var function in software.Select(workload.Functions)) _pairs.Add(new Pair(software, workload, sizeBytes, function.Path, await software.NtbDriverOfAsync(function)));
        await Task.WhenAll(_pairs.Select(pair => pair.WorkAsync()));
    }

    public override IEnumerable<OperationLog> Logs(Fabric fabric) =>
        _pairs.Select(pair => new OperationLog(pair.Host, workload.ToHost, workload.WarmUp, pair.StartsPs, pair.EndsPs, pair.Arrivals, sizeBytes, pair.Failed));

    /// <summary>A host and one endpoint.</summary>
    private sealed class Pair
    {
        private readonly HostSoftware _software;
        private readonly NtbWorkload _workload;
        private readonly int _sizeBytes;
        private readonly NtbEpfDriver _driver;
        private readonly ulong _buffer;
        private readonly TestPattern _pattern;

        public Pair(HostSoftware software, NtbWorkload workload, int sizeBytes, string path, (NtbEpfDriver Driver, ulong Buffer) port)
        {
            (_software, _workload, _sizeBytes, Path, _driver, _buffer) = (software, workload, sizeBytes, path, port.Driver, port.Buffer);
            _pattern = new TestPattern(software.NextSeed(), sizeBytes);
            StartsPs = new long[workload.WarmUp + workload.CountAt(sizeBytes)];
            EndsPs = new long[StartsPs.Length];
            StartsPs.AsSpan().Fill(-1);
            EndsPs.AsSpan().Fill(-1);
        }

        public string Path { get; }
        public string Host => _software.Name;
        public long[] StartsPs { get; }
        public long[] EndsPs { get; }
        public ArrivalLog Arrivals { get; } = new();
        public int Failed { get; private set; }

        public async Task WorkAsync()
        {
            // What the endpoint sends is what it was given before, which is no part of the operations.
            var given = _pattern.Of(0);
            if (_workload.ToHost) await GiveAsync(given);
            for (var operation = 0; operation < StartsPs.Length; operation++)
            {
                if (_workload.ToHost) _software.Host.Memory.Span(_buffer, _sizeBytes).Clear();
                StartsPs[operation] = _software.Host.Now.Picoseconds;
                var isRight = _workload.ToHost ? await RingAsync(NtbEcho.SendDoorbell) : await SendAsync(_pattern.Of(operation));
                EndsPs[operation] = _software.Host.Now.Picoseconds;
                Arrivals.Add(EndsPs[operation], _sizeBytes);
                if (_workload.ToHost) isRight &= _software.Host.Memory.Span(_buffer, _sizeBytes).SequenceEqual(given.Span);
                if (!isRight) Failed++;
            }
            if (!_workload.ToHost && !await HoldsAsync(_pattern.Of(StartsPs.Length - 1))) Failed++;
        }

        private async Task<bool> SendAsync(Memory<byte> data) =>
            await _driver.WritePeerAsync(0, 0, data) == Errno.None && await RingAsync(NtbEcho.AnswerDoorbell);

        private async Task GiveAsync(Memory<byte> data)
        {
            await _driver.WritePeerAsync(0, 0, data);
            await _driver.WritePeerScratchpadAsync(NtbEcho.SizeScratchpad, (uint)_sizeBytes);
            // A read comes back once all writes before it have arrived.
            await _driver.ReadPeerScratchpadAsync(NtbEcho.SizeScratchpad);
        }

        private async Task<bool> RingAsync(int doorbell)
        {
            var bit = 1ul << doorbell;
            if (await _driver.RingPeerAsync(bit) != Errno.None || await _driver.OwnDoorbells.WaitAsync(bit) != bit) return false;
            return _driver.OwnDoorbells.Clear(bit) == Errno.None;
        }

        private async Task<bool> HoldsAsync(Memory<byte> data)
        {
            var piece = new byte[Limits.MaxPayloadBytes];
            for (var at = 0; at < data.Length; at += piece.Length)
            {
                var into = piece.AsMemory(0, Math.Min(piece.Length, data.Length - at));
                if (await _driver.ReadPeerAsync(0, (ulong)at, into) != Errno.None || !into.Span.SequenceEqual(data.Span.Slice(at, into.Length))) return false;
            }
            return true;
        }
    }
}
