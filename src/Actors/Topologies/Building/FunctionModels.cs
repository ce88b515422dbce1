using PcieFabric.EndpointFunctions;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Topologies.Building;

/// <summary>The behaviours that the fabric brings, by the name that a topology gives them.</summary>
public static class FunctionModels
{
    public static readonly IReadOnlyDictionary<string, Func<FunctionDefinition, EndpointFunction?>> Known =
        new Dictionary<string, Func<FunctionDefinition, EndpointFunction?>>
        {
            ["memory"] = static _ => null,
            ["dma-test"] = static function => new DmaTest(Tags(function), function.Capabilities.Ats is not null),
        };

    /// <summary>The setting <c>tags</c>: how many read requests a <see cref="DmaTest"/> has under way at most.</summary>
    private static int Tags(FunctionDefinition function)
    {
        if (!function.Settings.TryGetValue("tags", out var setting)) return Limits.MaxTags;
        var tags = Quantity.Parse(setting.Text, Dimension.Count, setting.Source).Value;
        return tags is >= 1 and <= Limits.MaxTags && tags == Math.Floor(tags)
            ? (int)tags
            : throw new InputException($"a function cannot have {setting.Text} tags", $"1 to {Limits.MaxTags}", setting.Source);
    }
}
