using PcieFabric.AddressTranslation;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies.Enumerated;

namespace PcieFabric.Experiments;

/// <summary>
/// Host software's side of the IOMMU, for functions that do DMA: attaches each to what its workload asks for, and maps its buffers, and nothing else. Without an IOMMU
/// there is nothing to do.
/// </summary>
internal sealed class TranslationSetup(Host host)
{
    private const int AtsControl = 4;
    private const uint AtsEnable = 1u << 31;
    private const byte ControlBytes = 0b1100;

    private readonly Dictionary<string, IommuDomain> _attached = new(StringComparer.Ordinal);
    private IommuDomain? _passThrough;

    /// <summary>From now on the function's DMA is translated in this way. A domain with mappings is a new one each time, in which nothing is mapped yet.</summary>
    public async ValueTask AttachAsync(LocatedFunction function, Translation translation)
    {
        if (host.Iommu is not { } iommu) return;
        var current = _attached.GetValueOrDefault(function.Path);
        if (translation == Translation.PassThrough && current is not null && current == _passThrough) return;
        if (current is not null)
        {
            await iommu.DetachAsync(function.Found.Bdf, hierarchy: function.Hierarchy);
            await EnableAtsAsync(function, false);
        }
        var domain = translation == Translation.PassThrough ? _passThrough ??= iommu.CreateDomain(passThrough: true) : iommu.CreateDomain();
        _attached[function.Path] = domain;
        var usesAts = translation == Translation.AddressTranslationServices;
        await iommu.AttachAsync(domain, function.Found.Bdf, atsDepth: usesAts ? function.Definition.Capabilities.Ats!.InvalidateQueueDepth : 0, hierarchy: function.Hierarchy);
        if (usesAts) await EnableAtsAsync(function, true);
    }

    /// <summary>Maps a buffer with pages of exactly this size: the I/O address is one page off, so that no larger page fits both addresses.</summary>
    /// <param name="address">Of memory, a multiple of the page.</param>
    /// <returns>The I/O address, by which the function reaches the buffer.</returns>
    public async ValueTask<ulong> MapAsync(LocatedFunction function, ulong address, ulong bytes, ulong pageBytes, PagePermissions permissions)
    {
        var iova = pageBytes == DmaWorkload.HugePageBytes ? address : address + pageBytes;
        await host.Iommu!.MapAsync(_attached[function.Path], iova, address, (bytes + pageBytes - 1) / pageBytes * pageBytes, permissions);
        return iova;
    }

    /// <summary>Functions without the capability never translate.</summary>
    private async ValueTask EnableAtsAsync(LocatedFunction function, bool enabled)
    {
        if (function.Found.FindExtendedCapability(ExtendedCapabilityId.AddressTranslationServices) is not { } ats) return;
        await host.Configuration[function.Hierarchy].WriteAsync(function.Found.Bdf, ats + AtsControl, enabled ? AtsEnable : 0, ControlBytes);
    }
}
