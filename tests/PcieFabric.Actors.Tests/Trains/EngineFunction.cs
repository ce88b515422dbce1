using PcieFabric.DmaEngines;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions;

namespace PcieFabric.Actors.Tests.Trains;

/// <summary>
/// Software of an endpoint that has its DMA engine move much, by single transfers and lists, one after the other and at once, stops it, and looks at its memory meanwhile; its processor copies too.
/// </summary>
/// <param name="targets">Where it writes to and reads from, once the host has enumerated: memory, BARs of controllers, and one where nothing is.</param>
/// <param name="start">When it begins to work.</param>
internal sealed class EngineFunction(IReadOnlyList<ulong> targets, SimTime start, bool isDisturbed, List<string> seen) : BoundFunction
{
    public const int BarBytes = 1 << 20;

    /// <summary>When the host is ready.</summary>
    public static readonly SimTime Go = SimTime.FromMilliseconds(40);

    /// <summary>Longer than most of what a function does.</summary>
    public static readonly SimTime Turn = SimTime.FromMilliseconds(2);

    private const int MostBytes = 500_000;

    private ulong _bar, _room;

    protected internal override async Task BindAsync()
    {
        await Controller.WriteHeaderAsync(new ControllerHeader(0x104C, 0xB500, 0xFF0000));
        Memory.TryAllocate(BarBytes, BarBytes, out _bar);
        Memory.TryAllocate(BarBytes, BarBytes, out _room);
        Random.Fill(Memory.Span(_room, BarBytes));
        await Controller.SetBarAsync(new BarSettings(0, _bar, BarBytes, BarFlags.Memory64 | BarFlags.Prefetchable));
        await Controller.SetMsiAsync(4);
        Start(WorkAsync);
    }

    private async Task WorkAsync()
    {
        await DelayAsync(start - Now);
        var tasks = isDisturbed && Random.Next(3) == 0 ? 1 + Random.Next(3) : 1;
        for (var i = 1; i < tasks; i++) Start(MoveAsync);
        if (isDisturbed) Start(LookAsync);
        await MoveAsync();
    }

    private async Task MoveAsync()
    {
        var (target, local) = Place();
        for (var step = 0; step < 4; step++)
        {
            // The same again, or elsewhere.
            if (Random.Next(2) == 0) (target, local) = Place();
            if (isDisturbed) await DelayAsync(new SimTime(1 + Random.Next(Random.Next(2) == 0 ? 1_000 : 30_000_000)));
            var size = 1 + Random.Next(MostBytes);
            if (Random.Next(4) > 0) (size, target, local) = ((size + 511) & ~511, target & ~511ul, local & ~511ul);
            var write = Random.Next(2) == 0;
            var what = isDisturbed ? Random.Next(8) : Random.Next(2);
            var told = what switch
            {
                0 when EmbeddedDma is not null => await ListAsync(write, local, target, size),
                2 when EmbeddedDma is not null => await StopAsync(write, local, target, size),
                3 => await CopyAsync(write, local, target, size),
                _ => await TransferAsync(write, local, target, size),
            };
            seen.Add($"{Now} {_room:x} {(write ? "wrote" : "read")} {size} at {target:x}: {told}, {TrainTests.Hash(Memory.Span(local, size))}");
            if (isDisturbed && Random.Next(3) == 0) await Controller.RaiseIrqAsync(InterruptType.Msi, 1);
        }
    }

    private (ulong Target, ulong Local) Place() => (targets[Random.Next(targets.Count)] + (ulong)Random.Next(4096), (Random.Next(4) == 0 ? _bar : _room) + (ulong)Random.Next(4096));

    private async Task<string> TransferAsync(bool write, ulong local, ulong target, int size)
    {
        if (EmbeddedDma is not null)
        {
            var direction = write ? DmaDirection.MemoryToDevice : DmaDirection.DeviceToMemory;
            return (await Controller.TransferAsync(direction, write ? local : target, write ? target : local, (ulong)size)).Rule.ToString();
        }
        var (result, window) = await Controller.MapMemoryAsync(target, (ulong)size);
        if (!result.IsSuccess) return result.ToString();
        var there = window.LocalAddress;
        result = await Controller.TransferAsync(DmaDirection.MemoryToMemory, write ? local : there, write ? there : local, window.SizeBytes);
        await Controller.UnmapMemoryAsync(window);
        return result.Rule.ToString();
    }

    /// <summary>Some elements, of which some tell of their end.</summary>
    private async Task<string> ListAsync(bool write, ulong local, ulong target, int size)
    {
        var channel = await EmbeddedDma!.TakeAsync(write);
        var elements = 1 + Random.Next(8);
        var tells = Random.Next(2) == 0;
        Memory.TryAllocate((ulong)(elements + 1) * LinkedListElement.Bytes, 64, out var list);
        var each = (uint)(size / elements);
        for (var i = 0; i < elements; i++)
        {
            var (here, there) = (local + (ulong)i * each, target + (ulong)i * each);
            var interrupts = i == elements - 1 || (tells && Random.Next(3) == 0) ? channel.Interrupts : EmbeddedDmaControl.None;
            LinkedListElement.Data(each, write ? here : there, write ? there : here, cycle: true, interrupts).Write(Memory.Span(list + (ulong)i * LinkedListElement.Bytes, LinkedListElement.Bytes));
        }
        LinkedListElement.Data(1, 0, 0, cycle: false).Write(Memory.Span(list + (ulong)elements * LinkedListElement.Bytes, LinkedListElement.Bytes));
        await channel.StartAsync(list);
        var told = new List<string>();
        do
        {
            told.Add($"{await channel.WaitAsync()} at {Now}");
            // The last end may have been told together with the one before; if not, its interrupt may still be to come.
            await DelayAsync(SimTime.FromMicroseconds(200));
        }
        while (await channel.StatusAsync() == EmbeddedDmaStatus.Running);
        EmbeddedDma.Release(channel);
        Memory.Free(list);
        return string.Join(' ', told);
    }

    private async Task<string> StopAsync(bool write, ulong local, ulong target, int size)
    {
        var channel = await EmbeddedDma!.TakeAsync(write);
        await channel.TransferAsync(write ? local : target, write ? target : local, (uint)size);
        await DelayAsync(new SimTime(1 + Random.Next(60_000_000)));
        await channel.StopAsync();
        var told = await channel.WaitAsync();
        EmbeddedDma.Release(channel);
        return told.ToString();
    }

    /// <summary>By the processor.</summary>
    private async Task<string> CopyAsync(bool write, ulong local, ulong target, int size)
    {
        var (result, window) = await Controller.MapMemoryAsync(target, (ulong)size);
        if (!result.IsSuccess) return result.ToString();
        var bytes = Memory.Bytes(local, (int)window.SizeBytes);
        var copied = write ? await WriteAsync(window.LocalAddress, bytes) : await ReadAsync(window.LocalAddress, bytes);
        await Controller.UnmapMemoryAsync(window);
        return copied.ToString();
    }

    /// <summary>What the processor finds in its memory while others fill it, and what others find that it writes there meanwhile.</summary>
    private async Task LookAsync()
    {
        var looks = Random.Next(5);
        for (var i = 0; i < looks; i++)
        {
            await DelayAsync(new SimTime(1 + Random.Next(60_000_000)));
            seen.Add($"{Now} {_room:x} {TrainTests.Hash(Memory.Span(_room, BarBytes))} {TrainTests.Hash(Memory.Span(_bar, BarBytes))}");
            Memory.Span((Random.Next(2) == 0 ? _room : _bar) + (ulong)Random.Next(MostBytes), 1000).Fill((byte)i);
        }
    }
}
