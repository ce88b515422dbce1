using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>One value of a setting for which an experiment has a list.</summary>
/// <param name="Key">The setting.</param>
/// <param name="Text">The value: a number in its usual unit, or a word.</param>
/// <param name="Value">Null for a word.</param>
public sealed record SweepSetting(string Key, string Text, Quantity? Value)
{
    public override string ToString() => $"{Key} {Text}";
}
