using System.Text.Json.Nodes;
using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.Links;

namespace PcieFabric.Topologies.Reading;

/// <summary>The keys of a link.</summary>
internal static class LinkSchema
{
    private static readonly Shape<int> PayloadSize = Values.PowerOfTwo(128, Limits.MaxPayloadBytes).As(bytes => (int)bytes);

    private static readonly Key<LinkGeneration?> Generation = Key.Maybe("generation", Values.Whole(1, 6).As(number => new LinkGeneration(number)),
        "Generation: 1 is 2.5 GT/s, 2 is 5, 3 is 8, 4 is 16, 5 is 32, 6 is 64.", "3");

    private static readonly Key<LinkWidth?> Width = Key.Maybe("width",
        new ChoiceShape<LinkWidth>(new("1", LinkWidth.X1), new("2", LinkWidth.X2), new("4", LinkWidth.X4), new("8", LinkWidth.X8), new("16", LinkWidth.X16), new("32", LinkWidth.X32)),
        "Lanes.", "8");

    private static readonly Key<SimTime?> Latency = Key.Maybe("latency", Values.Time(new SimTime(Limits.MaxPropagationPs)), "Propagation one way, both transceivers included.", "50 ns");
    private static readonly Key<int?> MaxPayload = Key.Maybe("mps", PayloadSize, "Max_Payload_Size that both ends support.", "256 B");
    private static readonly Key<int?> MaxReadRequest = Key.Maybe("mrrs", PayloadSize, "Max_Read_Request_Size.", "512 B");

    private static readonly Key<int?> ReadCompletionBoundary = Key.Maybe("rcb",
        Values.PowerOfTwo(64, 128).As(bytes => (int)bytes), "Read Completion Boundary.", "64 B");

    private static readonly Key<DllpMode?> Dllps = Key.Maybe("dllp",
        new ChoiceShape<DllpMode>(
            new("factor", DllpMode.RateFactor, "the published factor on the rate"),
            new("real", DllpMode.Real, "acks and flow control updates are sent when they are due"),
            new("none", DllpMode.None, "they cost nothing")),
        "How Data Link Layer Packets take their share.", "factor");

    private static readonly Key<int> Headers = Key.Required("headers", new CreditShape(Limits.MaxHeaderCredits), "Header credits, one per TLP.");
    private static readonly Key<int> Data = Key.Required("data", new CreditShape(Limits.MaxDataCredits), "Data credits, of 16 bytes each.");

    private static readonly Shape<CreditLimit> Limit = new RecordShape<CreditLimit>("a credit limit", "Credits of one class.", [Headers, Data],
        fields => new(fields.Get(Headers), fields.Get(Data)));

    private static readonly Key<CreditLimit> Posted = Key.Required("posted", Limit, "Writes and messages.");
    private static readonly Key<CreditLimit> NonPosted = Key.Required("non-posted", Limit, "Requests that want a completion.");
    private static readonly Key<CreditLimit> Completion = Key.Required("completion", Limit, "Completions.");

    private static readonly Key<CreditLimits?> Credits = Key.Maybe("credits",
        new RecordShape<CreditLimits>("credits", "What each receiver of the link advertises.", [Posted, NonPosted, Completion],
            fields => new(fields.Get(Posted), fields.Get(NonPosted), fields.Get(Completion))),
        "Flow control credits; left out, as many as the link needs to run at full rate.");

    public static readonly Shape<LinkOverrides> Shape = new RecordShape<LinkOverrides>("a link",
        "A link. What a port leaves out comes from 'defaults: link:'.",
        [Generation, Width, Latency, MaxPayload, MaxReadRequest, ReadCompletionBoundary, Dllps, Credits],
        fields => new LinkOverrides
        {
            Generation = fields.Get(Generation),
            Width = fields.Get(Width),
            Latency = fields.Get(Latency),
            MaxPayloadBytes = fields.Get(MaxPayload),
            MaxReadRequestBytes = fields.Get(MaxReadRequest),
            ReadCompletionBoundaryBytes = fields.Get(ReadCompletionBoundary),
            Dllps = fields.Get(Dllps),
            Credits = fields.Get(Credits),
            Source = fields.At(Credits),
        });

    /// <summary>A number of credits, or <c>infinite</c>: zero, as in InitFC.</summary>
    private sealed class CreditShape(int most) : ScalarShape<int>
    {
        public override string Description => $"infinite or a whole number from 1 to {most}";

        protected override int Read(ScalarNode scalar, string what) =>
            scalar.Text == "infinite" ? 0
            : WholeNumberShape.TryParse(scalar.Text, out var value) && value >= 1 && value <= (ulong)most ? (int)value
            : throw Wrong(scalar, what);

        public override JsonObject Schema(SchemaDefinitions definitions) => new()
        {
            ["anyOf"] = new JsonArray(new JsonObject { ["const"] = "infinite" }, new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = most }),
        };
    }
}
