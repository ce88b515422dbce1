using System.Diagnostics;
using PcieFabric.Documents;
using PcieFabric.Engine;
using PcieFabric.Gateways;
using PcieFabric.Journals;
using PcieFabric.Recording;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Enumerated;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.VfioUser.Live;

/// <summary>
/// A fabric whose virtual time goes with the wall's, for guests that attach to it. The thread that brings an access runs the engine until the answer is there, so that a register is read
/// without a change of threads; what is due at other times a thread of the fabric's own runs, which sleeps when nothing is. One lock guards it all. Thread-safe.
/// </summary>
public sealed partial class LiveFabric : IDisposable
{
    private const long PsPerNs = 1000;

    /// <summary>How far virtual time may be ahead of the wall's: what a chain of messages takes is then run in one go, and a guest cannot tell.</summary>
    private static readonly long AheadPs = SimTime.FromMicroseconds(100).Picoseconds;

    /// <summary>What is run between two looks at who waits.</summary>
    private static readonly long SlicePs = SimTime.FromMicroseconds(20).Picoseconds;

    /// <summary>The same while bulk transfers go as trains: those end with a slice, and take the machine a fraction of the time of their TLPs.</summary>
    private static readonly long TrainSlicePs = AheadPs;

    /// <summary>A fabric that is busier than this machine can simulate falls behind the wall, lest accesses wait until it has caught up.</summary>
    private static readonly TimeSpan LongestCatchUp = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly DeterministicEngine _engine;
    private readonly JournalRecorder? _recorder;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _pacer;
    private long _startPs, _startTicks;
    private long _pacerWakesPs;
    private int _waiting;
    private int _depth;
    private bool _hasInput;
    private bool _stopping;

    private LiveFabric(TopologyDefinition topology, LiveOptions options, Func<DeterministicEngine, JournalRecorder?> record)
    {
        Fabric = GatewayFabric.Build(topology, new FabricOptions { Seed = options.Seed, Models = options.Models }, options.Mode, host => new Outside(this, host));
        _engine = Fabric.Fabric.Engine;
        try
        {
            _recorder = record(_engine);
        }
        catch
        {
            Fabric.Dispose();
            throw;
        }
        _pacer = new Thread(Pace) { IsBackground = true, Name = "virtual time" };
    }

    /// <summary>The fabric, to look at through <see cref="Inspect"/>.</summary>
    public GatewayFabric Fabric { get; }

    /// <summary>Ends when the fabric is stopped; fails with what made it impossible to go on: a full disk, a bug.</summary>
    public Task Completion => _ended.Task;

    /// <summary>Builds the fabric, brings it up, and lets virtual time go from there.</summary>
    /// <exception cref="Input.InputException">The topology or the journal's path is wrong.</exception>
    public static LiveFabric Start(SourceText source, LiveOptions options, CancellationToken cancellation = default)
    {
        var topology = TopologyReader.Read(source, options.Overrides);
        var live = new LiveFabric(topology, options, engine => options.Journal is { } path
            ? JournalRecorder.Create(path, engine, new RecorderOptions
            {
                Subject = options.Mode == AttachMode.Hierarchy ? JournalSubject.AttachedHierarchy : JournalSubject.AttachedFunctions,
                Level = JournalLevel.Inputs,
                // A guest takes longer than digests of everything do.
                DigestWindow = RecorderOptions.DefaultDigestInterval,
                // A session is long, and most of it nothing happens: a tenth of a second is found fast enough.
                DigestInterval = SimTime.FromMilliseconds(100),
                Sources = [source],
                Overrides = [.. options.Overrides.Select(one => one.Text)],
            })
            : null);
        try
        {
            live.Fabric.BringUp(cancellation);
            live._startPs = live._engine.Now.Picoseconds;
            live._startTicks = Stopwatch.GetTimestamp();
            live._pacer.Start();
            return live;
        }
        catch
        {
            live._recorder?.Dispose();
            live.Fabric.Dispose();
            throw;
        }
    }

    /// <summary>The functions that firmware found, of all hosts, each with the number of its host.</summary>
    public IEnumerable<(int Host, LocatedFunction Function)> Functions =>
        Enumerable.Range(0, Fabric.Gateways.Count).SelectMany(host => Fabric.FunctionsOf(host).Select(function => (host, function)));

    /// <summary>Looks at the fabric while it stands still.</summary>
    public T Inspect<T>(Func<GatewayFabric, T> look)
    {
        using (Enter()) return look(Fabric);
    }

    /// <summary>Stops the time, and completes the journal. Guests are to have left.</summary>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public void Stop()
    {
        lock (_gate)
        {
            if (_stopping) return;
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
        _pacer.Join();
        lock (_gate)
        {
            if (_ended.Task.IsFaulted) return;
            // A run was stopped in the middle of a picosecond perhaps, and a replay knows whole ones only.
            _engine.Run(new SimTime(_engine.Now.Picoseconds + 1));
            _recorder?.Finish();
        }
        _ended.TrySetResult();
    }

    /// <summary>Stops without completing the journal, unless it was stopped before.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
        if (_pacer.IsAlive) _pacer.Join();
        _recorder?.Dispose();
        Fabric.Dispose();
    }

    /// <summary>Until what is returned is disposed of there is nothing in between this thread's accesses.</summary>
    internal Holding Enter()
    {
        Interlocked.Increment(ref _waiting);
        Monitor.Enter(_gate);
        Interlocked.Decrement(ref _waiting);
        _depth++;
        return new Holding(this);
    }

    private void Leave()
    {
        try
        {
            // Not before the outermost caller has what it asked for, as what comes now may make accesses of its own.
            if (_depth > 1 || !_hasInput || _stopping) return;
            _hasInput = false;
            RunAhead();
            Settle();
        }
        finally
        {
            _depth--;
            Monitor.Exit(_gate);
        }
    }

    /// <summary>The lock, held.</summary>
    internal readonly ref struct Holding(LiveFabric owner)
    {
        public void Dispose() => owner.Leave();
    }

    private long WallPs => _startPs + (long)(Stopwatch.GetElapsedTime(_startTicks).TotalNanoseconds * PsPerNs);

    /// <summary>Runs what is due, and returns the time at which an input may come. What answers to something in the fabric comes at once, whatever the wall's clock says.</summary>
    private SimTime Advance()
    {
        var soonestPs = _engine.Now.Picoseconds + 1;
        var targetPs = _isSettling ? soonestPs : Math.Max(WallPs, soonestPs);
        var started = Stopwatch.GetTimestamp();
        while (_engine.Next.Picoseconds is var nextPs && nextPs < targetPs)
        {
            Run(Math.Min(targetPs, nextPs + SlicePs));
            Settle();
            if (Stopwatch.GetElapsedTime(started) > LongestCatchUp) targetPs = Math.Min(targetPs, _engine.Now.Picoseconds + 1);
            targetPs = Math.Max(targetPs, _engine.Now.Picoseconds + 1);
        }
        Run(targetPs);
        return new SimTime(targetPs);
    }

    private void Run(long untilPs)
    {
        try
        {
            _engine.Run(new SimTime(untilPs));
        }
        catch (Exception failure)
        {
            _ended.TrySetException(failure);
            _stopping = true;
            Monitor.PulseAll(_gate);
            throw;
        }
    }

    /// <summary>Runs what an input has led to and is due soon, and sees that the rest is run in time.</summary>
    private void RunAhead()
    {
        var nextPs = _engine.Next.Picoseconds;
        if (nextPs <= WallPs + AheadPs) Run(nextPs + SlicePs / 4);
        if (_engine.Next.Picoseconds < _pacerWakesPs) Monitor.PulseAll(_gate);
    }

    private void Pace()
    {
        var flushed = Stopwatch.GetTimestamp();
        var slicePs = SlicePs;
        try
        {
            lock (_gate)
            {
                _depth++;
                while (!_stopping)
                {
                    var duePs = WallPs + AheadPs;
                    var nextPs = _engine.Next.Picoseconds;
                    if (nextPs <= duePs)
                    {
                        var trains = _engine.Trains;
                        Run(Math.Min(duePs, nextPs + slicePs) + 1);
                        slicePs = _engine.Trains == trains ? SlicePs : TrainSlicePs;
                        Settle();
                        if (Volatile.Read(ref _waiting) > 0) GiveWay();
                        continue;
                    }
                    if (_recorder is not null && Stopwatch.GetElapsedTime(flushed) > FlushInterval)
                    {
                        _recorder.Flush();
                        flushed = Stopwatch.GetTimestamp();
                    }
                    _pacerWakesPs = nextPs;
                    _depth--;
                    Monitor.Wait(_gate, PauseUntil(nextPs - duePs));
                    _depth++;
                    _pacerWakesPs = 0;
                }
                _depth--;
            }
        }
#pragma warning disable CA1031 // Whatever it is, who started us hears of it by Completion; a thread's failure would end the process.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _ended.TrySetException(failure);
        }
    }

    private TimeSpan PauseUntil(long spanPs)
    {
        var pause = TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(spanPs / 1e9), 1, 1e6));
        return _recorder is not null && pause > FlushInterval ? FlushInterval : pause;
    }

    /// <summary>Who releases a lock and takes it at once shuts out all others.</summary>
    private void GiveWay()
    {
        _depth--;
        Monitor.Exit(_gate);
        try
        {
            while (Volatile.Read(ref _waiting) > 0) Thread.Yield();
        }
        finally
        {
            Monitor.Enter(_gate);
            _depth++;
        }
    }
}
