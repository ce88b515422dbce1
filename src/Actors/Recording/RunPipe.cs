using System.Runtime.ExceptionServices;
using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>
/// Brings what a run does to a scribe on a thread of its own, in order: the thread that runs it copies, and a scribe that falls behind holds it up. While one batch is
/// filled others wait or are read; their number bounds the memory.
/// </summary>
internal sealed class RunPipe : RunSink, IDisposable
{
    private const int Batches = 4;

    private readonly IRunScribe _scribe;
    private readonly PayloadNumbers _payloads = new();
    private readonly RunBatch[] _batches = [.. Enumerable.Range(0, Batches).Select(_ => new RunBatch())];
    private readonly SemaphoreSlim _filled = new(0);
    private readonly SemaphoreSlim _free = new(Batches - 1);
    private readonly ObserverThread _thread;
    private RunBatch _batch;
    private int _turn;
    private volatile Exception? _failure;
    private volatile bool _isClosed;

    public RunPipe(IRunScribe scribe)
    {
        _scribe = scribe;
        _batch = _batches[0];
        _thread = new ObserverThread("journal", Read);
    }

    public override void Message(ref readonly Message message, int channelId)
    {
        if (!_batch.HasRoom(RunBatch.LongestMessageBytes)) HandOver();
        _batch.Add(in message, channelId, _payloads.PlaceOf(message.PayloadIdentity));
    }

    public override void Digests(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests)
    {
        Reserve(RunBatch.SizeOf(digests));
        _batch.Add(fromPs, toPs, digests);
    }

    public void Input(in MessageHead head, ReadOnlySpan<byte> body)
    {
        Reserve(RunBatch.SizeOfInput(body));
        _batch.Add(in head, body);
    }

    /// <summary>The scribe's failure is told here, as no actor is to blame.</summary>
    public override void TurnEnded() => ThrowIfFailed();

    /// <summary>Returns when the scribe has all that came so far.</summary>
    public void Drain()
    {
        HandOver();
        for (var i = 0; i < Batches - 1; i++) _free.Wait();
        _free.Release(Batches - 1);
        ThrowIfFailed();
    }

    /// <summary>Ends the thread. What has not been drained is lost.</summary>
    public void Dispose()
    {
        if (_isClosed) return;
        _isClosed = true;
        _filled.Release();
        _thread.Join();
        _filled.Dispose();
        _free.Dispose();
    }

    private void Reserve(int bytes)
    {
        if (_batch.HasRoom(bytes)) return;
        HandOver();
        _batch.MakeRoom(bytes);
    }

    private void HandOver()
    {
        if (_batch.IsEmpty) return;
        _filled.Release();
        _free.Wait();
        _turn = (_turn + 1) % Batches;
        _batch = _batches[_turn];
    }

    private void Read()
    {
        for (var turn = 0; ; turn = (turn + 1) % Batches)
        {
            _filled.Wait();
            if (_isClosed) return;
            var batch = _batches[turn];
            try
            {
                if (_failure is null) batch.GiveTo(_scribe);
            }
#pragma warning disable CA1031 // Whatever it is, the thread that runs hears of it at the end of its turn.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _failure = failure;
            }
            batch.Clear();
            _free.Release();
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } failure) ExceptionDispatchInfo.Throw(failure);
    }
}
