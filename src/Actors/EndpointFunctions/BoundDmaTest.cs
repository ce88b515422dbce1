using PcieFabric.ConfigSpaces;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Input;

namespace PcieFabric.EndpointFunctions;

/// <summary>
/// <see cref="DmaTest"/> as software on an endpoint controller: the same registers, in memory behind BAR 0, which it looks at every microsecond. Data goes through an
/// outbound window that is set up for each operation, as Linux's functions do, moved by the processor or by the controller's DMA channel.
/// </summary>
/// <param name="header">What the function says of itself.</param>
/// <param name="bars">Its memory BARs.</param>
public sealed class BoundDmaTest(ControllerHeader header, IReadOnlyList<BarDefinition> bars) : BoundFunction
{
    private static readonly SimTime PollInterval = SimTime.FromMicroseconds(1);

    private readonly List<DmaTestRun> _runs = [];
    private ulong _registers;
    private int _polls;
    private DmaTestRun? _run;

    /// <summary>In the order of their start. To be read when the engine stands still.</summary>
    public IReadOnlyList<DmaTestRun> Runs => _runs;

    protected internal override async Task BindAsync()
    {
        Require(await Controller.WriteHeaderAsync(header));
        foreach (var bar in bars)
        {
            if (!Memory.TryAllocate(bar.Size, Math.Max(Controller.Features.Inbound.AlignmentBytes, Limits.RequestBoundaryBytes), out var address))
                throw new InputException($"BAR{bar.Index} of {bar.Size} bytes does not fit into the memory of the endpoint", $"all BARs and buffers of a function share {Memory.Range.Size} bytes");
            Memory.Span(address, (int)bar.Size).Clear();
            var flags = (bar.Kind == BarKind.Memory64 ? BarFlags.Memory64 : BarFlags.None) | (bar.Prefetchable ? BarFlags.Prefetchable : BarFlags.None);
            Require(await Controller.SetBarAsync(new BarSettings(bar.Index, address, bar.Size, flags)));
            if (bar.Index == 0) _registers = address + bar.Size - DmaTest.RegisterBytes;
        }
        if (Controller.Features.Interrupts.Msi) Require(await Controller.SetMsiAsync(1));
    }

    protected internal override void Happened(ControllerEventKind what)
    {
        switch (what)
        {
            case ControllerEventKind.BusMasterEnabled when _registers != 0:
                var poll = ++_polls;
                Start(() => PollAsync(poll));
                break;
            case ControllerEventKind.BusMasterDisabled or ControllerEventKind.FunctionLevelReset or ControllerEventKind.HotReset:
                _polls++;
                if (_run is { } run) run.IsOver = true;
                if (what != ControllerEventKind.BusMasterDisabled && _registers != 0) Memory.Span(_registers, (int)DmaTest.RegisterBytes).Clear();
                break;
        }
    }

    private uint this[int register]
    {
        get => Memory.ReadUInt32(_registers + (ulong)register);
        set => Memory.WriteUInt32(_registers + (ulong)register, value);
    }

    private ulong Address(int register) => this[register] | (ulong)this[register + 4] << 32;

    private static void Require(ControllerResult result)
    {
        if (!result.IsSuccess) throw new InputException(result.ToString(), "change the function's BARs, or use another controller");
    }

    private async Task PollAsync(int poll)
    {
        while (poll == _polls)
        {
            if ((this[DmaTest.Control] & DmaTest.StartBit) != 0) await PerformAsync(poll);
            await DelayAsync(PollInterval);
        }
    }

    private async Task PerformAsync(int poll)
    {
        var control = this[DmaTest.Control];
        this[DmaTest.Control] = control & ~DmaTest.StartBit;
        this[DmaTest.Status] = DmaTest.Busy;
        var (writes, reads) = ((control & DmaTest.WriteBit) != 0, (control & DmaTest.ReadBit) != 0);
        var operations = writes || reads ? this[DmaTest.Operations] : 0;
        var (bytes, underWay) = (this[DmaTest.OperationBytes], Math.Min(operations, Math.Max(1, this[DmaTest.UnderWay])));
        if (!DmaTestRun.IsPossible(operations, bytes, underWay) || AllocateBuffers((int)underWay, bytes) is not { } buffers)
        {
            await EndAsync(operations);
            return;
        }
        var order = new Order(
            Address(DmaTest.WriteAddress), Address(DmaTest.ReadAddress), writes, reads, (control & DmaTest.EngineBit) != 0,
            Math.Max(1, this[DmaTest.Slots]), this[DmaTest.Stride], new TestPattern(this[DmaTest.Seed], (int)bytes));
        var run = _run = new DmaTestRun((int)operations, (int)bytes, order.Reads);
        _runs.Add(run);
        await Task.WhenAll(buffers.Select(buffer => WorkAsync(run, order, buffer)));
        foreach (var buffer in buffers) Memory.Free(buffer);
        if ((control & DmaTest.ReadBackBit) != 0) await MoveAsync(order.WriteAddress & ~3ul, Memory.Range.Base, 4, toBus: false, byEngine: false);
        if (poll == _polls) await EndAsync((uint)run.Failed);
    }

    private async Task EndAsync(uint failed)
    {
        this[DmaTest.Failed] = failed;
        this[DmaTest.Status] = DmaTest.Done;
        if (Controller.Features.Interrupts.Msi) await Controller.RaiseIrqAsync(InterruptType.Msi, 1);
    }

    private async Task WorkAsync(DmaTestRun run, Order order, ulong buffer)
    {
        while (run.TryBegin(Now, out var operation))
        {
            var slot = operation % order.Slots;
            var data = order.Pattern.Of(slot);
            var offset = (ulong)slot * order.Stride;
            if (order.Writes)
            {
                data.Span.CopyTo(Memory.Span(buffer, run.OperationBytes));
                if (!await MoveAsync(order.WriteAddress + offset, buffer, run.OperationBytes, toBus: true, order.ByEngine)) run.Failed++;
            }
            if (!order.Reads) continue;
            Memory.Span(buffer, run.OperationBytes).Clear();
            var succeeded = await MoveAsync(order.ReadAddress + offset, buffer, run.OperationBytes, toBus: false, order.ByEngine);
            run.ReadEndsPs[operation] = Now.Picoseconds;
            if (!succeeded || !Memory.Span(buffer, run.OperationBytes).SequenceEqual(data.Span)) run.Failed++;
        }
    }

    /// <returns>Null where the endpoint's memory, which BARs and buffers of a function share, has no room for all of them.</returns>
    private List<ulong>? AllocateBuffers(int count, uint bytes)
    {
        var buffers = new List<ulong>(count);
        while (buffers.Count < count && Memory.TryAllocate(bytes, Limits.RequestBoundaryBytes, out var buffer)) buffers.Add(buffer);
        if (buffers.Count == count) return buffers;
        foreach (var buffer in buffers) Memory.Free(buffer);
        return null;
    }

    /// <summary>Between a bus address and memory of the function's own, window by window.</summary>
    private async Task<bool> MoveAsync(ulong bus, ulong local, int bytes, bool toBus, bool byEngine)
    {
        if (byEngine && Controller.Features.Dma.Kind == DmaKind.Embedded)
            return (await Controller.TransferAsync(toBus ? DmaDirection.MemoryToDevice : DmaDirection.DeviceToMemory, toBus ? local : bus, toBus ? bus : local, (ulong)bytes)).IsSuccess;
        for (var done = 0; done < bytes;)
        {
            if (await MapAsync(bus + (ulong)done, (ulong)(bytes - done)) is not { } window) return false;
            var piece = (int)window.SizeBytes;
            var moved = byEngine
                ? await CopyByEngineAsync(window.LocalAddress, local + (ulong)done, (ulong)piece, toBus)
                : await CopyByProcessorAsync(window.LocalAddress, Memory.Bytes(local + (ulong)done, piece), toBus);
            await Controller.UnmapMemoryAsync(window);
            if (!moved) return false;
            done += piece;
        }
        return true;
    }

    /// <summary>A window starts at a page. Some controllers see to that; for the others software does.</summary>
    private async Task<OutboundMapping?> MapAsync(ulong bus, ulong bytes)
    {
        var features = Controller.Features.Outbound;
        if (features.AlignsAddresses)
        {
            var (granted, mapping) = await Controller.MapMemoryAsync(bus, bytes);
            return granted.IsSuccess ? mapping : null;
        }
        var offset = bus & (features.PageBytes - 1);
        var size = Math.Min((offset + bytes + features.PageBytes - 1) & ~(features.PageBytes - 1), features.LargestBytes);
        var result = await Controller.MapAddressAsync(bus - offset, size);
        return result.IsSuccess ? new OutboundMapping(result.Value, result.Value + offset, Math.Min(bytes, size - offset)) : null;
    }

    private async Task<bool> CopyByEngineAsync(ulong window, ulong local, ulong bytes, bool toBus) =>
        (await Controller.TransferAsync(DmaDirection.MemoryToMemory, toBus ? local : window, toBus ? window : local, bytes)).IsSuccess;

    private async Task<bool> CopyByProcessorAsync(ulong window, Memory<byte> bytes, bool toBus) =>
        (toBus ? await WriteAsync(window, bytes) : await ReadAsync(window, bytes)).IsSuccess;

    private sealed record Order(ulong WriteAddress, ulong ReadAddress, bool Writes, bool Reads, bool ByEngine, long Slots, uint Stride, TestPattern Pattern);
}
