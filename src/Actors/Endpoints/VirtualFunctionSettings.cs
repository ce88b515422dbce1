namespace PcieFabric.Endpoints;

/// <summary>The virtual functions of a physical one, before software enables any.</summary>
public sealed record VirtualFunctionSettings
{
    /// <summary>Makes one, by its number from zero, when software first enables it: until then it costs nothing.</summary>
    public required Func<int, FunctionSettings> Make { get; init; }

    /// <summary>The place of the first one's model among those of the endpoint, the others follow; null where none has a model.</summary>
    public int? FirstModel { get; init; }
}
