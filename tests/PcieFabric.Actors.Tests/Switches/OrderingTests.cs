using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Links;
using Xunit.Abstractions;
using static PcieFabric.Actors.Tests.Switches.SwitchBench;

namespace PcieFabric.Actors.Tests.Switches;

/// <summary>The ordering table (PCIe 6.0 table 2-42) as software meets it: at the far side of a switch whose links are full.</summary>
public class OrderingTests(ITestOutputHelper output)
{
    private static readonly LinkSettings Narrow = Link(new(1, 8));

    private static LinkSettings Link(CreditLimit each) => new() { MaxPayloadSize = 128, Credits = new CreditLimits(each, each, each) };

    private static SwitchBench Bench(LinkSettings link, int down = 2) => new(link, [.. Enumerable.Repeat(link, down)], SimTime.FromNanoseconds(100));

    private static Tlp Write(int from, int to, ushort tag, int bytes, LinkEnd end)
    {
        var tlp = Tlp.MemoryWrite(IdOf(from), to == 0 ? 0x1000 : AddressBelow(to), new byte[bytes], end.Payloads);
        tlp.Tag = tag;
        return tlp;
    }

    private static Tlp Read(int from, int to, ushort tag) => Tlp.MemoryRead(IdOf(from), tag, to == 0 ? 0x1000 : AddressBelow(to), 64);

    private static Tlp Completion(int from, int to, ushort tag, LinkEnd end)
    {
        var request = Read(to, from, tag);
        return Tlp.CompletionWithData(in request, IdOf(from), 0, 16, end.Payloads);
    }

    public static TheoryData<int, int> Ways => new() { { 0, 1 }, { 1, 0 }, { 1, 2 } };

    [Theory]
    [MemberData(nameof(Ways))]
    public void PostedAndCompletionsFlowPastReadsThatNobodyTakes(int from, int to)
    {
        using var bench = Bench(Narrow);
        var (source, target) = (bench.Ends[from], bench.Ends[to]);
        bench.At(SimTime.Zero, to, () => target.Hold(FlowControlClass.NonPosted));
        bench.At(SimTime.FromNanoseconds(10), from, () =>
        {
            for (ushort tag = 0; tag < 5; tag++) source.Send(Read(from, to, tag));
            for (ushort tag = 10; tag < 15; tag++)
            {
                source.Send(Write(from, to, tag, 128, source));
                source.Send(Completion(from, to, (ushort)(tag + 10), source));
            }
        });
        bench.At(SimTime.FromMicroseconds(50), to, () =>
        {
            Assert.Equal([0, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24], target.Tags.Select(t => (int)t).Order());
            target.Free(FlowControlClass.NonPosted);
        });
        bench.Run();

        Assert.Equal([0, 1, 2, 3, 4], target.Tags.Where(t => t < 10).Select(t => (int)t));
        Assert.Equal([10, 11, 12, 13, 14], target.Tags.Where(t => t is >= 10 and < 20).Select(t => (int)t));
        Assert.Equal(0, bench.Engine.PayloadsOutstanding);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void NothingOvertakesABlockedWrite(int from, int to)
    {
        using var bench = Bench(Narrow);
        var (source, target) = (bench.Ends[from], bench.Ends[to]);
        bench.At(SimTime.Zero, to, () => target.Hold(FlowControlClass.Posted));
        bench.At(SimTime.FromNanoseconds(10), from, () =>
        {
            for (ushort tag = 1; tag <= 4; tag++) source.Send(Write(from, to, tag, 64, source));
            source.Send(Read(from, to, 5));
            source.Send(Completion(from, to, 6, source));
        });
        bench.At(SimTime.FromMicroseconds(50), to, () =>
        {
            Assert.Equal([1], target.Tags.Select(t => (int)t));
            target.Free(FlowControlClass.Posted);
        });
        bench.Run();

        Assert.Equal([1, 2, 3, 4], target.Tags.Take(4).Select(t => (int)t));
        Assert.Equal([5, 6], target.Tags.Skip(4).Select(t => (int)t).Order());
    }

    [Theory]
    [InlineData("write", false, false, false, false)]
    [InlineData("write", true, false, false, true)]
    [InlineData("write", false, true, true, false)]
    [InlineData("write", false, true, false, true)]
    [InlineData("read", true, false, false, false)]
    [InlineData("read", false, true, false, true)]
    [InlineData("read", false, true, true, false)]
    [InlineData("completion", false, false, false, false)]
    [InlineData("completion", true, false, false, true)]
    [InlineData("completion", false, true, false, true)]
    public void OnlyRelaxedAndIdBasedOrderingLetPassAWrite(string later, bool relaxed, bool idBased, bool sameRequester, bool passes)
    {
        // Two headers, and the data of one write: the second write waits for data, a message would not have to.
        using var bench = Bench(Link(new(4, 8)));
        var (source, target) = (bench.Ends[1], bench.Up);
        bench.At(SimTime.Zero, 0, () => target.Hold(FlowControlClass.Posted));
        bench.At(SimTime.FromNanoseconds(10), 1, () =>
        {
            source.Send(Write(1, 0, 1, 128, source));
            source.Send(Write(1, 0, 2, 128, source));
        });
        bench.At(SimTime.FromMicroseconds(10), 1, () =>
        {
            var requester = sameRequester ? IdOf(1) : new Addressing.Bdf(3, 0, 5);
            var request = Read(0, 1, 3);
            var tlp = later switch
            {
                "write" => Tlp.Message(PcieFabric.Tlps.MessageRouting.ToRootComplex, (byte)MessageCode.Vendor_Defined_Type_1, requester, tag: 3),
                "read" => Tlp.MemoryRead(requester, 3, 0x1000, 4),
                _ => Tlp.CompletionFor(in request, requester, CompletionStatus.SuccessfulCompletion),
            };
            (tlp.RelaxedOrdering, tlp.IdBasedOrdering) = (relaxed, idBased);
            source.Send(tlp);
        });
        bench.At(SimTime.FromMicroseconds(50), 0, () =>
        {
            Assert.Equal(passes, target.Tags.Contains((ushort)3));
            target.Free(FlowControlClass.Posted);
        });
        bench.Run();

        Assert.Equal([1, 2, 3], target.Tags.Select(t => (int)t).Order());
    }

    [Fact]
    public void CompletionsOfOneReadStayInOrderAndOthersMayPassThem()
    {
        using var bench = Bench(Link(new(4, 8)));
        bench.At(SimTime.Zero, 0, () => bench.Up.Hold(FlowControlClass.Completion));
        bench.At(SimTime.FromNanoseconds(10), 1, () =>
        {
            var source = bench.Ends[1];
            var read = Tlp.MemoryRead(IdOf(0), 7, AddressBelow(1), 260);
            foreach (var part in new CompletionSplitter(in read, 128, 64)) source.Send(Tlp.CompletionWithData(in read, IdOf(1), part.OffsetDw, part.LengthDw, source.Payloads));
            var other = Tlp.ConfigWrite(0, IdOf(0), 9, IdOf(1), 0, 0);
            source.Send(Tlp.CompletionFor(in other, IdOf(1), CompletionStatus.SuccessfulCompletion));
        });
        bench.At(SimTime.FromMicroseconds(50), 0, () =>
        {
            Assert.Equal([7, 9], bench.Up.Tags.Select(t => (int)t));
            bench.Up.Free(FlowControlClass.Completion);
        });
        bench.Run();

        Assert.Equal([260, 132, 4], bench.Up.Received.Where(r => r.Tlp.Tag == 7).Select(r => r.Tlp.ByteCount));
    }

    /// <summary>Everybody to everybody, with the fewest credits and receivers that stop and go: all of it arrives, and whatever overtook was allowed to.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void RandomTrafficArrivesInAnOrderThatTheTableAllows(int headers)
    {
        var seed = TestSeed.Of(output, 1);
        for (var round = 0; round < 40; round++)
        {
            var random = new Random(seed * 1000 + round);
            using var bench = Bench(Link(new(headers, 8)), down: 3);
            var sent = new List<(int From, int To, Tlp Tlp)>();
            for (var i = 0; i < 200; i++)
            {
                var (from, to) = (random.Next(4), random.Next(4));
                if (from == to) continue;
                var (kind, tag, bytes, bits) = (random.Next(3), (ushort)sent.Count, random.Next(1, 129), random.Next(8));
                bench.At(new SimTime(random.Next(1, 3_000_000)), from, () =>
                {
                    var end = bench.Ends[from];
                    var tlp = kind switch { 0 => Write(from, to, tag, bytes, end), 1 => Read(from, to, tag), _ => Completion(from, to, tag, end) };
                    (tlp.RelaxedOrdering, tlp.IdBasedOrdering) = (bits == 1, bits == 2);
                    sent.Add((from, to, tlp));
                    end.Send(tlp);
                });
                sent.Add(default);
            }
            sent.Clear();
            foreach (var end in Enumerable.Range(0, 4))
            {
                foreach (var held in Enum.GetValues<FlowControlClass>())
                {
                    var from = random.Next(3_000_000);
                    bench.At(new SimTime(1 + from), end, () => bench.Ends[end].Hold(held));
                    bench.At(new SimTime(2 + from + random.Next(4_000_000)), end, () => bench.Ends[end].Free(held));
                }
            }
            bench.Run();

            Assert.Equal(sent.Count, bench.Ends.Sum(e => e.Received.Count));
            Assert.Equal(0, bench.Engine.PayloadsOutstanding);
            for (var to = 0; to < 4; to++) AssertAllowed(bench.Ends[to], to, sent);
        }
    }

    private static void AssertAllowed(LinkEnd target, int to, List<(int From, int To, Tlp Tlp)> sent)
    {
        var arrival = target.Tags.Select((tag, place) => (tag, place)).ToDictionary(e => e.tag, e => e.place);
        foreach (var stream in sent.Where(s => s.To == to).GroupBy(s => s.From))
        {
            var tlps = stream.Select(s => s.Tlp).ToArray();
            for (var later = 1; later < tlps.Length; later++)
                for (var earlier = 0; earlier < later; earlier++)
                    if (arrival[tlps[later].Tag] < arrival[tlps[earlier].Tag])
                        Assert.True(OrderingRules.MayPass(tlps[later], tlps[earlier]), $"{tlps[later]} passed {tlps[earlier]}");
        }
    }
}
