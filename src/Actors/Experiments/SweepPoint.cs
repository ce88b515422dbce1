namespace PcieFabric.Experiments;

/// <summary>A value for each setting that a workload sweeps, in the order of its file. The sizes of transfers, which every workload has, come on top.</summary>
public sealed class SweepPoint(IReadOnlyList<SweepSetting> settings) : IEquatable<SweepPoint>
{
    /// <summary>Of a workload that sweeps nothing but its sizes.</summary>
    public static readonly SweepPoint None = new([]);

    public IReadOnlyList<SweepSetting> Settings { get; } = settings;

    /// <returns>Null where the setting is not swept.</returns>
    public SweepSetting? this[string key] => Settings.FirstOrDefault(setting => setting.Key == key);

    /// <summary>It has every value of the other, and perhaps more.</summary>
    public bool Includes(SweepPoint other) => other.Settings.All(Settings.Contains);

    public bool Equals(SweepPoint? other) => other is not null && Settings.SequenceEqual(other.Settings);

    public override bool Equals(object? obj) => Equals(obj as SweepPoint);

    public override int GetHashCode() => Settings.Count == 0 ? 0 : StringComparer.Ordinal.GetHashCode(ToString());

    /// <summary><c>outstanding 8, iommu mapped</c>.</summary>
    public override string ToString() => string.Join(", ", Settings);
}
