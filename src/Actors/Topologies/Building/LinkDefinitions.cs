using PcieFabric.Links;

namespace PcieFabric.Topologies.Building;

internal static class LinkDefinitions
{
    public static LinkSettings ToSettings(this LinkDefinition link)
    {
        var settings = new LinkSettings
        {
            Generation = new LinkGeneration(link.Generation),
            Width = new LinkWidth(link.Width),
            Propagation = link.Latency,
            MaxPayloadSize = link.MaxPayloadBytes,
            MaxReadRequestSize = link.MaxReadRequestBytes,
            ReadCompletionBoundary = link.ReadCompletionBoundaryBytes,
            DllpMode = link.Dllps switch
            {
                DllpAccounting.Factor => DllpMode.RateFactor,
                DllpAccounting.Real => DllpMode.Real,
                _ => DllpMode.None,
            },
        };
        if (link.Credits is { } credits)
            settings = settings with { Credits = new CreditLimits(Limit(credits.Posted), Limit(credits.NonPosted), Limit(credits.Completion)) };
        return settings.Validate();
    }

    private static CreditLimit Limit(CreditPool pool) => new(pool.Headers, pool.Data);
}
