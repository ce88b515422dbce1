using PcieFabric.ConfigSpaces;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

/// <summary>What one bit of configuration space is, written down while it was drawn and without the code under test.</summary>
internal sealed record ModelBit(Access Access, bool Reset, ResetKind? Survives);

/// <summary>Registers and fields drawn at random, with the bits that they amount to.</summary>
internal sealed class RandomCapability : ExtendedCapability
{
    public const int Id0 = 0x000B;

    private static readonly Access[] Accesses = Enum.GetValues<Access>();

    public RandomCapability(Random random, int registers)
        : base("Random", Id0, 1)
    {
        var offset = 4;
        for (var i = 0; i < registers; i++)
        {
            var bits = 8 << random.Next(3);
            offset = (offset + bits / 8 - 1) & -(bits / 8);
            var register = bits switch { 8 => Byte(offset, $"R{i}", Concerns.Slot), 16 => Word(offset, $"R{i}", Concerns.Slot), _ => Dword(offset, $"R{i}", Concerns.Slot) };
            for (var low = random.Next(3); low < bits; low += random.Next(3))
            {
                var high = Math.Min(bits - 1, low + random.Next(9));
                var access = Accesses[random.Next(Accesses.Length)];
                var reset = access == Access.Trigger ? 0 : random.NextDword() & (uint.MaxValue >> (31 - high + low));
                ResetKind? survives = random.Next(4) == 0 ? (ResetKind)random.Next(3) : null;
                Fields.Add(register.Field(high, low, $"F{low}", access, reset, survives));
                for (var bit = low; bit <= high; bit++)
                    Bits[offset * 8 + bit] = new ModelBit(access, (reset >> (bit - low) & 1) != 0, survives ?? SurvivesByAccess(access));
                low = high + 1;
            }
            // A register of reserved bits alone would not count towards the size.
            offset += bits / 8;
        }
    }

    public List<RegisterField> Fields { get; } = [];

    /// <summary>By bit number from the start of the capability.</summary>
    public Dictionary<int, ModelBit> Bits { get; } = [];

    private static ResetKind? SurvivesByAccess(Access access) => access switch
    {
        Access.HardwareInitialized => ResetKind.Cold,
        Access.StatusSticky or Access.ReadWriteSticky or Access.WriteOneToClearSticky => ResetKind.Conventional,
        _ => null,
    };
}
