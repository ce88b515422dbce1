using PcieFabric.Documents;
using PcieFabric.Experiments;
using PcieFabric.Input;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>An experiment, from the files that a journal kept of it.</summary>
internal static class RecordedExperiment
{
    /// <exception cref="InputException">The journal has no files, or this build does not understand them.</exception>
    public static FabricRun Rebuild(JournalReader journal)
    {
        var recorded = journal.Run;
        if (recorded.Sources.Count == 0)
            throw new InputException("it has no files to build its fabric from", "a program recorded it: replay it there, with ReplayOptions.Rebuild", new SourceLocation(journal.Name));
        var files = new KeptFiles(recorded.Sources.Select(source => new SourceText(source.Name, source.Text)));
        var experiment = ExperimentReader.Read(recorded.Sources[0].Name, files, [.. recorded.Overrides.Select(Override.Parse)]);
        var run = ExperimentRun.Prepare(experiment, new ExperimentOptions { Seed = recorded.Seed, Partitions = 1 });
        return new FabricRun(run.Fabric, () => run.Execute());
    }
}
