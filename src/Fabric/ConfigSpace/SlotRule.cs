namespace PcieFabric.ConfigSpaces;

/// <summary>What the fields of one DW amount to: which bits a write or a reset changes, and how.</summary>
internal sealed class SlotRule
{
    private readonly uint[] _kept = new uint[3];

    public SlotRule(IEnumerable<RegisterField> fields, uint reset)
    {
        Reset = reset;
        foreach (var field in fields)
        {
            if (field.Access is Access.ReadWrite or Access.ReadWriteSticky) ReadWrite |= field.Mask;
            if (field.Access is Access.WriteOneToClear or Access.WriteOneToClearSticky) WriteOneToClear |= field.Mask;
            if (field.Access is Access.Trigger) Trigger |= field.Mask;
            for (var kind = ResetKind.FunctionLevel; kind <= field.Survives; kind++) _kept[(int)kind] |= field.Mask;
        }
        var registers = fields.Select(f => f.Register).Distinct().ToArray();
        Concerns = [.. registers.Where(r => r.Concerns != 0).Select(r => (r.Fields.Aggregate(0u, (mask, f) => mask | f.Mask), r.Concerns))];
        AfterWrite = registers.SingleOrDefault(r => r.Hook is not null)?.Hook;
    }

    public uint Reset { get; }
    public uint ReadWrite { get; }
    public uint WriteOneToClear { get; }
    public uint Trigger { get; }

    /// <summary>Per register of the DW: its bits, and whom they concern.</summary>
    public (uint Mask, Concerns Concerns)[] Concerns { get; }

    public Func<ConfigSpace, uint, Concerns>? AfterWrite { get; }

    public uint Kept(ResetKind kind) => _kept[(int)kind];

    public Concerns ConcernsOf(uint bits)
    {
        var concerns = ConfigSpaces.Concerns.None;
        foreach (var (mask, whom) in Concerns)
            if ((bits & mask) != 0) concerns |= whom;
        return concerns;
    }
}
