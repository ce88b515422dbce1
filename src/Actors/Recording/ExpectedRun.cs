using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>
/// Reads a journal on a thread of its own, ahead of the run that is compared with it, batch by batch and in order. Their number bounds the memory.
/// </summary>
internal sealed class ExpectedRun : IDisposable
{
    private const int Batches = RecordingLimits.ExpectedBatches;

    private readonly ExpectedMessages _messages;
    private readonly ExpectedBatch[] _batches = [.. Enumerable.Range(0, Batches).Select(_ => new ExpectedBatch())];
    private readonly SemaphoreSlim _filled = new(0);
    private readonly SemaphoreSlim _free = new(Batches);
    private readonly ObserverThread _thread;
    private int _turn;
    private int _used = -1;
    private volatile bool _isClosed;

    public ExpectedRun(ExpectedMessages messages)
    {
        _messages = messages;
        _thread = new ObserverThread("expected", Fill);
    }

    /// <summary>The next batch; the one before is filled anew then. Not to be asked for behind the last.</summary>
    public ExpectedBatch Next()
    {
        // To wake the other thread takes this one some microseconds: it sleeps until half of them can be filled.
        if (++_used == Batches / 2)
        {
            _free.Release(_used);
            _used = 0;
        }
        _filled.Wait();
        var batch = _batches[_turn];
        _turn = (_turn + 1) % Batches;
        return batch;
    }

    public void Dispose()
    {
        if (_isClosed) return;
        _isClosed = true;
        _free.Release();
        _thread.Join();
        _filled.Dispose();
        _free.Dispose();
    }

    private void Fill()
    {
        for (var turn = 0; ; turn = (turn + 1) % Batches)
        {
            _free.Wait();
            if (_isClosed) return;
            var batch = _batches[turn];
            try
            {
                _messages.Fill(batch);
            }
#pragma warning disable CA1031 // Whatever it is, the one that compares exactly from there on meets it again, and tells.
            catch (Exception)
#pragma warning restore CA1031
            {
                batch.IsLast = true;
            }
            var isLast = batch.IsLast;
            _filled.Release();
            if (isLast) return;
        }
    }
}
