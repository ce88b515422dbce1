using PcieFabric.Cli.Tests.House;
using PcieFabric.Recording;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Cli.Tests.Journals;

/// <summary>A folder with journals of a shipped topology whose host enumerates it and reads a register.</summary>
public sealed class RecordedRun : IDisposable
{
    public RecordedRun()
    {
        Messages = Record("messages.pfj", new RecorderOptions());
        Again = Record("again.pfj", new RecorderOptions());
        Digests = Record("digests.pfj", new RecorderOptions { Level = PcieFabric.Journals.JournalLevel.Inputs });
        Later = Record("later.pfj", new RecorderOptions(), SimTime.FromNanoseconds(3));
        Cut = Path.Combine(Folder, "cut.pfj");
        File.WriteAllBytes(Cut, File.ReadAllBytes(Messages)[..^50]);
        Damaged = Path.Combine(Folder, "damaged.pfj");
        var bytes = File.ReadAllBytes(Messages);
        bytes[^200] ^= 1;
        File.WriteAllBytes(Damaged, bytes);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("journals").FullName;

    public string Messages { get; }

    public string Again { get; }

    public string Digests { get; }

    /// <summary>The host waits 3 ns before it reads the register.</summary>
    public string Later { get; }

    public string Cut { get; }

    public string Damaged { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string Record(string name, RecorderOptions options, SimTime waits = default)
    {
        using var fabric = FabricBuilder.Build(TopologyReader.Read(Path.Combine(Repository.Root, "config/topologies/minimal.yaml")));
        fabric.Hosts["host0"].Run(async host =>
        {
            var window = host.Hierarchies[0];
            var tree = await new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = window.Memory, PrefetchableMemory = window.Prefetchable, Io = window.Io }).RunAsync();
            if (waits > SimTime.Zero) await host.DelayAsync(waits);
            await host.Read32Async(tree.Functions.First(f => f.Bars.Count > 0).Bars[0].Range.Base);
        });
        var path = Path.Combine(Folder, name);
        using var recorder = JournalRecorder.Create(path, fabric.Engine, options);
        fabric.Engine.Run();
        recorder.Finish();
        return path;
    }
}
