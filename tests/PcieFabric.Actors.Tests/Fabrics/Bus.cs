using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Actors.Tests.Fabrics;

/// <summary>What a test's software knows of an enumerated hierarchy.</summary>
internal sealed class Bus(Host host, int hierarchy, EnumeratedHierarchy tree)
{
    public EnumeratedHierarchy Tree => tree;

    public ConfigurationAccess Config => host.Configuration[hierarchy];

    /// <summary>In the order of enumeration.</summary>
    public IReadOnlyList<EnumeratedFunction> Endpoints { get; } = [.. tree.Functions.Where(f => !f.IsBridge)];

    public IReadOnlyList<EnumeratedFunction> Bridges { get; } = [.. tree.Functions.Where(f => f.IsBridge)];

    public ulong Bar(int endpoint, int bar) => Endpoints[endpoint].FindBar(bar)!.Range.Base;

    public static async Task<Bus> EnumerateAsync(Host host, EnumeratorOptions? options = null, int hierarchy = 0)
    {
        var given = host.Hierarchies[hierarchy];
        options ??= new EnumeratorOptions { Memory = default };
        options = options with { Memory = given.Memory, PrefetchableMemory = given.Prefetchable, Io = given.Io };
        return new Bus(host, hierarchy, await new Enumerator(host.Configuration[hierarchy], options).RunAsync());
    }

    /// <summary>Points a function's MSI-X vectors at fresh vectors of the host, and enables it.</summary>
    public async Task<InterruptVector[]> EnableMsiXAsync(int endpoint, int vectors)
    {
        var function = Endpoints[endpoint];
        var allocated = host.Interrupts.Allocate(vectors);
        for (var i = 0; i < vectors; i++)
        {
            var entry = Bar(endpoint, 4) + 0x100 + 16 * (ulong)i;
            await host.Write64Async(entry, allocated[i].MessageAddress);
            await host.Write64Async(entry + 8, allocated[i].MessageData);
        }
        var at = function.FindCapability(0x11)!.Value;
        await Config.WriteAsync(function.Bdf, at, 0x8000_0000, 0b1000);
        return allocated;
    }

    /// <summary>Likewise for MSI.</summary>
    public async Task<InterruptVector[]> EnableMsiAsync(int endpoint, int log2Vectors)
    {
        var function = Endpoints[endpoint];
        var allocated = host.Interrupts.Allocate(1 << log2Vectors);
        var at = function.FindCapability(0x05)!.Value;
        await Config.WriteAsync(function.Bdf, at + 4, (uint)allocated[0].MessageAddress);
        await Config.WriteAsync(function.Bdf, at + 8, 0);
        await Config.WriteAsync(function.Bdf, at + 12, allocated[0].MessageData, 0b0011);
        await Config.WriteAsync(function.Bdf, at, (uint)(1 | log2Vectors << 4) << 16, 0b1100);
        return allocated;
    }
}
