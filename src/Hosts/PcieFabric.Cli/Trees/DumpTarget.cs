using PcieFabric.Input;
using PcieFabric.Topologies.Enumerated;

namespace PcieFabric.Cli.Trees;

/// <summary>Where <c>--dump</c> goes: standard output, or a file that is there as a whole or not at all.</summary>
internal sealed class DumpTarget
{
    private readonly string? _file;

    private DumpTarget(string? file) => _file = file;

    /// <exception cref="InputException">The dump would spoil something.</exception>
    public static DumpTarget Of(string? file, string topology, bool json)
    {
        if (file is null && json)
            throw new InputException("--json and --dump would both print on standard output", "write --dump FILE");
        if (file is not null && (Path.GetFullPath(file) == Path.GetFullPath(topology) || Path.GetExtension(file) is ".yaml" or ".yml"))
            throw new InputException($"--dump: '{file}' would be overwritten", "name the topology first: tree TOPOLOGY --dump");
        if (file is not null) FileTarget.Check(file);
        return new DumpTarget(file);
    }

    public void Write(EnumeratedFabric fabric, TextWriter output)
    {
        if (_file is null)
        {
            FabricDump.Write(output, fabric);
            return;
        }

        var unfinished = $"{_file}.{Environment.ProcessId}.tmp";
        try
        {
            using (var writer = new StreamWriter(unfinished))
                FabricDump.Write(writer, fabric);
            File.Move(unfinished, _file, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
