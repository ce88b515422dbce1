using PcieFabric.Actors.Tests.Enumeration;
using PcieFabric.AddressTranslation;
using PcieFabric.Engine;
using PcieFabric.Iommus;
using PcieFabric.Tlps;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Iommus;

public sealed class AddressTranslationServiceTests(ITestOutputHelper output)
{
    private const ulong Iova = 0x50_0000_0000;

    [Fact]
    public void AFunctionAsksOnceAPageAndThenUsesWhatItWasTold()
    {
        using var rig = new IommuRig(ats: true);
        rig.Run(async (host, iommu) =>
        {
            var buffer = host.Memory.Allocate(0x4000, 0x1000);
            IommuRig.Bytes(200).CopyTo(host.Memory.Span(buffer + 0xFF0, 200));
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(0), atsDepth: 32);
            await iommu.MapAsync(domain, Iova, buffer, 0x4000, PagePermissions.ReadWrite);
            await rig.EnableAtsAsync(host, 0);
            var read = new byte[200];
            await rig.DoAsync(host, 0, async probe =>
            {
                for (var i = 0; i < 5; i++) Assert.True((await probe.ReadAsync(Iova + 0xFF0, read)).IsSuccess);
                Assert.Equal(2, probe.Asked);
                // Read translations were asked for without write permission, so these are asked for once more.
                for (var i = 0; i < 5; i++) await probe.WriteAsync(Iova + 0x1000, IommuRig.Bytes(64, first: 100));
                Assert.Equal(3, probe.Asked);
                Assert.Equal(BitConverter.ToUInt32(IommuRig.Bytes(4, first: 100)), (await probe.FetchAddAsync(Iova + 0x1000, 1)).Value);
                Assert.Equal(3, probe.Asked);
            });
            Assert.Equal(IommuRig.Bytes(200), read);
        });
        Assert.Equal((3, 0), (rig.Iommu.Counters.TranslationRequests, rig.Iommu.Counters.Faults));
        Assert.Equal(rig.Iommu.Counters.Requests, rig.Iommu.Counters.TranslationRequests + rig.Iommu.Counters.Translated);
    }

    [Fact]
    public void WithoutAtsEnabledNothingIsAskedFor()
    {
        using var rig = new IommuRig(ats: true);
        rig.Run(async (host, iommu) =>
        {
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(0), atsDepth: 32);
            await iommu.MapAsync(domain, Iova, host.Memory.Allocate(0x1000, 0x1000), 0x1000, PagePermissions.ReadWrite);
            await rig.DoAsync(host, 0, async probe => Assert.True((await probe.ReadAsync(Iova, new byte[64])).IsSuccess));
        });
        Assert.Equal((0, 0), (rig.Iommu.Counters.TranslationRequests, rig.Iommu.Counters.Translated));
    }

    [Fact]
    public void ARefusedTranslationIsNoFaultButTheAccessFails()
    {
        using var rig = new IommuRig(ats: true);
        rig.Run(async (host, iommu) =>
        {
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(0), atsDepth: 32);
            await iommu.MapAsync(domain, Iova, host.Memory.Allocate(0x1000, 0x1000), 0x1000, PagePermissions.Read);
            await rig.EnableAtsAsync(host, 0);
            await rig.DoAsync(host, 0, async probe =>
            {
                Assert.Equal(CompletionStatus.UnsupportedRequest, (await probe.ReadAsync(Iova + 0x1000, new byte[64])).Status);
                Assert.Equal(CompletionStatus.UnsupportedRequest, (await probe.WriteAsync(Iova, new byte[64])).Status);
                Assert.Equal(CompletionStatus.UnsupportedRequest, (await probe.FetchAddAsync(Iova, 1)).Status);
                Assert.True((await probe.ReadAsync(Iova, new byte[64])).IsSuccess);
            });
            // A translation that is smaller than the unit that software has set up is of no use.
            await rig.EnableAtsAsync(host, 0, smallestUnitShift: 1);
            await iommu.InvalidateAsync(domain, Iova, 0x1000);
            await rig.DoAsync(host, 0, async probe => Assert.False((await probe.ReadAsync(Iova, new byte[64])).IsSuccess));
        });
        Assert.Equal(0, rig.Iommu.Counters.Faults);
    }

    [Fact]
    public void TranslationsOfLargePagesArePassThroughAndPasidsAreKeptApart()
    {
        using var rig = new IommuRig(ats: true);
        rig.Run(async (host, iommu) =>
        {
            var buffer = host.Memory.Allocate(0x20_0000, 0x20_0000);
            var (large, identity) = (iommu.CreateDomain(), iommu.CreateDomain(passThrough: true));
            await iommu.AttachAsync(large, rig.Id(0), pasid: 5, atsDepth: 32);
            await iommu.AttachAsync(identity, rig.Id(0), atsDepth: 32);
            await iommu.MapAsync(large, Iova, buffer, 0x20_0000, PagePermissions.ReadWrite);
            await rig.EnableAtsAsync(host, 0);
            await rig.DoAsync(host, 0, async probe =>
            {
                for (var i = 0ul; i < 8; i++) await probe.WriteAsync(Iova + i * 0x3_1000, IommuRig.Bytes(32, first: (int)i), pasid: 5);
                Assert.Equal(1, probe.Asked);
                var read = new byte[32];
                for (var i = 0ul; i < 8; i++)
                {
                    Assert.True((await probe.ReadAsync(buffer + i * 0x3_1000, read)).IsSuccess);
                    Assert.Equal(IommuRig.Bytes(32, first: (int)i), read);
                }
                Assert.Equal(2, probe.Asked);
                Assert.False((await probe.ReadAsync(Iova, read)).IsSuccess);
                Assert.False((await probe.ReadAsync(buffer, read, pasid: 5)).IsSuccess);
            });
        });
    }

    [Fact]
    public void AFunctionThatDoesNotAnswerMakesTheUnmapFailAndIsReported()
    {
        using var rig = new IommuRig("invalidate-timeout: 1 ms");
        rig.Run(async (host, iommu) =>
        {
            var domain = iommu.CreateDomain();
            var nobody = new Addressing.Bdf(rig.Id(0).Bus, 3, 0);
            await iommu.AttachAsync(domain, nobody, atsDepth: 1);
            await iommu.MapAsync(domain, Iova, host.Memory.Allocate(0x2000, 0x1000), 0x2000, PagePermissions.ReadWrite);
            var before = host.Now;
            await Assert.ThrowsAsync<TimeoutException>(async () => await iommu.UnmapAsync(domain, Iova, 0x1000));
            Assert.InRange((host.Now - before).Microseconds, 1000, 1001);
            Assert.Equal((IommuFaultKind.InvalidateTimeout, Iova), (await iommu.NextFaultAsync()) is var fault ? (fault.Kind, fault.Address) : default);
        });
    }

    [Fact]
    public void AFunctionThatKeepsNoTranslationsAnswersAtOnce()
    {
        using var rig = new IommuRig(ats: false);
        rig.Run(async (host, iommu) =>
        {
            var domain = iommu.CreateDomain();
            foreach (var i in new[] { 0, 1, 2 }) await iommu.AttachAsync(domain, rig.Id(i), atsDepth: 1);
            await iommu.MapAsync(domain, Iova, host.Memory.Allocate(0x10_0000, 0x1000), 0x10_0000, PagePermissions.ReadWrite);
            // Many at a time, though each function takes one: the others wait for their turn.
            var unmaps = Enumerable.Range(0, 100).Select(i => iommu.UnmapAsync(domain, Iova + (ulong)i * 0x1000, 0x1000).AsTask()).ToList();
            foreach (var unmap in unmaps) Assert.Equal(0x1000ul, await unmap);
        });
        Assert.Equal((300, 300), (rig.Iommu.Counters.InvalidateRequests, rig.Iommu.Counters.InvalidateCompletions));
    }

    [Fact]
    public void AFunctionAnswersAnInvalidateRequestOnlyWhenItsReadsAreAnswered()
    {
        using var rig = new IommuRig(ats: true, host: "memory-latency: 20 us");
        rig.Run(async (host, iommu) =>
        {
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(0), atsDepth: 32);
            await iommu.MapAsync(domain, Iova, host.Memory.Allocate(0x1000, 0x1000), 0x1000, PagePermissions.Read);
            await rig.EnableAtsAsync(host, 0);
            SimTime asked = default, answered = default;
            var order = rig.Probes[0].Add(async probe =>
            {
                await probe.ReadAsync(Iova, new byte[64]);
                asked = probe.Now;
                Assert.True((await probe.ReadAsync(Iova, new byte[64])).IsSuccess);
                answered = probe.Now;
            });
            await host.Write32Async(rig.Bar(0), (uint)order);
            while (asked == SimTime.Zero) await host.DelayAsync(SimTime.FromNanoseconds(100));
            await host.DelayAsync(SimTime.FromMicroseconds(2));
            await iommu.UnmapAsync(domain, Iova, 0x1000);
            Assert.InRange((answered - asked).Microseconds, 20, 22);
            // Answered here, then the message has its way up before it.
            Assert.InRange((host.Now - answered).Nanoseconds, 200, 30_000);
        });
        Assert.Equal(1, rig.Iommu.Counters.InvalidateCompletions);
    }

    /// <summary>
    /// Functions read and write without pause while the host takes pages away, marks their memory and gives them back: no marked byte is ever read or overwritten. Also the same run must
    /// come out the same on one partition and two.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void NothingStaleIsUsedOnceAnUnmapIsComplete(ulong seed)
    {
        const int pages = 6, rounds = 150;
        var digests = new List<ulong>();
        foreach (var partitions in new[] { 1, 2 })
        {
            using var rig = new IommuRig("entries: 4, ways: 2", ats: true, partitions, seed);
            var digest = new DigestOfHost();
            rig.Fabric.Engine.Observe(_ => digest);
            rig.Run(async (host, iommu) =>
            {
                var buffer = host.Memory.Allocate(pages * 0x1000, 0x1000);
                var domain = iommu.CreateDomain();
                for (var i = 0; i < 3; i++)
                {
                    await iommu.AttachAsync(domain, rig.Id(i), atsDepth: 32);
                    await rig.EnableAtsAsync(host, i);
                }
                await iommu.MapAsync(domain, Iova, buffer, pages * 0x1000, PagePermissions.ReadWrite);
                for (var i = 0; i < 3; i++)
                {
                    var traffic = rig.Probes[i].Add(probe => TrafficAsync(probe, pages));
                    await host.Write32Async(rig.Bar(i), (uint)traffic);
                }
                for (var round = 0; round < rounds; round++)
                {
                    var page = (ulong)host.Random.Next(pages) * 0x1000;
                    await iommu.UnmapAsync(domain, Iova + page, 0x1000);
                    var memory = buffer + page;
                    host.Memory.Span(memory, 4096).Fill(0xEE);
                    await host.DelayAsync(SimTime.FromNanoseconds(host.Random.Next(3000)));
                    Assert.DoesNotContain(host.Memory.Span(memory, 4096).ToArray(), b => b != 0xEE);
                    host.Memory.Span(memory, 4096).Clear();
                    await iommu.MapAsync(domain, Iova + page, memory, 0x1000, PagePermissions.ReadWrite);
                    await host.DelayAsync(SimTime.FromNanoseconds(host.Random.Next(1500)));
                }
                for (var i = 0; i < 3; i++)
                {
                    await rig.DoAsync(host, i, probe =>
                    {
                        probe.IsStopped = true;
                        return Task.CompletedTask;
                    });
                }
            }, threads: partitions);
            output.WriteLine($"seed {seed}, {partitions} partitions: {rig.Iommu.Counters.Translated} translated, {rig.Iommu.Counters.TranslationRequests} asked, {rig.Iommu.Counters.InvalidateRequests} invalidations, {rig.Iommu.Counters.Faults} faults");
            Assert.Equal(3 * rounds, rig.Iommu.Counters.InvalidateRequests);
            Assert.Equal(3 * rounds, rig.Iommu.Counters.InvalidateCompletions);
            Assert.Equal(0, rig.Iommu.Counters.Faults);
            Assert.InRange(rig.Iommu.Counters.Translated, 1000, long.MaxValue);
            digests.Add(digest.Value);
        }
        Assert.Equal(digests[0], digests[1]);
    }

    [Fact]
    public void AFunctionWhoseCodeFailedStillAnswers()
    {
        using var rig = new IommuRig(ats: true);
        rig.Run(
            async (host, iommu) =>
            {
                var domain = iommu.CreateDomain();
                await iommu.AttachAsync(domain, rig.Id(0), atsDepth: 32);
                await iommu.MapAsync(domain, Iova, host.Memory.Allocate(0x1000, 0x1000), 0x1000, PagePermissions.ReadWrite);
                await rig.EnableAtsAsync(host, 0);
                await rig.DoAsync(host, 0, async probe => await probe.ReadAsync(Iova, new byte[64]));
                await host.Write32Async(rig.Bar(0), (uint)rig.Probes[0].Add(_ => throw new InvalidOperationException("the function's own bug")));
                Assert.Equal(0x1000ul, await iommu.UnmapAsync(domain, Iova, 0x1000));
            },
            stopped: 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void AResetFunctionForgetsAndStillAnswers(int phase)
    {
        using var rig = new IommuRig(ats: true);
        rig.Run(async (host, iommu) =>
        {
            var domain = iommu.CreateDomain();
            await iommu.AttachAsync(domain, rig.Id(0), atsDepth: 32);
            await iommu.MapAsync(domain, Iova, host.Memory.Allocate(0x1_0000, 0x1000), 0x1_0000, PagePermissions.ReadWrite);
            await rig.EnableAtsAsync(host, 0);
            var order = rig.Probes[0].Add(probe => TrafficAsync(probe, pages: 4));
            await host.Write32Async(rig.Bar(0), (uint)order);
            await host.DelayAsync(SimTime.FromMicroseconds(5));
            var unmaps = Enumerable.Range(0, 8).Select(i => iommu.UnmapAsync(domain, Iova + (ulong)i * 0x1000, 0x1000).AsTask()).ToList();
            await host.DelayAsync(SimTime.FromNanoseconds(1 + phase * 100));
            rig.Probes[0].IsStopped = true;
            var deviceControl = rig.Functions[0].FindCapability(0x10)!.Value + 8;
            await host.Configuration[0].WriteAsync(rig.Id(0), deviceControl, 0x8000, byteEnables: 2);
            foreach (var unmap in unmaps) Assert.Equal(0x1000ul, await unmap);
        });
        Assert.Equal(1, rig.Probes[0].Resets);
        Assert.Equal((8, 8), (rig.Iommu.Counters.InvalidateRequests, rig.Iommu.Counters.InvalidateCompletions));
    }

    private static async Task TrafficAsync(DmaProbe probe, int pages)
    {
        var random = new Random(probe.Orders);
        var read = new byte[256];
        var write = new byte[256];
        Array.Fill(write, (byte)0x11);
        while (!probe.IsStopped)
        {
            var address = Iova + (ulong)random.Next(pages) * 0x1000 + (ulong)random.Next(15) * 256;
            if (random.Next(2) == 0) await probe.WriteAsync(address, write);
            else if ((await probe.ReadAsync(address, read)).IsSuccess) Assert.DoesNotContain((byte)0xEE, read);
        }
    }

    /// <summary>What the host's actors get, in order: all that software can see.</summary>
    private sealed class DigestOfHost : IMessageObserver
    {
        private Journals.Digest _digest = new(1);

        public ulong Value => _digest.Value;

        public void Delivered(ref readonly Message message, int channelId, int actor)
        {
            if (actor > 2) return;
            lock (this)
            {
                _digest.Add((ulong)channelId);
                message.AddTo(ref _digest);
            }
        }
    }
}
