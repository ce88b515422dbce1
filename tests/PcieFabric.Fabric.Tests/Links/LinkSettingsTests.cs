using PcieFabric.Input;
using PcieFabric.Links;
using PcieFabric.Tlps;
using PcieFabric.Units;

namespace PcieFabric.Fabric.Tests.Links;

public class LinkSettingsTests
{
    private static readonly int[] Widths = [1, 2, 4, 8, 16, 32];
    private static readonly int[] PayloadSizes = [128, 256, 512, 1024, 2048, 4096];

    public static TheoryData<string, string> ImpossibleLinks => new()
    {
        { "propagation 0", "a link cannot have a propagation latency of 0 ps (more than 0 ps and at most 1 ms)" },
        { "propagation 2 ms", "a link cannot have a propagation latency of 2 ms (more than 0 ps and at most 1 ms)" },
        { "mps", "there is no maximum payload size of 300 bytes (128, 256, 512, 1024, 2048 or 4096)" },
        { "mrrs", "there is no maximum read request size of 64 bytes (128, 256, 512, 1024, 2048 or 4096)" },
        { "rcb", "there is no read completion boundary of 256 bytes (64 or 128)" },
        { "dllp", "there is no DLLP mode 9 (RateFactor, Real or None)" },
    };

    [Theory]
    [MemberData(nameof(ImpossibleLinks))]
    public void AnImpossibleValueIsRefusedWithAHint(string what, string line)
    {
        var error = Assert.Throws<InputException>(() => what switch
        {
            "propagation 0" => new LinkSettings { Propagation = SimTime.Zero },
            "propagation 2 ms" => new LinkSettings { Propagation = SimTime.FromMilliseconds(2) },
            "mps" => new LinkSettings { MaxPayloadSize = 300 },
            "mrrs" => new LinkSettings { MaxReadRequestSize = 64 },
            "rcb" => new LinkSettings { ReadCompletionBoundary = 256 },
            _ => new LinkSettings { DllpMode = (DllpMode)9 },
        });
        Assert.Equal(line, error.Line);
    }

    [Theory]
    [InlineData(15, 8, 16, "15 posted data credits do not hold the largest posted TLP (at least 16 units of 16 bytes with a maximum payload of 256 bytes)")]
    [InlineData(16, 7, 16, "7 non-posted data credits do not hold the largest non-posted TLP (at least 8 units of 16 bytes)")]
    [InlineData(16, 8, 15, "15 completion data credits do not hold the largest completion TLP (at least 16 units of 16 bytes with a maximum payload of 256 bytes)")]
    [InlineData(40000, 8, 16, "40000 posted data credits cannot be advertised (1 to 32752 units of 16 bytes, or 0 for infinite)")]
    [InlineData(-1, 8, 16, "-1 posted data credits cannot be advertised (1 to 32752 units of 16 bytes, or 0 for infinite)")]
    public void CreditsThatCouldStopALinkAreRefused(int posted, int nonPosted, int completion, string line)
    {
        var settings = new LinkSettings { Credits = new(new(1, posted), new(1, nonPosted), new(1, completion)) };
        Assert.Equal(line, Assert.Throws<InputException>(settings.Validate).Line);
    }

    [Fact]
    public void HeaderCreditsAreBounded()
    {
        var settings = new LinkSettings { Credits = new(new(3000, 16), new(1, 8), new(1, 16)) };
        Assert.Equal("3000 posted header credits cannot be advertised (1 to 2032, or 0 for infinite)", Assert.Throws<InputException>(settings.Validate).Line);
    }

    [Fact]
    public void TheMinimumAdvertisementsAndInfiniteCreditsAreLegal()
    {
        Assert.NotNull(new LinkSettings { Credits = new(new(1, 16), new(1, 8), new(1, 16)) }.Validate());
        Assert.NotNull(new LinkSettings { Credits = default }.Validate());
    }

    [Fact]
    public void DefaultCreditsAreLegalOnEveryLink()
    {
        for (var generation = 1; generation <= 6; generation++)
            foreach (var lanes in Widths)
                foreach (var mps in PayloadSizes)
                    foreach (var propagation in new[] { 1, 50_000, Limits.MaxPropagationPs })
                        new LinkSettings { Generation = new(generation), Width = new(lanes), MaxPayloadSize = mps, Propagation = new(propagation) }.Validate();
    }

    [Fact]
    public void DefaultCreditsFollowTheLink()
    {
        var slow = new LinkSettings { Generation = LinkGeneration.Gen1, Width = LinkWidth.X1 };
        var fast = slow with { Generation = LinkGeneration.Gen5, Width = LinkWidth.X16 };
        Assert.True(fast.Credits.Posted.Data > 10 * slow.Credits.Posted.Data);
        Assert.Equal(slow.Credits, (slow with { DllpMode = DllpMode.None }).Credits);
    }

    /// <summary>A receiver that keeps each TLP for 150 ns, as a switch does, and returns credits in batches.</summary>
    [Theory]
    [InlineData(0, 50)]
    [InlineData(4, 50)]
    [InlineData(128, 50)]
    [InlineData(256, 50)]
    [InlineData(256, 200)]
    [InlineData(128, 1000)]
    public void WithDefaultCreditsAGen3X8LinkNeverWaitsForAReceiverThatKeepsUp(int payloadBytes, int propagationNs)
    {
        var settings = new LinkSettings { Propagation = SimTime.FromNanoseconds(propagationNs) };
        var propagation = settings.Propagation.Picoseconds;
        var credits = new CreditCounter(settings.Credits);
        var returns = new CreditReturns(settings);
        var wire = new WireClock(settings);
        var arrivals = new Queue<long>();
        var updates = new Queue<(long At, int Headers, int Data)>();
        var dataCredits = (payloadBytes + 15) / 16;
        for (var packet = 0; packet < 20_000; packet++)
        {
            var now = wire.FreeAtPs;
            while (arrivals.TryPeek(out var arrival) && arrival + 150_000 + propagation <= now)
            {
                arrivals.Dequeue();
                if (!returns.Freed(FlowControlClass.Posted, dataCredits)) continue;
                returns.Take(FlowControlClass.Posted, out var headers, out var data);
                updates.Enqueue((arrival + 150_000 + propagation, headers, data));
            }
            while (updates.TryDequeue(out var update)) credits.Return(FlowControlClass.Posted, update.Headers, update.Data);
            Assert.True(credits.TryConsume(FlowControlClass.Posted, dataCredits), $"packet {packet} waits for credits at {new SimTime(now)}");
            wire.Transmit(now, TlpWireSize.FramingBytes + 12 + payloadBytes, out _, out var end);
            arrivals.Enqueue(end + propagation);
        }
    }
}
