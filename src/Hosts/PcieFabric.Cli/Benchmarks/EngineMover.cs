using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions;
using PcieFabric.Units;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>Software of an endpoint whose DMA engine moves blocks between the endpoint's memory and the host's, one transfer after the other as its driver does them.</summary>
internal sealed class EngineMover : BoundFunction
{
    /// <summary>Of its own, less than all the endpoint has for it.</summary>
    public const int MemoryBytes = 8 << 20;

    /// <summary>When links are up, and when the host is ready.</summary>
    public static readonly SimTime LinksUp = SimTime.FromMilliseconds(30), Go = SimTime.FromMilliseconds(40);

    private ulong _memory;

    public Func<Task>? Work { get; set; }

    /// <summary>Copies from its memory to the bus.</summary>
    public async ValueTask WriteAsync(int at, ulong address, int sizeBytes) => Check(await Controller.TransferAsync(DmaDirection.MemoryToDevice, Place(at), address, (ulong)sizeBytes));

    /// <summary>Copies from the bus to its memory.</summary>
    public async ValueTask ReadAsync(int at, ulong address, int sizeBytes) => Check(await Controller.TransferAsync(DmaDirection.DeviceToMemory, address, Place(at), (ulong)sizeBytes));

    public Span<byte> Span(int at, int sizeBytes) => Memory.Span(Place(at), sizeBytes);

    protected override async Task BindAsync()
    {
        await Controller.WriteHeaderAsync(new ControllerHeader(0x1d0f, 0x0002, 0xFF0000));
        if (!Memory.TryAllocate(MemoryBytes, 4096, out _memory)) throw new InvalidOperationException("Invariant: an endpoint has memory for a benchmark");
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
