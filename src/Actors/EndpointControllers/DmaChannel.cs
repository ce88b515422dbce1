using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Engine;
using PcieFabric.Requests;

namespace PcieFabric.EndpointControllers;

/// <summary>
/// One DMA channel of a controller: it carries out transfers one after the other, with requests of its own that no processor waits for. It has half of the smallest
/// set of tags to itself, so that its completions are told from those of the processor.
/// </summary>
internal sealed class DmaChannel : IRequestPath
{
    /// <summary>Requests under way at once, of this channel and of the processor each.</summary>
    public const int Tags = 16;

    /// <summary>What the channel holds between reading and writing.</summary>
    private const int BufferBytes = 1 << 14;

    private readonly DmaSupport _kind;
    private readonly MemoryRegion _local;
    private readonly IDmaBus _bus;
    private readonly ActorSynchronizationContext _turns = new();
    private readonly SoftwareTasks _tasks;
    private readonly Queue<DmaTransfer> _queue = new();
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly Requester _requester;
    private bool _isBusy;

    public DmaChannel(DmaSupport kind, MemoryRegion local, IDmaBus bus, IActorContext context)
    {
        (_kind, _local, _bus) = (kind, local, bus);
        _tasks = new SoftwareTasks(_turns);
        _requester = new Requester(context, this, _turns);
        _requester.UseTags(TagWidth.FiveBits, Tags);
    }

    public int Outstanding => _requester.Outstanding;

    /// <summary>Whether a completion with this tag is the channel's.</summary>
    public static bool Owns(ushort tag) => (tag & 2 * Tags - 1) >= Tags;

    public ControllerRule Enqueue(in DmaTransfer transfer)
    {
        if (_queue.Count == Limits.MaxDmaTransfers) return ControllerRule.DmaBusy;
        if (_kind == DmaSupport.Slave && transfer.Direction is DmaDirection.MemoryToMemory) return ControllerRule.DmaDirection;
        _queue.Enqueue(transfer);
        if (!_isBusy) _turns.Run(new Wake(this));
        return ControllerRule.None;
    }

    public void Completed(Tlp completion)
    {
        completion.Tag -= Tags;
        _requester.Completed(in completion);
    }

    /// <summary>The controller answers in place of the bus: not at once, as the channel is about to send more.</summary>
    public void Refused(Tlp completion) => _turns.Run(new Refusal(this, completion));

    public void Issue() => _requester.Issue();

    public void TimerFired() => _requester.TimerFired();

    /// <summary>A reset of a function: what is under way for it fails.</summary>
    public void AbandonAll(int function)
    {
        if (_queue.TryPeek(out var transfer) && transfer.Function == function) _requester.AbandonAll();
    }

    public void RunTurn() => _tasks.RunTurn();

    bool IRequestPath.IsOpen(in Tlp request) => _bus.IsOpen;

    void IRequestPath.Send(ref readonly Tlp request)
    {
        var tagged = request;
        if (request.FlowControlClass == FlowControlClass.NonPosted) tagged.Tag += Tags;
        _bus.Send(_queue.Peek().Function, in tagged);
    }

    private async Task RunAsync()
    {
        while (_queue.TryPeek(out var transfer))
        {
            var (id, limits) = _bus.IdOf(transfer.Function);
            (_requester.Id, _requester.Limits) = (id, limits);
            var done = 0ul;
            var succeeded = true;
            while (succeeded && done < transfer.SizeBytes)
            {
                var piece = (int)Math.Min(BufferBytes, transfer.SizeBytes - done);
                succeeded = await MoveAsync(transfer, done, piece);
                done += (ulong)piece;
            }
            _queue.Dequeue();
            _bus.Finished(transfer, succeeded ? ControllerRule.None : ControllerRule.DmaFailed);
        }
        _isBusy = false;
    }

    private async ValueTask<bool> MoveAsync(DmaTransfer transfer, ulong offset, int size)
    {
        var buffer = _buffer.AsMemory(0, size);
        var (from, to) = (transfer.From + offset, transfer.To + offset);
        var (fromBus, toBus) = (transfer.Direction == DmaDirection.DeviceToMemory, transfer.Direction == DmaDirection.MemoryToDevice);
        if (!fromBus && IsLocal(from, size)) _local.Read((long)from, buffer.Span);
        else if (!TryReachBus(transfer, from, size, fromBus, out from) || !(await _requester.ReadAsync(from, buffer)).IsSuccess) return false;
        if (toBus || !IsLocal(to, size)) return TryReachBus(transfer, to, size, toBus, out to) && (await _requester.WriteAsync(to, buffer)).IsSuccess;
        _local.Write((long)to, buffer.Span);
        return true;
    }

    private bool IsLocal(ulong address, int size) => address < (ulong)_local.SizeBytes && (ulong)size <= (ulong)_local.SizeBytes - address;

    private bool TryReachBus(in DmaTransfer transfer, ulong address, int size, bool isBusAddress, out ulong bus)
    {
        bus = address;
        return isBusAddress || _bus.TryTranslate(transfer.Function, address, (ulong)size, out bus);
    }

    private sealed class Refusal(DmaChannel channel, Tlp completion) : ActorSynchronizationContext.IAwaited
    {
        public void Resume() => channel.Completed(completion);
    }

    private sealed class Wake(DmaChannel channel) : ActorSynchronizationContext.IAwaited
    {
        public void Resume()
        {
            if (channel._isBusy) return;
            channel._isBusy = true;
            channel._tasks.Watch(channel.RunAsync());
        }
    }
}

/// <summary>What a DMA channel needs of its controller.</summary>
internal interface IDmaBus
{
    /// <summary>A request would leave at once.</summary>
    bool IsOpen { get; }

    /// <summary>Sends on behalf of a function, or answers where the function may not.</summary>
    void Send(int function, ref readonly Tlp request);

    bool TryTranslate(int function, ulong localAddress, ulong sizeBytes, out ulong busAddress);

    (Bdf Id, TlpLimits Limits) IdOf(int function);

    void Finished(in DmaTransfer transfer, ControllerRule rule);
}

/// <summary>A transfer that a channel was asked for.</summary>
/// <param name="Slot">Of the call that it answers.</param>
internal readonly record struct DmaTransfer(int Function, int Slot, DmaDirection Direction, ulong From, ulong To, ulong SizeBytes);

/// <summary>Which side of a transfer is a bus address (Linux: <c>enum dma_transfer_direction</c>).</summary>
public enum DmaDirection : byte
{
    /// <summary>None: both are local addresses, of memory or in outbound windows.</summary>
    MemoryToMemory,

    /// <summary>The target.</summary>
    MemoryToDevice,

    /// <summary>The source.</summary>
    DeviceToMemory,
}
