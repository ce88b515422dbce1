using PcieFabric.Addressing;
using PcieFabric.Engine;
using PcieFabric.Links;
using static PcieFabric.Actors.Tests.Switches.SwitchBench;

namespace PcieFabric.Actors.Tests.Switches;

public class ForwardingTests
{
    private const int Command = 0x04;
    private const int IoWindow = 0x1C;
    private const int BridgeControl = 0x3C;
    private const uint IsaEnable = 0x0004_0000;
    private const uint VgaEnable = 0x0008_0000;

    private static readonly SimTime Hop = SimTime.FromNanoseconds(105);
    private static readonly LinkSettings Fast = new() { Generation = LinkGeneration.Gen4, Width = LinkWidth.X16 };
    private static readonly LinkSettings Slow = new() { Generation = LinkGeneration.Gen1, Width = LinkWidth.X1 };

    [Theory]
    [InlineData(4)]
    [InlineData(64)]
    [InlineData(128)]
    public void CutThroughTakesTheHopWhateverTheSize(int bytes)
    {
        var (sent, _, head, _) = Cross(Fast, Fast, bytes, cutsThrough: true);

        Assert.Equal(sent + 2 * Fast.Propagation.Picoseconds + Hop.Picoseconds, head);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(128)]
    public void StoreAndForwardAddsTheWireTime(int bytes)
    {
        var (sent, wire, arrived, _) = Cross(Fast, Fast, bytes, cutsThrough: false);

        Assert.InRange(arrived, sent + 2 * Fast.Propagation.Picoseconds + Hop.Picoseconds + 2 * wire - 1, sent + 2 * Fast.Propagation.Picoseconds + Hop.Picoseconds + 2 * wire + 1);
    }

    [Fact]
    public void OnAFasterLinkTheTailLeavesNoEarlierThanItCame()
    {
        var (sent, wire, head, tail) = Cross(Slow, Fast, 128, cutsThrough: true);

        Assert.InRange(head + tail, sent + wire + 2 * Fast.Propagation.Picoseconds + Hop.Picoseconds, sent + wire + 2 * Fast.Propagation.Picoseconds + Hop.Picoseconds + 2);
    }

    /// <summary>Also where the credits come while the tail is still on its way.</summary>
    [Fact]
    public void ATlpThatWaitedForCreditsDoesNotOutrunItsOwnTail()
    {
        var narrow = Fast with { Credits = new(new(1, 16), new(1, 16), new(1, 16)) };
        using var bench = new SwitchBench(Slow, [narrow], Hop);
        bench.At(SimTime.Zero, 1, () => bench.Ends[1].Hold(FlowControlClass.Posted));
        bench.At(SimTime.FromNanoseconds(1), 0, () => bench.Up.Send(Write(bench, 4)));
        bench.At(SimTime.FromMicroseconds(5), 0, () => bench.Up.Send(Write(bench, 128)));
        bench.At(SimTime.FromMicroseconds(5) + Hop + SimTime.FromNanoseconds(60), 1, () => bench.Ends[1].Free(FlowControlClass.Posted));
        bench.Run();

        var (head, _, tail) = bench.Ends[1].Received[1];
        var wire = new WireClock(Slow).DurationPs(TlpWireSize.Bytes(bench.Ends[1].Received[1].Tlp));
        var tailCame = (Ready + SimTime.FromMicroseconds(5) + Slow.Propagation + Hop).Picoseconds + wire;
        Assert.InRange(head + tail, tailCame + narrow.Propagation.Picoseconds, tailCame + narrow.Propagation.Picoseconds + 2);
    }

    [Fact]
    public void APayloadBeyondTheRegisterIsMalformed()
    {
        using var bench = new SwitchBench(Fast, [Fast], Hop);
        bench.At(SimTime.Zero, 0, () => bench.Up.Send(Write(bench, 256)));
        bench.At(SimTime.FromMicroseconds(1), 0, () => bench.Up.Send(Write(bench, 128)));
        bench.Run();

        Assert.Equal(128, Assert.Single(bench.Ends[1].Received).Tlp.PayloadBytes);
        Assert.Equal(1, bench.Ports[0].Counters.MalformedTlps);
        Assert.Equal((byte)MessageCode.ERR_FATAL, Assert.Single(bench.Up.Received).Tlp.MessageCode);
        Assert.Equal(0, bench.Engine.PayloadsOutstanding);
    }

    [Fact]
    public void AReceiverChecksThatWhatComesWasGranted()
    {
        using var bench = new SwitchBench(Fast with { Credits = new(new(2, 16), new(1, 16), new(1, 16)) }, [Fast], Hop);
        bench.At(SimTime.FromMicroseconds(1), 1, () => bench.Ends[1].Hold(FlowControlClass.Posted));
        for (var i = 1; i <= 3; i++) bench.At(SimTime.FromMicroseconds(2), 0, () => bench.Up.SendUnasked(Write(bench, 128)));

        var e = Assert.Throws<ActorFailedException>(bench.Run);
        Assert.Contains("came beyond 2/16", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheFrameBufferGoesToThePortThatHasVgaEnabled()
    {
        using var bench = new SwitchBench(Fast, [Fast, Fast], Hop);
        Configure(bench, SimTime.Zero, 1, new Bdf(2, 1, 0), BridgeControl, VgaEnable);
        bench.At(SimTime.FromMicroseconds(1), 0, () => bench.Up.Send(Tlp.MemoryWrite(IdOf(0), 0xA0000, new byte[4], bench.Up.Payloads)));
        Configure(bench, SimTime.FromMicroseconds(2), 0, new Bdf(1, 0, 0), BridgeControl, VgaEnable);
        bench.At(SimTime.FromMicroseconds(3), 0, () => bench.Up.Send(Tlp.MemoryWrite(IdOf(0), 0xBFFFC, new byte[4], bench.Up.Payloads)));
        // From below it is for below.
        bench.At(SimTime.FromMicroseconds(4), 2, () => bench.Ends[2].Send(Tlp.MemoryWrite(IdOf(2), 0xA0000, new byte[4], bench.Ends[2].Payloads)));
        bench.At(SimTime.FromMicroseconds(5), 1, () => bench.Ends[1].Send(Tlp.MemoryWrite(IdOf(1), 0xA0004, new byte[4], bench.Ends[1].Payloads)));
        bench.Run();

        Assert.Equal([0xBFFFC, 0xA0004], WritesAt(bench, 2));
        Assert.Empty(WritesAt(bench, 1));
        Assert.Empty(WritesAt(bench, 0));
    }

    [Fact]
    public void IsaEnableKeepsBackTheUpperPortsOfEachKiB()
    {
        using var bench = new SwitchBench(Fast, [Fast], Hop);
        foreach (var (type, port) in new[] { (0, new Bdf(1, 0, 0)), (1, new Bdf(2, 0, 0)) })
        {
            Configure(bench, SimTime.Zero, type, port, IoWindow, 0x1010);
            Configure(bench, SimTime.Zero, type, port, Command, 0x0107);
        }
        foreach (var port in new uint[] { 0x1000, 0x1100, 0x1400 }) bench.At(SimTime.FromMicroseconds(1), 0, () => bench.Up.Send(Tlp.IoWrite(IdOf(0), 1, port, 15, 0)));
        Configure(bench, SimTime.FromMicroseconds(2), 1, new Bdf(2, 0, 0), BridgeControl, IsaEnable);
        foreach (var port in new uint[] { 0x1004, 0x1104, 0x1404 }) bench.At(SimTime.FromMicroseconds(3), 0, () => bench.Up.Send(Tlp.IoWrite(IdOf(0), 2, port, 15, 0)));
        bench.Run();

        Assert.Equal([0x1000ul, 0x1100, 0x1400, 0x1004, 0x1404], bench.Ends[1].Received.Where(r => r.Tlp.IsIo).Select(r => r.Tlp.Address));
    }

    private static void Configure(SwitchBench bench, SimTime at, int type, Bdf port, int register, uint value) =>
        bench.At(at, 0, () => bench.Up.Send(Tlp.ConfigWrite(type, IdOf(0), 0, port, register, value)));

    private static IEnumerable<ulong> WritesAt(SwitchBench bench, int end) => bench.Ends[end].Received.Where(r => r.Tlp.IsMemoryWrite).Select(r => r.Tlp.Address);

    private static Tlp Write(SwitchBench bench, int bytes) => Tlp.MemoryWrite(IdOf(0), AddressBelow(1), new byte[bytes], bench.Up.Payloads);

    /// <returns>When it was sent, its time on the first wire, when it came out and how long after that its tail, in picoseconds.</returns>
    private static (long SentPs, long WirePs, long ArrivedPs, long TailPs) Cross(LinkSettings first, LinkSettings second, int bytes, bool cutsThrough)
    {
        using var bench = new SwitchBench(first, [second], Hop, cutsThrough);
        bench.At(SimTime.Zero, 0, () => bench.Up.Send(Write(bench, bytes)));
        bench.Run();
        var (at, tlp, tail) = Assert.Single(bench.Ends[1].Received);
        return (Ready.Picoseconds, new WireClock(first).DurationPs(TlpWireSize.Bytes(in tlp)), at, tail);
    }
}
