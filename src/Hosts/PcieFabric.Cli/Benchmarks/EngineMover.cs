using PcieFabric.DmaEngines;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions;
using PcieFabric.Units;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>Software of an endpoint whose DMA engine moves blocks between the endpoint's memory and the host's, one transfer after the other, or as a list of several.</summary>
internal sealed class EngineMover : BoundFunction
{
    /// <summary>Of its own, less than all the endpoint has for it.</summary>
    public const int MemoryBytes = 8 << 20;

    /// <summary>When links are up, and when the host is ready.</summary>
    public static readonly SimTime LinksUp = SimTime.FromMilliseconds(30), Go = SimTime.FromMilliseconds(40);

    /// <summary>Blocks of a list.</summary>
    private const int ListBlocks = 16;

    private ulong _memory, _list;
    private EmbeddedDmaDriverChannel? _channel;
    private int _listed;

    public Func<Task>? Work { get; set; }

    /// <summary>Copies from its memory to the bus.</summary>
    public async ValueTask WriteAsync(int at, ulong address, int sizeBytes) => Check(await Controller.TransferAsync(DmaDirection.MemoryToDevice, Place(at), address, (ulong)sizeBytes));

    /// <summary>Copies from the bus to its memory.</summary>
    public async ValueTask ReadAsync(int at, ulong address, int sizeBytes) => Check(await Controller.TransferAsync(DmaDirection.DeviceToMemory, address, Place(at), (ulong)sizeBytes));

    /// <summary>Puts a transfer on a list, which is done when it is full.</summary>
    public async ValueTask ListAsync(bool write, int at, ulong address, int sizeBytes)
    {
        _channel ??= await EmbeddedDma!.TakeAsync(write);
        var isLast = _listed == ListBlocks - 1;
        var element = LinkedListElement.Data((uint)sizeBytes, write ? Place(at) : address, write ? address : Place(at), cycle: true, isLast ? _channel.Interrupts : EmbeddedDmaControl.None);
        element.Write(Memory.Span(_list + (ulong)(_listed++ * LinkedListElement.Bytes), LinkedListElement.Bytes));
        if (!isLast) return;
        _listed = 0;
        await _channel.StartAsync(_list);
        if (await _channel.WaitAsync() is not DmaError.None and var error) throw new InvalidOperationException($"Invariant: a benchmark's lists succeed, not {error}");
    }

    public Span<byte> Span(int at, int sizeBytes) => Memory.Span(Place(at), sizeBytes);

    protected override async Task BindAsync()
    {
        await Controller.WriteHeaderAsync(new ControllerHeader(0x1d0f, 0x0002, 0xFF0000));
        // Behind the last element is one that is not for the channel.
        if (!Memory.TryAllocate(MemoryBytes, 4096, out _memory) || !Memory.TryAllocate((ListBlocks + 1) * LinkedListElement.Bytes, 64, out _list)) throw new InvalidOperationException("Invariant: an endpoint has memory for a benchmark");
        Start(RunAsync);
    }

    private async Task RunAsync()
    {
        await DelayAsync(Go - Now);
        await Work!();
    }

    private ulong Place(int at) => _memory + (ulong)(at % MemoryBytes);

    private static void Check(ControllerResult result)
    {
        if (!result.IsSuccess) throw new InvalidOperationException($"Invariant: a benchmark's transfers succeed, not {result}");
    }
}
