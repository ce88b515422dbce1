using PcieFabric.ConfigSpaces;
using PcieFabric.Topologies.Enumerated;

namespace PcieFabric.Cli.Trees;

/// <summary>All configuration spaces of a fabric, as <c>lspci -F</c> reads them.</summary>
internal static class FabricDump
{
    public static void Write(TextWriter output, EnumeratedFabric fabric)
    {
        foreach (var host in fabric.Hosts)
        {
            foreach (var segment in host.Segments)
            {
                foreach (var function in segment.Functions)
                    LspciDump.Write(output, function.Bdf, function.Space, DomainOf(fabric, host, segment));
            }
        }
    }

    /// <summary>
    /// The PCI domain of a segment. Hosts may number their segments alike, and <c>lspci</c> knows one machine only: with several hosts, the bits above
    /// the sixteen of a segment number tell the host, as Linux itself does it for hierarchies that firmware did not number.
    /// </summary>
    public static int DomainOf(EnumeratedFabric fabric, EnumeratedHost host, EnumeratedSegment segment) =>
        segment.Settings.Segment | (fabric.Hosts.Count == 1 ? 0 : host.Place << 16);
}
