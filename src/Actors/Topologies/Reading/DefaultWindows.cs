using System.Numerics;
using PcieFabric.Addressing;

namespace PcieFabric.Topologies.Reading;

/// <summary>The address windows of one root complex whose author named none.</summary>
internal readonly record struct DefaultWindows(AddressRange Memory, AddressRange Prefetchable, AddressRange Io)
{
    private const ulong IoSpaceBytes = 1 << 16;

    /// <summary>What the root complexes of one host get: below 4 GiB equal slices of what one alone has, above it as much as one alone.</summary>
    public static DefaultWindows[] For(int rootComplexes)
    {
        var slices = BitOperations.RoundUpToPowerOf2((uint)rootComplexes);
        var memory = RootComplexDefinition.DefaultMemoryWindow.Size / slices;
        var prefetchable = RootComplexDefinition.DefaultPrefetchableWindow.Size;
        var io = IoSpaceBytes / slices;
        var windows = new DefaultWindows[rootComplexes];
        for (var i = 0; i < rootComplexes; i++)
        {
            // The first slice of I/O space gives up what no root complex may have.
            var ioBase = i == 0 ? RootComplexDefinition.DefaultIoWindow.Base : (ulong)i * io;
            windows[i] = new(
                new(RootComplexDefinition.DefaultMemoryWindow.Base + (ulong)i * memory, memory),
                new(RootComplexDefinition.DefaultPrefetchableWindow.Base + (ulong)i * prefetchable, prefetchable),
                new(ioBase, (ulong)(i + 1) * io - ioBase));
        }
        return windows;
    }
}
