using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces;

/// <summary>
/// The configuration space of one kind of function: a header and its capabilities, placed and linked. Built once, never
/// changed, and shared by every function of the kind, which keeps only what can differ (<see cref="ConfigSpace"/>).
/// </summary>
public class ConfigSpaceLayout
{
    internal const int NoSlot = -1;

    private const int Dwords = Limits.ConfigSpaceBytes / 4;

    private readonly uint[] _reset = new uint[Dwords];
    private readonly short[] _slotOf = new short[Dwords];
    private readonly SlotRule[] _rules;
    private readonly RegisterBlock[] _blocks;

    /// <param name="capabilities">In the order in which the lists link them.</param>
    /// <param name="firstCapability">Where those of the first 256 bytes start, behind registers of the function's own.</param>
    /// <exception cref="InputException">They do not fit.</exception>
    public ConfigSpaceLayout(Header header, IEnumerable<Capability> capabilities, int firstCapability = Limits.FirstCapabilityOffset)
    {
        Header = header;
        Capabilities = [.. capabilities];
        header.Place(0);
        var standard = Capabilities.OfType<StandardCapability>().ToArray();
        header.LinkCapabilities(Link(standard, firstCapability, Limits.ConventionalConfigSpaceBytes));
        Link(Capabilities.OfType<ExtendedCapability>().ToArray(), Limits.ConventionalConfigSpaceBytes, Limits.ConfigSpaceBytes);
        _blocks = [header, .. Capabilities.OrderBy(c => c.Offset)];
        _rules = MakeRules();
    }

    public Header Header { get; }

    public IReadOnlyList<Capability> Capabilities { get; }

    /// <summary>The header and the capabilities, by offset.</summary>
    public IReadOnlyList<RegisterBlock> Blocks => _blocks;

    /// <summary>DWs that each function keeps for itself.</summary>
    public int Slots => _rules.Length;

    /// <summary>The first capability of the kind, or null. For handles that are fetched once, not for hot paths.</summary>
    public T? Find<T>()
        where T : Capability => Capabilities.OfType<T>().FirstOrDefault();

    internal ReadOnlySpan<SlotRule> Rules => _rules;

    internal int SlotOf(int dword) => _slotOf[dword];

    internal uint ResetOf(int dword) => _reset[dword];

    private static int Link(Capability[] list, int start, int end)
    {
        var offset = start;
        Capability? previous = null;
        foreach (var capability in list)
        {
            if (offset + capability.SizeBytes > end)
                throw new InputException($"the capabilities take {list.Sum(c => c.SizeBytes)} bytes, and there are {end - start} from 0x{start:x} to 0x{end - 1:x}", $"leave out {capability.Name} or another");
            capability.Place(offset);
            previous?.Next.SetReset((uint)offset);
            previous = capability;
            offset += capability.SizeBytes;
        }
        return list.Length == 0 ? 0 : start;
    }

    private SlotRule[] MakeRules()
    {
        var rules = new List<SlotRule>();
        Array.Fill(_slotOf, (short)NoSlot);
        var byDword = _blocks.SelectMany(b => b.Registers).SelectMany(r => r.Fields).GroupBy(f => f.Dword).OrderBy(g => g.Key);
        foreach (var fields in byDword)
        {
            var claimed = 0u;
            foreach (var field in fields)
            {
                if ((claimed & field.Mask) != 0) throw new InvalidOperationException($"{field}: another register of the block has the same bits");
                claimed |= field.Mask;
                _reset[fields.Key] |= field.Reset << field.Shift;
            }
            if (fields.Any(f => f.Access != Access.ReadOnly))
            {
                _slotOf[fields.Key] = (short)rules.Count;
                rules.Add(new SlotRule(fields, _reset[fields.Key]));
            }
            foreach (var field in fields) field.Resolve(this, _slotOf[fields.Key]);
        }
        return [.. rules];
    }
}
