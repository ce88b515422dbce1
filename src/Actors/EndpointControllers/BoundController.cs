using System.Threading.Tasks.Sources;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Engine;

namespace PcieFabric.EndpointControllers;

/// <summary>
/// An endpoint controller as the software of one of its functions sees it: the operations of Linux's endpoint framework, each a message and its
/// answer. No legal call throws; what the controller refuses it refuses by a <see cref="ControllerResult"/>.
/// </summary>
public sealed class BoundController
{
    private readonly Action<Message> _send;
    private readonly ActorSynchronizationContext _software;
    private readonly List<Call> _calls = [];
    private readonly Stack<Call> _idle = new();
    private IDmaTransfers? _dma;

    /// <param name="send">Sends to the controller, behind all that software has written before.</param>
    /// <param name="virtualFunction">0 for a physical function.</param>
    internal BoundController(ControllerProfile features, Action<Message> send, ActorSynchronizationContext software, int virtualFunction) =>
        (Features, _send, _software, VirtualFunction) = (features, send, software, virtualFunction);

    /// <summary>The virtual function that the operations are for, from 1; 0 where they are for a physical one (Linux: <c>vfunc_no</c>).</summary>
    public int VirtualFunction { get; }

    /// <summary>Gives the function its part of the DMA engine.</summary>
    internal void UseDma(IDmaTransfers dma) => _dma = dma;

    /// <summary>What the controller can do.</summary>
    public ControllerProfile Features { get; }

    /// <summary>What the hardware keeps in a reserved BAR.</summary>
    public IReadOnlyList<AuxiliaryResource> AuxiliaryResources(int bar) => Features.Bars[bar].Resources;

    /// <summary>The window that reaches a bus address: where it must start, and how far behind that the address lies.</summary>
    /// <param name="sizeBytes">In: of what is to be reached. Out: of the window.</param>
    public ulong AlignAddress(ulong busAddress, ref ulong sizeBytes, out ulong offset)
    {
        var page = Features.Outbound.PageBytes;
        offset = Features.Outbound.AlignsAddresses ? busAddress & (page - 1) : 0;
        sizeBytes = Math.Min((offset + sizeBytes + page - 1) & ~(page - 1), Features.Outbound.LargestBytes);
        return busAddress - offset;
    }

    /// <summary>Before the controller starts. For virtual functions only VF 1 may, and of its header only the device id counts, for all of them.</summary>
    public ValueTask<ControllerResult> WriteHeaderAsync(ControllerHeader header) =>
        Ask(new ControllerCall(0, ControllerOperation.WriteHeader, 0, header.PackedIds, header.PackedSubsystem));

    /// <summary>Before the start: the BAR is there from then on; all virtual functions of a function have the same ones. Later: the same BAR is mapped anew, whole or in parts.</summary>
    public async ValueTask<ControllerResult> SetBarAsync(BarSettings bar)
    {
        var parts = bar.Subranges?.Count ?? 0;
        for (var i = 0; i < parts; i++)
        {
            var added = await Ask(new ControllerCall(0, ControllerOperation.AddSubrange, (ushort)i, bar.Subranges![i].LocalAddress, bar.Subranges[i].SizeBytes));
            if (!added.IsSuccess) return added;
        }
        return await Ask(new ControllerCall(0, ControllerOperation.SetBar, (ushort)bar.Bar, bar.LocalAddress, bar.SizeBytes, (ulong)bar.Flags, (ulong)parts));
    }

    public ValueTask<ControllerResult> ClearBarAsync(int bar) => Ask(new ControllerCall(0, ControllerOperation.ClearBar, (ushort)bar));

    /// <summary>An outbound window. The value is its local address.</summary>
    /// <param name="busAddress">A multiple of the controller's page.</param>
    public ValueTask<ControllerResult> MapAddressAsync(ulong busAddress, ulong sizeBytes) =>
        Ask(new ControllerCall(0, ControllerOperation.MapAddress, 0, busAddress, sizeBytes));

    /// <param name="localAddress">Any in the window.</param>
    public ValueTask<ControllerResult> UnmapAddressAsync(ulong localAddress) => Ask(new ControllerCall(0, ControllerOperation.UnmapAddress, 0, localAddress));

    /// <summary>
    /// A window that reaches a bus address, aligned as the controller wants it (Linux: <c>pci_epc_mem_map</c>). It may reach less than was asked for, so
    /// callers go on from where it ends.
    /// </summary>
    public async ValueTask<(ControllerResult Result, OutboundMapping Mapping)> MapMemoryAsync(ulong busAddress, ulong sizeBytes)
    {
        var size = sizeBytes;
        var start = AlignAddress(busAddress, ref size, out var offset);
        var result = await MapAddressAsync(start, size);
        return (result, result.IsSuccess ? new OutboundMapping(result.Value, result.Value + offset, Math.Min(sizeBytes, size - offset)) : default);
    }

    public ValueTask<ControllerResult> UnmapMemoryAsync(in OutboundMapping mapping) => UnmapAddressAsync(mapping.Window);

    /// <param name="vectors">1 to 32; the host sees the next power of two.</param>
    public ValueTask<ControllerResult> SetMsiAsync(int vectors) => Ask(new ControllerCall(0, ControllerOperation.SetMsi, (ushort)vectors));

    /// <summary>The value is how many vectors the host granted; a refusal while it has not enabled MSI.</summary>
    public ValueTask<ControllerResult> GetMsiAsync() => Ask(new ControllerCall(0, ControllerOperation.GetMsi, 0));

    /// <param name="vectors">1 to 2048.</param>
    /// <param name="offset">Of the table in the BAR; the pending bits stand behind it.</param>
    public ValueTask<ControllerResult> SetMsiXAsync(int vectors, int bar, uint offset) =>
        Ask(new ControllerCall(0, ControllerOperation.SetMsiX, (ushort)bar, offset, (ulong)Math.Max(0, vectors)));

    /// <inheritdoc cref="GetMsiAsync"/>
    public ValueTask<ControllerResult> GetMsiXAsync() => Ask(new ControllerCall(0, ControllerOperation.GetMsiX, 0));

    /// <summary>Behind everything that software has written before.</summary>
    /// <param name="vector">From 1; ignored for INTx.</param>
    public ValueTask<ControllerResult> RaiseIrqAsync(InterruptType type, int vector = 0) =>
        Ask(new ControllerCall(0, ControllerOperation.RaiseIrq, (ushort)vector, Flags: (ulong)type));

    /// <summary>Lets software send MSI by writing: the value is the local address, the data that of vector 1, plus one for each further.</summary>
    public ValueTask<ControllerResult> MapMsiIrqAsync() => Ask(new ControllerCall(0, ControllerOperation.MapMsiIrq, 0));

    /// <summary>Has the DMA engine copy that the profile has. Complete when the last write has left it, or it aborted.</summary>
    /// <param name="direction">Says which of the addresses is one of the bus; the others are local, of memory or in a window.</param>
    public async ValueTask<ControllerResult> TransferAsync(DmaDirection direction, ulong from, ulong to, ulong sizeBytes) =>
        new(Features.Name, ControllerOperation.Transfer, _dma is null ? ControllerRule.NoDma : await _dma.TransferAsync(direction, from, to, sizeBytes));

    /// <summary>The functions are there, and the link comes up.</summary>
    public ValueTask<ControllerResult> StartAsync() => Ask(new ControllerCall(0, ControllerOperation.Start, 0));

    /// <summary>The link goes down, whatever is on its way.</summary>
    public ValueTask<ControllerResult> StopAsync() => Ask(new ControllerCall(0, ControllerOperation.Stop, 0));

    internal ValueTask<ControllerResult> BoundAsync() => Ask(new ControllerCall(0, ControllerOperation.Bound, 0));

    internal void Replied(in ControllerReply reply) => _calls[reply.Slot].Answered(new ControllerResult(Features.Name, reply.Operation, reply.Rule, reply.Value, reply.Data));

    private ValueTask<ControllerResult> Ask(in ControllerCall body)
    {
        if (!_idle.TryPop(out var call)) _calls.Add(call = new Call(_calls.Count, _software, _idle));
        call.Reset();
        _software.Begin();
        _send(Message.Of(MessageKind.ControllerCall, body with { Slot = call.Slot }));
        return new ValueTask<ControllerResult>(call, call.Version);
    }

    /// <summary>A call under way. Used again once awaited.</summary>
    private sealed class Call(int slot, ActorSynchronizationContext software, Stack<Call> idle) : IValueTaskSource<ControllerResult>, ActorSynchronizationContext.IAwaited
    {
        private ManualResetValueTaskSourceCore<ControllerResult> _answer;
        private ControllerResult _result;

        public int Slot => slot;

        public short Version => _answer.Version;

        public void Reset() => _answer.Reset();

        public void Answered(ControllerResult result)
        {
            _result = result;
            software.Happened(this);
        }

        public void Resume() => _answer.SetResult(_result);

        public ControllerResult GetResult(short token)
        {
            var result = _answer.GetResult(token);
            idle.Push(this);
            return result;
        }

        public ValueTaskSourceStatus GetStatus(short token) => _answer.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _answer.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
    }
}

/// <summary>A piece of the bus that a function's software reaches.</summary>
/// <param name="Window">The local address of the window, by which it is unmapped.</param>
/// <param name="LocalAddress">Where in it the bus address is that was asked for.</param>
/// <param name="SizeBytes">From there on.</param>
public readonly record struct OutboundMapping(ulong Window, ulong LocalAddress, ulong SizeBytes);
