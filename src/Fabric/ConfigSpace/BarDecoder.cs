using PcieFabric.Addressing;

namespace PcieFabric.ConfigSpaces;

/// <summary>What a function decodes at the moment, by its BARs, its expansion ROM and its Command register.</summary>
public readonly struct BarDecoder(ConfigSpace space)
{
    /// <summary>The range of the BAR that starts at register <paramref name="index"/>; empty if there is none or its space is not enabled.</summary>
    public AddressRange this[int index]
    {
        get
        {
            foreach (var bar in Bars)
                if (bar.Definition.Index == index) return Decode(bar);
            return AddressRange.Empty;
        }
    }

    /// <summary>Empty if there is none, or it or memory space is not enabled.</summary>
    public AddressRange ExpansionRom
    {
        get
        {
            var header = space.Layout.Header;
            return header.ExpansionRom is { } rom && space[rom.Enable] && space[header.Command.MemorySpaceEnable] ? rom.Range(space) : AddressRange.Empty;
        }
    }

    private BaseAddressRegister[] Bars => space.Layout.Header.BarArray;

    /// <summary>Which BAR an address hits.</summary>
    /// <param name="isIo">The address is one of I/O space.</param>
    /// <param name="index">The BAR's first register.</param>
    /// <param name="offset">From the start of the BAR, in bytes.</param>
    public bool TryFind(ulong address, bool isIo, out int index, out ulong offset)
    {
        foreach (var bar in Bars)
        {
            if (bar.Definition.Kind == BarKind.Io != isIo) continue;
            var range = Decode(bar);
            if (!range.Contains(address)) continue;
            (index, offset) = (bar.Definition.Index, address - range.Base);
            return true;
        }
        (index, offset) = (-1, 0);
        return false;
    }

    private AddressRange Decode(BaseAddressRegister bar)
    {
        var command = space.Layout.Header.Command;
        return space[bar.Definition.Kind == BarKind.Io ? command.IoSpaceEnable : command.MemorySpaceEnable] ? bar.Range(space) : AddressRange.Empty;
    }
}
