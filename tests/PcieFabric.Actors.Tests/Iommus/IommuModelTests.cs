using PcieFabric.Actors.Tests.Enumeration;
using PcieFabric.AddressTranslation;
using PcieFabric.Requests;
using PcieFabric.RootComplexes;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Iommus;

/// <summary>Random maps, unmaps and accesses, each checked against a model that is a dictionary of pages and a copy of memory.</summary>
public sealed class IommuModelTests(ITestOutputHelper output)
{
    private const int Operations = 10_000;
    private const ulong PageBytes = 4096;
    private const ulong MemoryBase = 0x80_0000, MemoryBytes = 0x80_0000;

    /// <summary>I/O addresses of the test: four large pages.</summary>
    private const ulong IovaBase = 0x4000_0000, IovaPages = 2048;

    private readonly Dictionary<ulong, (ulong Page, PagePermissions Permissions)> _pages = [];
    private readonly byte[] _memory = new byte[MemoryBytes];

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(false, "entries: 4, ways: 2, walkers: 1, largest-page: 4 KiB")]
    public void TenThousandRandomMapsUnmapsAndAccessesDoWhatTheModelDoes(bool ats, string settings)
    {
        var random = TestSeed.Random(output);
        using var rig = new IommuRig(settings, ats);
        var done = new int[4];
        rig.Run(async (host, iommu) =>
        {
            host.Memory.Span(MemoryBase, (int)MemoryBytes).Clear();
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(0), atsDepth: ats ? 4 : 0);
            if (ats) await rig.EnableAtsAsync(host, 0);
            for (var i = 0; i < Operations; i++)
            {
                switch (random.Next(10))
                {
                    case 0:
                        done[0] += await MapAsync(random, iommu, domain);
                        break;
                    case 1:
                        await UnmapAsync(random, iommu, domain);
                        done[1]++;
                        break;
                    default:
                        done[await AccessAsync(random, host, rig) ? 2 : 3]++;
                        break;
                }
                if (i % 1000 == 999) Assert.True(host.Memory.Span(MemoryBase, (int)MemoryBytes).SequenceEqual(_memory), $"memory differs after {i + 1} operations");
            }
        });
        output.WriteLine($"{done[0]} maps, {done[1]} unmaps, {done[2]} accesses that were allowed throughout, {done[3]} that were not; {rig.Iommu.Counters.Faults} faults; {rig.Iommu.Counters.Hits} hits, {rig.Iommu.Counters.Misses} misses; asked {rig.Probes[0].Asked}");
        Assert.All(done, count => Assert.InRange(count, 200, Operations));
        if (ats) Assert.Equal(0, rig.Iommu.Counters.Faults);
        else Assert.InRange(rig.Iommu.Counters.Faults, 200, 10 * Operations);
    }

    private async Task<int> MapAsync(Random random, HostIommu iommu, IommuDomain domain)
    {
        var isLarge = random.Next(4) == 0;
        var pages = isLarge ? 512ul : (ulong)random.Next(1, 40);
        var iova = isLarge ? (ulong)random.Next(4) * 512 : (ulong)random.NextInt64((long)(IovaPages - pages));
        var page = isLarge ? (ulong)random.Next(4) * 512 : (ulong)random.NextInt64((long)(MemoryBytes / PageBytes - pages));
        var permissions = (PagePermissions)random.Next(1, 4);
        var isFree = Enumerable.Range(0, (int)pages).All(i => !_pages.ContainsKey(iova + (ulong)i));
        var map = async () => await iommu.MapAsync(domain, IovaBase + iova * PageBytes, MemoryBase + page * PageBytes, pages * PageBytes, permissions);
        if (!isFree)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(map);
            return 0;
        }
        await map();
        for (var i = 0ul; i < pages; i++) _pages.Add(iova + i, (page + i, permissions));
        return 1;
    }

    private async Task UnmapAsync(Random random, HostIommu iommu, IommuDomain domain)
    {
        var pages = (ulong)random.Next(1, random.Next(4) == 0 ? 600 : 60);
        var iova = (ulong)random.NextInt64((long)(IovaPages - pages));
        var unmapped = await iommu.UnmapAsync(domain, IovaBase + iova * PageBytes, pages * PageBytes);
        var removed = 0ul;
        for (var i = 0ul; i < pages; i++)
            if (_pages.Remove(iova + i))
                removed++;
        Assert.Equal(removed * PageBytes, unmapped);
    }

    /// <returns>Whether all of it was allowed.</returns>
    private async Task<bool> AccessAsync(Random random, Host host, IommuRig rig)
    {
        var length = random.Next(1, random.Next(4) == 0 ? 9000 : 300);
        var at = PickAddress(random, length);
        var kind = random.Next(3);
        if (kind == 2) (length, at) = (4, at & ~3ul);
        var needed = kind == 0 ? PagePermissions.Read : kind == 1 ? PagePermissions.Write : PagePermissions.ReadWrite;
        var data = new byte[length];
        random.NextBytes(data);
        var before = data.ToArray();
        RequestResult? result = null;
        await rig.DoAsync(host, 0, async probe => result = kind switch
        {
            0 => await probe.ReadAsync(IovaBase + at, data),
            1 => await probe.WriteAsync(IovaBase + at, data),
            _ => await probe.FetchAddAsync(IovaBase + at, BitConverter.ToUInt32(data)),
        });

        var allowed = true;
        for (var offset = 0; offset < length;)
        {
            var page = (at + (ulong)offset) / PageBytes;
            var within = (int)((at + (ulong)offset) % PageBytes);
            var count = Math.Min(length - offset, (int)PageBytes - within);
            if (_pages.TryGetValue(page, out var mapped) && (mapped.Permissions & needed) == needed)
            {
                var start = (int)(mapped.Page * PageBytes) + within;
                if (kind == 1 && rig.Probes[0].UsesAts) TakeWritten(_memory.AsSpan(start, count), before.AsSpan(offset, count), host.Memory.Span(MemoryBase + (ulong)start, count));
                else Apply(kind, _memory.AsSpan(start, count), data.AsSpan(offset, count), result!.Value);
            }
            else
            {
                allowed = false;
                if (kind == 0) Assert.Equal(before.AsSpan(offset, count), data.AsSpan(offset, count));
            }
            offset += count;
        }
        // A posted write that is refused tells its requester nothing; with ATS the function knows before it writes.
        var isTold = kind != 1 || rig.Probes[0].UsesAts;
        Assert.Equal(allowed || !isTold, result!.Value.IsSuccess);
        return allowed;
    }

    private static void Apply(int kind, Span<byte> memory, Span<byte> data, RequestResult result)
    {
        if (kind == 1) data.CopyTo(memory);
        else if (kind == 2)
        {
            Assert.Equal(BitConverter.ToUInt32(memory), (uint)result.Value);
            BitConverter.TryWriteBytes(memory, BitConverter.ToUInt32(memory) + BitConverter.ToUInt32(data));
        }
        // A read that fails elsewhere may have got this part, or not.
        else if (result.IsSuccess) Assert.Equal(memory, data);
    }

    /// <summary>With ATS a write ends at the first page that is refused: each byte of the other pages is what it was or what was written.</summary>
    private static void TakeWritten(Span<byte> model, Span<byte> written, Span<byte> memory)
    {
        for (var i = 0; i < model.Length; i++)
        {
            Assert.True(memory[i] == model[i] || memory[i] == written[i]);
            model[i] = memory[i];
        }
    }

    /// <summary>Half of the time where something is mapped.</summary>
    private ulong PickAddress(Random random, int length)
    {
        var most = (long)(IovaPages * PageBytes) - length;
        var anywhere = (ulong)random.NextInt64(most);
        if (_pages.Count == 0 || random.Next(2) == 0) return anywhere;
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var address = (ulong)random.NextInt64(most);
            if (_pages.ContainsKey(address / PageBytes)) return address;
        }
        return anywhere;
    }
}
