using System.Buffers.Binary;
using PcieFabric.EndpointControllers;
using PcieFabric.Requests;

namespace PcieFabric.DmaEngines;

/// <summary>Software of a function that programs its channel of a <see cref="MemcpyEngine"/>: one copy at a time, in the order asked for.</summary>
internal sealed class MemcpyDriver(ulong registers, Func<Requester> requester) : IDmaTransfers
{
    private readonly ProcessorBus _bus = new(registers, requester);
    private readonly byte[] _block = new byte[(int)MemcpyRegisters.Status];
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private TaskCompletionSource<uint>? _ended;
    private bool _isBusy;

    public async ValueTask<ControllerRule> TransferAsync(DmaDirection direction, ulong from, ulong to, ulong sizeBytes)
    {
        const uint Largest = 1u << 30;
        if (direction != DmaDirection.MemoryToMemory) return ControllerRule.DmaDirection;
        if (_waiting.Count == Limits.MaxDmaTransfers) return ControllerRule.DmaBusy;
        if (_isBusy)
        {
            var turn = new TaskCompletionSource();
            _waiting.Enqueue(turn);
            await turn.Task;
        }
        _isBusy = true;
        var isDone = true;
        for (var done = 0ul; done < sizeBytes && isDone; done += Largest)
            isDone = await CopyAsync(from + done, to + done, (uint)Math.Min(Largest, sizeBytes - done));
        if (_waiting.TryDequeue(out var next)) next.SetResult();
        else _isBusy = false;
        return isDone ? ControllerRule.None : ControllerRule.DmaFailed;
    }

    /// <summary>The handler of the engine's interrupt.</summary>
    public async Task InterruptedAsync()
    {
        var status = await _bus.LoadAsync(MemcpyRegisters.Status);
        if (_ended is not { } ended) return;
        _ended = null;
        ended.SetResult(status);
    }

    private async ValueTask<bool> CopyAsync(ulong from, ulong to, uint size)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_block.AsSpan((int)MemcpyRegisters.Source), from);
        BinaryPrimitives.WriteUInt64LittleEndian(_block.AsSpan((int)MemcpyRegisters.Target), to);
        BinaryPrimitives.WriteUInt32LittleEndian(_block.AsSpan((int)MemcpyRegisters.Size), size);
        BinaryPrimitives.WriteUInt32LittleEndian(_block.AsSpan((int)MemcpyRegisters.Control), MemcpyRegisters.Start);
        var ended = _ended = new TaskCompletionSource<uint>();
        await _bus.StoreAsync(0, _block);
        return (MemcpyStatus)(byte)await ended.Task == MemcpyStatus.Done;
    }
}
