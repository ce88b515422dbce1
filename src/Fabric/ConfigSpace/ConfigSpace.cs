namespace PcieFabric.ConfigSpaces;

/// <summary>
/// The configuration space of one function: the layout of its kind and the few DWs that can differ. Software reads and
/// writes DWs; the function's owner reads and sets fields. Nothing here allocates after construction.
/// </summary>
public sealed class ConfigSpace
{
    private readonly uint[] _values;

    public ConfigSpace(ConfigSpaceLayout layout)
    {
        Layout = layout;
        _values = new uint[layout.Slots];
        for (var slot = 0; slot < _values.Length; slot++) _values[slot] = layout.Rules[slot].Reset;
    }

    public ConfigSpaceLayout Layout { get; }

    /// <summary>What can differ between functions of the layout, in the order of the registers: for digests and comparisons.</summary>
    public ReadOnlySpan<uint> State => _values;

    /// <summary>The field, counted from its lowest bit. Setting it is the hardware's: it reaches every field but those that are the same in all functions.</summary>
    public uint this[RegisterField field]
    {
        get
        {
            Own(field);
            return field.Slot < 0 ? field.Reset : (_values[field.Slot] >> field.Shift) & field.WidthMask;
        }
        set
        {
            Own(field);
            if (field.Slot < 0 || field.Access is Access.ReadOnly or Access.Trigger) throw new InvalidOperationException($"{field} cannot be set: it is {field.Access} in its layout");
            if ((value & ~field.WidthMask) != 0) throw new InvalidOperationException($"{field}: 0x{value:x} does not fit");
            ref var dword = ref _values[field.Slot];
            dword = (dword & ~field.Mask) | (value << field.Shift);
        }
    }

    /// <inheritdoc cref="this[RegisterField]"/>
    public bool this[Flag flag]
    {
        get => this[(RegisterField)flag] != 0;
        set => this[(RegisterField)flag] = value ? 1u : 0;
    }

    /// <summary>What a configuration read returns; zero where the layout has nothing.</summary>
    public uint Read(RegisterOffset at)
    {
        var slot = Layout.SlotOf(at.Dword);
        return slot < 0 ? Layout.ResetOf(at.Dword) : _values[slot];
    }

    /// <summary>A configuration write by software. Bits it may not change keep their value.</summary>
    public ConfigWriteEffect Write(RegisterOffset at, MaskedDword value)
    {
        var slot = Layout.SlotOf(at.Dword);
        if (slot < 0) return new ConfigWriteEffect(at, 0, 0, Concerns.None);
        var rule = Layout.Rules[slot];
        var before = _values[slot];
        var writable = rule.ReadWrite & value.Mask;
        _values[slot] = ((before & ~writable) | (value.Value & writable)) & ~(value.Value & value.Mask & rule.WriteOneToClear);
        var triggered = value.Value & value.Mask & rule.Trigger;
        var besides = rule.AfterWrite?.Invoke(this, before) ?? Concerns.None;
        var changed = before ^ _values[slot];
        return new ConfigWriteEffect(at, changed, triggered, rule.ConcernsOf(changed | triggered) | besides);
    }

    public void Reset(ResetKind kind)
    {
        var rules = Layout.Rules;
        for (var slot = 0; slot < rules.Length; slot++)
        {
            var kept = rules[slot].Kept(kind);
            _values[slot] = (_values[slot] & kept) | (rules[slot].Reset & ~kept);
        }
    }

    private void Own(RegisterField field)
    {
        if (!ReferenceEquals(field.Layout, Layout)) ThrowForeign(field);
    }

    private static void ThrowForeign(RegisterField field) => throw new InvalidOperationException($"{field} belongs to another layout");
}
