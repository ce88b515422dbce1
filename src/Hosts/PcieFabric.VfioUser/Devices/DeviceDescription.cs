namespace PcieFabric.VfioUser.Devices;

/// <summary>What does not change about a function while it is served.</summary>
public sealed class DeviceDescription
{
    /// <summary>Those of <see cref="RegionIndex"/>, all of which a client may ask about.</summary>
    public const int RegionCount = 9;

    /// <summary>Those of <see cref="InterruptIndex"/>.</summary>
    public const int InterruptCount = 5;

    private static readonly RegionDescription Absent = new(0, Readable: false, Writable: false);

    private readonly RegionDescription[] _regions = [.. Enumerable.Repeat(Absent, RegionCount)];

    /// <param name="configBytes">Of configuration space: 256, or 4096 (PCIe 6.0 section 7.2).</param>
    public DeviceDescription(int configBytes)
    {
        if (configBytes is not (Limits.ConventionalConfigSpaceBytes or Limits.ConfigSpaceBytes))
            throw new ArgumentOutOfRangeException(nameof(configBytes), configBytes, "Invariant: configuration space has 256 or 4096 bytes");
        this[RegionIndex.Config] = new RegionDescription((ulong)configBytes);
    }

    /// <summary>Whether <see cref="IVfioUserDevice.Reset"/> does anything.</summary>
    public bool CanReset { get; init; } = true;

    /// <summary>A region; of size 0 where none was given.</summary>
    public RegionDescription this[RegionIndex index]
    {
        get => _regions[(int)index];
        init
        {
            if (value.Mapping is { Areas.Count: > Limits.VfioUserMappableAreas })
                throw new ArgumentException($"Invariant: {value.Mapping.Areas.Count} areas of {index} are to be mapped, at most {Limits.VfioUserMappableAreas} may");
            _regions[(int)index] = value;
        }
    }

    /// <summary>Whether it has an interrupt of the legacy kind.</summary>
    public bool HasIntx { get; init; }

    /// <summary>Vectors of its MSI capability.</summary>
    public int MsiVectors { get; init; }

    /// <summary>Entries of its MSI-X table.</summary>
    public int MsiXVectors { get; init; }

    /// <summary>Whether it tells of errors by <see cref="InterruptIndex.Error"/>.</summary>
    public bool HasErrorInterrupt { get; init; }

    /// <summary>Whether it may be asked back by <see cref="InterruptIndex.Request"/>.</summary>
    public bool HasRequestInterrupt { get; init; }

    /// <summary>Vectors of a kind of interrupt.</summary>
    public int Vectors(InterruptIndex index)
    {
        var vectors = index switch
        {
            InterruptIndex.Intx => HasIntx ? 1 : 0,
            InterruptIndex.Msi => MsiVectors,
            InterruptIndex.MsiX => MsiXVectors,
            InterruptIndex.Error => HasErrorInterrupt ? 1 : 0,
            _ => HasRequestInterrupt ? 1 : 0,
        };
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)vectors, (uint)Limits.VfioUserVectors, nameof(index));
        return vectors;
    }
}
