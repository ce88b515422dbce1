using System.Numerics;
using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Resizable BAR (PCIe 6.0 section 7.8.6): software chooses the size of a BAR, and the BAR's address bits follow at once.</summary>
public sealed class ResizableBarCapability : ExtendedCapability
{
    // Size codes count from 1 MiB; the capability register shows code n at bit n + 4, for n up to 27 (128 TiB).
    private const int SizeCodeZeroLog2 = 20;

    /// <param name="header">Of the function; each BAR that is defined with several sizes is listed.</param>
    /// <exception cref="InputException">No BAR is.</exception>
    public ResizableBarCapability(Header header)
        : base("Resizable BAR", ExtendedCapabilityId.ResizableBar, 1)
    {
        var bars = header.Bars.Where(b => b.Definition.ResizableSizes != 0).ToArray();
        if (bars.Length == 0) throw new InputException("a Resizable BAR capability needs a BAR of several sizes", "say which sizes the BAR can have");
        for (var i = 0; i < bars.Length; i++) Declare(4 + 8 * i, bars[i], i == 0 ? bars.Length : 0);
    }

    private void Declare(int offset, BaseAddressRegister bar, int count)
    {
        var definition = bar.Definition;
        var codes = definition.ResizableSizes >> SizeCodeZeroLog2;
        var name = $"BAR {definition.Index}";
        Dword(offset, $"Resizable BAR Capability ({name})").Field(31, 4, "Supported Sizes", Access.ReadOnly, (uint)codes);
        var control = Dword(offset + 4, $"Resizable BAR Control ({name})", Concerns.Bar);
        control.Field(2, 0, "BAR Index", Access.ReadOnly, (uint)definition.Index);
        control.Field(7, 5, "Number of Resizable BARs", Access.ReadOnly, (uint)count);
        var size = control.Field(13, 8, "BAR Size", Access.ReadWrite, (uint)BitOperations.Log2(definition.Size) - SizeCodeZeroLog2);
        bar.SizeBy(space => 1ul << ((int)space[size] + SizeCodeZeroLog2));
        control.AfterWrite((space, before) =>
        {
            // A size that the BAR does not have leaves it as it was; software is told not to try (section 7.8.6.3).
            if ((codes >> (int)space[size] & 1) == 0) space[size] = size.In(before);
            return bar.Trim(space, before);
        });
    }
}
