using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Topologies.Reading;

/// <summary>What an author said about a link; null where nothing was said.</summary>
internal sealed record LinkOverrides
{
    public int? Generation { get; init; }
    public int? Width { get; init; }
    public SimTime? Latency { get; init; }
    public int? MaxPayloadBytes { get; init; }
    public int? MaxReadRequestBytes { get; init; }
    public int? ReadCompletionBoundaryBytes { get; init; }
    public DllpAccounting? Dllps { get; init; }
    public CreditsDefinition? Credits { get; init; }
    public SourceLocation? CreditsSource { get; init; }

    public LinkDefinition Over(LinkDefinition defaults) => CheckCredits(new LinkDefinition
    {
        Generation = Generation ?? defaults.Generation,
        Width = Width ?? defaults.Width,
        Latency = Latency ?? defaults.Latency,
        MaxPayloadBytes = MaxPayloadBytes ?? defaults.MaxPayloadBytes,
        MaxReadRequestBytes = MaxReadRequestBytes ?? defaults.MaxReadRequestBytes,
        ReadCompletionBoundaryBytes = ReadCompletionBoundaryBytes ?? defaults.ReadCompletionBoundaryBytes,
        Dllps = Dllps ?? defaults.Dllps,
        Credits = Credits ?? defaults.Credits,
    });


    private const int LargestNonPosted = 128 / CreditPool.DataCreditBytes;

    // PCIe 6.0 table 2-46: a receiver must at least be able to take one TLP of the largest payload, or nothing ever moves.
    private LinkDefinition CheckCredits(LinkDefinition link)
    {
        if (link.Credits is not { } credits)
            return link;
        var least = link.MaxPayloadBytes / CreditPool.DataCreditBytes;
        foreach (var (name, pool, needed) in new[] { ("posted", credits.Posted, least), ("non-posted", credits.NonPosted, LargestNonPosted), ("completion", credits.Completion, least) })
        {
            if (pool.Data != CreditPool.Infinite && pool.Data < needed)
                throw new InputException($"{pool.Data} {name} data credits do not hold the largest TLP", $"at least {needed}, of {CreditPool.DataCreditBytes} bytes each, or 'infinite'", CreditsSource);
        }
        return link;
    }
}
