using PcieFabric.Addressing;
using PcieFabric.Links;
using PcieFabric.Memory;
using PcieFabric.Tlps;

namespace PcieFabric.Fabric.Tests.Links;

/// <summary>Every cell of the ordering table (PCIe 6.0 table 2-42), with each attribute that a cell names.</summary>
public sealed class OrderingRulesTests : IDisposable
{
    private static readonly Bdf Here = new(1, 0, 0);
    private static readonly Bdf There = new(2, 0, 0);

    private readonly PayloadDepot _depot = new();
    private readonly PayloadPool _pool;

    public OrderingRulesTests() => _pool = new PayloadPool(_depot);

    public void Dispose() => _depot.Dispose();

    private Tlp Make(string name, Bdf requester, ushort tag)
    {
        Span<byte> data = stackalloc byte[8];
        return name switch
        {
            "MWr" => Tlp.MemoryWrite(requester, 0x1000, data, _pool),
            "Msg" => Tlp.Message(MessageRouting.ToRootComplex, 0x20, requester, tag),
            "MsgD" => Tlp.MessageWithData(MessageRouting.ToRootComplex, 0x7E, requester, data, _pool, tag),
            "MRd" => Tlp.MemoryRead(requester, tag, 0x1000, 64),
            "MRdLk" => Tlp.LockedMemoryRead(requester, tag, 0x1000, 64),
            "IORd" => Tlp.IoRead(requester, tag, 0x100, 15),
            "CfgRd" => Tlp.ConfigRead(1, requester, tag, There, 0),
            "IOWr" => Tlp.IoWrite(requester, tag, 0x100, 15, 1),
            "CfgWr" => Tlp.ConfigWrite(1, requester, tag, There, 4, 1),
            "AtomicOp" => Tlp.Atomic(AtomicOperation.FetchAdd, requester, tag, 0x1000, data, _pool),
            "DMWr" => Tlp.DeferrableMemoryWrite(requester, tag, 0x1000, data, _pool),
            "CplD" => Tlp.CompletionWithData(Tlp.MemoryRead(requester, tag, 0x1000, 64), There, 0, 16, _pool),
            "CplDLk" => Tlp.CompletionWithData(Tlp.LockedMemoryRead(requester, tag, 0x1000, 64), There, 0, 16, _pool),
            "Cpl UR" => Tlp.CompletionFor(Tlp.MemoryRead(requester, tag, 0x1000, 64), There, CompletionStatus.UnsupportedRequest),
            "Cpl IOWr" => Tlp.CompletionFor(Tlp.IoWrite(requester, tag, 0x100, 15, 1), There, CompletionStatus.SuccessfulCompletion),
            "Cpl CfgWr" => Tlp.CompletionFor(Tlp.ConfigWrite(0, requester, tag, There, 4, 1), There, CompletionStatus.SuccessfulCompletion),
            "Cpl DMWr" => Tlp.CompletionFor(Tlp.DeferrableMemoryWrite(requester, tag, 0x1000, data, _pool), There, CompletionStatus.SuccessfulCompletion),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };
    }

    private static readonly string[] Posted = ["MWr", "Msg", "MsgD"];
    private static readonly string[] Reads = ["MRd", "MRdLk", "IORd", "CfgRd"];
    private static readonly string[] NonPostedWithData = ["IOWr", "CfgWr", "AtomicOp", "DMWr"];
    private static readonly string[] Completions = ["CplD", "CplDLk", "Cpl UR", "Cpl IOWr", "Cpl CfgWr", "Cpl DMWr"];

    /// <summary>Rows A to D, columns 2 to 5, without attributes and with different requesters and tags.</summary>
    public static TheoryData<string, string, bool> PlainCells()
    {
        var cells = new TheoryData<string, string, bool>();
        string[][] groups = [Posted, Reads, NonPostedWithData, Completions];
        bool[][] mayPass =
        [
            [false, true, true, true],
            [false, true, true, true],
            [false, true, true, true],
            [false, true, true, true],
        ];
        for (var row = 0; row < 4; row++)
            for (var column = 0; column < 4; column++)
                foreach (var later in groups[row])
                    foreach (var earlier in groups[column])
                        cells.Add(later, earlier, mayPass[row][column]);
        return cells;
    }

    [Theory]
    [MemberData(nameof(PlainCells))]
    public void WithoutAttributesTheClassesDecide(string later, string earlier, bool mayPass) =>
        Assert.Equal(mayPass, OrderingRules.MayPass(Make(later, There, 2), Make(earlier, Here, 1)));

    [Theory]
    // later, attributes (r RO, i IDO, o other requester, p other PASID, q same PASID), may it pass a posted write
    [InlineData("MWr", "r", true)]
    [InlineData("MWr", "i", false)]
    [InlineData("MWr", "io", true)]
    [InlineData("MWr", "o", false)]
    [InlineData("MWr", "ip", true)]
    [InlineData("MWr", "iq", false)]
    [InlineData("MWr", "p", false)]
    [InlineData("MWr", "ioq", true)]
    [InlineData("Msg", "r", true)]
    [InlineData("Msg", "io", true)]
    [InlineData("MsgD", "io", true)]
    [InlineData("MRd", "r", false)]
    [InlineData("MRd", "ro", false)]
    [InlineData("MRd", "i", false)]
    [InlineData("MRd", "io", true)]
    [InlineData("MRd", "ip", true)]
    [InlineData("MRd", "iq", false)]
    [InlineData("MRd", "rio", true)]
    [InlineData("MRdLk", "r", false)]
    [InlineData("AtomicOp", "r", true)]
    [InlineData("AtomicOp", "i", false)]
    [InlineData("AtomicOp", "io", true)]
    [InlineData("AtomicOp", "ip", true)]
    [InlineData("AtomicOp", "iq", false)]
    [InlineData("DMWr", "r", true)]
    [InlineData("DMWr", "i", false)]
    [InlineData("DMWr", "io", true)]
    [InlineData("DMWr", "ip", true)]
    public void PostedWritesArePassedOnlyForRelaxedOrIdBasedOrdering(string later, string attributes, bool mayPass)
    {
        var second = Make(later, attributes.Contains('o') ? There : Here, 2);
        var first = Make("MWr", Here, 1);
        second.RelaxedOrdering = attributes.Contains('r');
        second.IdBasedOrdering = attributes.Contains('i');
        if (attributes.Contains('p') || attributes.Contains('q'))
        {
            first.SetPasid(7);
            second.SetPasid(attributes.Contains('p') ? 8u : 7u);
        }
        Assert.Equal(mayPass, OrderingRules.MayPass(second, first));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void APasidOnOneOfTwoSaysNothingOfTheStream(bool laterHasPasid, bool earlierHasPasid)
    {
        var (later, earlier) = (Make("MWr", Here, 2), Make("MWr", Here, 1));
        later.IdBasedOrdering = true;
        if (laterHasPasid) later.SetPasid(7);
        if (earlierHasPasid) earlier.SetPasid(7);
        Assert.False(OrderingRules.MayPass(later, earlier));
    }

    [Theory]
    [InlineData("CplD")]
    [InlineData("CplDLk")]
    [InlineData("Cpl UR")]
    public void ACompletionPassesAPostedWriteForRelaxedOrIdBasedOrdering(string name)
    {
        var completion = Make(name, Here, 2);
        Assert.False(OrderingRules.MayPass(completion, Make("MWr", Here, 1)));
        completion.RelaxedOrdering = true;
        Assert.True(OrderingRules.MayPass(completion, Make("MWr", There, 1)));
        completion.RelaxedOrdering = false;
        completion.IdBasedOrdering = true;
        // D2b compares the completer, which is There, with the requester of the write.
        Assert.False(OrderingRules.MayPass(completion, Make("MWr", There, 1)));
        Assert.True(OrderingRules.MayPass(completion, Make("MWr", Here, 1)));
    }

    /// <summary>The table permits the first two to pass (Y/N); the third it does not, and the three look alike.</summary>
    [Theory]
    [InlineData("Cpl IOWr")]
    [InlineData("Cpl CfgWr")]
    [InlineData("Cpl DMWr")]
    public void ACompletionOfAWriteWaitsBehindPostedWrites(string completion) =>
        Assert.False(OrderingRules.MayPass(Make(completion, Here, 2), Make("MWr", There, 1)));

    [Theory]
    [InlineData("MWr")]
    [InlineData("MRd")]
    [InlineData("AtomicOp")]
    [InlineData("CplD")]
    public void TheAttributesOfTheEarlierDoNotMatter(string later)
    {
        var earlier = Make("MWr", There, 1);
        (earlier.RelaxedOrdering, earlier.IdBasedOrdering) = (true, true);
        Assert.False(OrderingRules.MayPass(Make(later, Here, 2), earlier));
    }

    [Theory]
    [InlineData("MWr")]
    [InlineData("MRd")]
    [InlineData("AtomicOp")]
    [InlineData("CplD")]
    public void TrafficClassesHaveNoOrderAmongThem(string later)
    {
        var earlier = Make("MWr", Here, 1);
        earlier.TrafficClass = 3;
        Assert.True(OrderingRules.MayPass(Make(later, Here, 2), earlier));
        var sameTransaction = Make("CplD", Here, 2);
        sameTransaction.TrafficClass = 7;
        Assert.True(OrderingRules.MayPass(Make("CplD", Here, 2), sameTransaction));
    }

    [Fact]
    public void CompletionsOfOneTransactionStayInOrder()
    {
        var first = Make("CplD", Here, 5);
        var second = Make("CplD", Here, 5);
        Assert.False(OrderingRules.MayPass(second, first));
        (second.RelaxedOrdering, second.IdBasedOrdering) = (true, true);
        Assert.False(OrderingRules.MayPass(second, first));
        Assert.False(OrderingRules.MayPass(Make("Cpl UR", Here, 5), first));
        Assert.True(OrderingRules.MayPass(Make("CplD", Here, 6), first));
        Assert.True(OrderingRules.MayPass(Make("CplD", Here, 5 + 256), first));
        Assert.True(OrderingRules.MayPass(Make("CplD", There, 5), first));
    }
}
