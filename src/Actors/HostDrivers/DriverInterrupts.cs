using System.Buffers.Binary;
using PcieFabric.EndpointControllers;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.HostDrivers;

/// <summary>The interrupts of one function, as a driver gets them from its kernel: all that the function can have of one type.</summary>
internal sealed class DriverInterrupts(Host host, int hierarchy, EnumeratedFunction function, int intxLine)
{
    private const int EntryBytes = 16;

    private InterruptVector[] _vectors = [];
    private int _generation;

    /// <summary>Null while there are none.</summary>
    public InterruptType? Type { get; private set; }

    public int Count { get; private set; }

    private ConfigurationAccess Configuration => host.Configuration[hierarchy];

    /// <param name="handler">Called for each interrupt, with its number from 0; one at a time for each.</param>
    public async ValueTask<Errno> AllocateAsync(InterruptType type, Func<int, ValueTask> handler)
    {
        await ReleaseAsync();
        var vectors = type switch
        {
            InterruptType.Intx => AllocateIntx(),
            InterruptType.Msi => await AllocateMsiAsync(),
            _ => await AllocateMsiXAsync(),
        };
        // Linux, pci_alloc_irq_vectors: what MSI and MSI-X answer, or that no line is left.
        if (vectors.Length == 0) return type == InterruptType.Intx ? Errno.ENOSPC : Errno.EINVAL;
        (Type, Count, _vectors) = (type, vectors.Length, vectors);
        for (var i = 0; i < vectors.Length; i++) _ = ServeAsync(vectors[i], i, handler, _generation);
        return Errno.None;
    }

    public async ValueTask ReleaseAsync()
    {
        _generation++;
        var was = Type;
        (Type, Count) = (null, 0);
        foreach (var vector in _vectors) vector.StopWaiting();
        _vectors = [];
        if (was == InterruptType.Msi) await EnableAsync(CapabilityId.Msi, 16, false);
        if (was == InterruptType.MsiX) await EnableAsync(CapabilityId.MsiX, 31, false);
    }

    private async Task ServeAsync(InterruptVector vector, int index, Func<int, ValueTask> handler, int generation)
    {
        // What came on a line before belongs to somebody else.
        while (vector.IsPending) await vector.WaitAsync();
        while (generation == _generation)
        {
            await vector.WaitAsync();
            if (generation == _generation) await handler(index);
        }
    }

    private InterruptVector[] AllocateIntx() => function.InterruptPin == 0 ? [] : [host.Interrupts.Line(intxLine)];

    private async ValueTask<InterruptVector[]> AllocateMsiAsync()
    {
        if (function.FindCapability(CapabilityId.Msi) is not { } at) return [];
        var control = await Configuration.ReadAsync(function.Bdf, at);
        var log2 = (int)(control >> 17) & 7;
        var vectors = host.Interrupts.Allocate(1 << log2);
        var is64Bit = (control >> 23 & 1) != 0;
        await Configuration.WriteAsync(function.Bdf, at + 4, (uint)vectors[0].MessageAddress);
        if (is64Bit) await Configuration.WriteAsync(function.Bdf, at + 8, (uint)(vectors[0].MessageAddress >> 32));
        await Configuration.WriteAsync(function.Bdf, at + (is64Bit ? 12 : 8), vectors[0].MessageData, 3);
        await Configuration.WriteAsync(function.Bdf, at, (control & ~0x0070_0000u) | (uint)log2 << 20 | 1u << 16, 0b1100);
        return vectors;
    }

    private async ValueTask<InterruptVector[]> AllocateMsiXAsync()
    {
        if (function.FindCapability(CapabilityId.MsiX) is not { } at) return [];
        var size = ((int)(await Configuration.ReadAsync(function.Bdf, at) >> 16) & 0x7FF) + 1;
        var table = await Configuration.ReadAsync(function.Bdf, at + 4);
        if (function.FindBar((int)(table & 7)) is not { } bar) return [];
        var vectors = host.Interrupts.Allocate(size);
        var entries = new byte[size * EntryBytes];
        for (var i = 0; i < size; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(entries.AsSpan(i * EntryBytes), vectors[i].MessageAddress);
            BinaryPrimitives.WriteUInt32LittleEndian(entries.AsSpan(i * EntryBytes + 8), vectors[i].MessageData);
        }
        await host.WriteAsync(bar.Range.Base + (table & ~7u), entries);
        await EnableAsync(CapabilityId.MsiX, 31, true);
        return vectors;
    }

    private async ValueTask EnableAsync(int id, int bit, bool enable)
    {
        var at = function.FindCapability(id)!.Value;
        var control = await Configuration.ReadAsync(function.Bdf, at);
        await Configuration.WriteAsync(function.Bdf, at, enable ? control | 1u << bit : control & ~(1u << bit), 0b1100);
    }
}
