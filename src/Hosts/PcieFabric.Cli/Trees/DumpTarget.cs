using PcieFabric.Cli.CommandLine;
using PcieFabric.Input;
using PcieFabric.Topologies.Enumerated;

namespace PcieFabric.Cli.Trees;

/// <summary>Where <c>--dump</c> goes: standard output, or a file that is there as a whole or not at all.</summary>
internal sealed class DumpTarget
{
    private readonly WholeFile? _file;

    private DumpTarget(WholeFile? file) => _file = file;

    /// <exception cref="InputException">The dump would spoil something.</exception>
    public static DumpTarget Of(string? file, string topology, bool json)
    {
        if (file is null && json)
            throw new InputException("--json and --dump would both print on standard output", "write --dump FILE");
        return new DumpTarget(file is null ? null : new WholeFile(file, "--dump", topology));
    }

    public void Write(EnumeratedFabric fabric, TextWriter output)
    {
        if (_file is null) FabricDump.Write(output, fabric);
        else _file.Write(writer => FabricDump.Write(writer, fabric));
    }
}
