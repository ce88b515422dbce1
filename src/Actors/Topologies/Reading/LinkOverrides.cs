using PcieFabric.Input;
using PcieFabric.Links;

namespace PcieFabric.Topologies.Reading;

/// <summary>What an author said about a link; null where nothing was said.</summary>
internal sealed record LinkOverrides
{
    public static readonly LinkOverrides Nothing = new();

    public LinkGeneration? Generation { get; init; }
    public LinkWidth? Width { get; init; }
    public SimTime? Latency { get; init; }
    public int? MaxPayloadBytes { get; init; }
    public int? MaxReadRequestBytes { get; init; }
    public int? ReadCompletionBoundaryBytes { get; init; }
    public DllpMode? Dllps { get; init; }
    public CreditLimits? Credits { get; init; }

    /// <summary>What a message about several keys points at: the credits, or else the link.</summary>
    public SourceLocation? Source { get; init; }

    /// <summary>These over others, which say what they leave out.</summary>
    public LinkOverrides Over(LinkOverrides others) => new()
    {
        Generation = Generation ?? others.Generation,
        Width = Width ?? others.Width,
        Latency = Latency ?? others.Latency,
        MaxPayloadBytes = MaxPayloadBytes ?? others.MaxPayloadBytes,
        MaxReadRequestBytes = MaxReadRequestBytes ?? others.MaxReadRequestBytes,
        ReadCompletionBoundaryBytes = ReadCompletionBoundaryBytes ?? others.ReadCompletionBoundaryBytes,
        Dllps = Dllps ?? others.Dllps,
        Credits = Credits ?? others.Credits,
        Source = Credits is null ? others.Source ?? Source : Source,
    };

    /// <exception cref="InputException">Credits that do not hold the largest TLP.</exception>
    public LinkSettings ToSettings()
    {
        var defaults = PortDefinition.DefaultLink;
        var link = new LinkSettings
        {
            Generation = Generation ?? defaults.Generation,
            Width = Width ?? defaults.Width,
            Propagation = Latency ?? defaults.Propagation,
            MaxPayloadSize = MaxPayloadBytes ?? defaults.MaxPayloadSize,
            MaxReadRequestSize = MaxReadRequestBytes ?? defaults.MaxReadRequestSize,
            ReadCompletionBoundary = ReadCompletionBoundaryBytes ?? defaults.ReadCompletionBoundary,
            DllpMode = Dllps ?? defaults.DllpMode,
        };
        // Credits that nobody named follow from the rest; setting them would freeze those of the default link.
        if (Credits is { } credits)
            link = link with { Credits = credits };
        try
        {
            return link.Validate();
        }
        catch (InputException wrong)
        {
            throw new InputException(wrong.Message, wrong.Hint, Source, wrong);
        }
    }
}
