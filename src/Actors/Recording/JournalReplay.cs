using PcieFabric.Engine;
using PcieFabric.Input;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>Runs again what a journal recorded, and compares.</summary>
public static class JournalReplay
{
    /// <summary>Opens a journal on the disk.</summary>
    /// <exception cref="InputException">It is absent, not a journal, damaged, or has nothing that could be read.</exception>
    public static JournalReader Open(string path)
    {
        try
        {
            return new JournalReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), path);
        }
        catch (UnauthorizedAccessException wrong)
        {
            throw new InputException($"'{path}' may not be read", Directory.Exists(path) ? "it is a directory; name a file in it" : "look at its permissions", inner: wrong);
        }
        catch (Exception wrong) when (wrong is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"'{path}' does not exist", "a journal is written by 'pciefabric run --journal FILE'", inner: wrong);
        }
        catch (IOException wrong)
        {
            throw new InputException($"'{path}' cannot be read: {wrong.Message}", "a journal is written by 'pciefabric run --journal FILE'", inner: wrong);
        }
    }

    /// <summary>One line in a test: throws unless the file replays as it was recorded.</summary>
    /// <exception cref="ReplayDivergedException">It does not.</exception>
    /// <exception cref="InputException">The journal cannot be replayed.</exception>
    public static ReplayResult ExpectNoDivergence(string path, ReplayOptions? options = null)
    {
        var result = Run(path, options);
        return result.Divergence is null ? result : throw new ReplayDivergedException(path, result.Divergence);
    }

    /// <inheritdoc cref="Run(JournalReader, ReplayOptions?)"/>
    public static ReplayResult Run(string path, ReplayOptions? options = null)
    {
        using var journal = Open(path);
        return Run(journal, options);
    }

    /// <summary>Builds the run anew, runs it, and stops at the first difference. Of the journal it reads what it compares.</summary>
    /// <exception cref="InputException">The journal cannot be replayed: damaged, cut, without sources, or an actor that it does not have.</exception>
    public static ReplayResult Run(JournalReader journal, ReplayOptions? options = null)
    {
        options ??= ReplayOptions.Default;
        if (journal.IsTruncated && !options.AllowTruncated) throw new InputException(journal.TruncationNotice, "--allow-truncated replays what is there");
        using var run = options.Rebuild is { } rebuild ? rebuild(journal.Run) : Rebuild(journal);
        if (TableComparison.Compare(journal, run.Fabric.Engine) is { } divergence) return new ReplayResult(journal.Run, divergence, 0, 0, SimTime.Zero);
        if (options.Actor is { } actor) return ActorReplay.Run(journal, run, actor, options.Until);
        return RunWhole(journal, run, options);
    }

    private static FabricRun Rebuild(JournalReader journal) =>
        journal.Run.Subject == JournalSubject.Experiment ? RecordedExperiment.Rebuild(journal) : RecordedInputs.Rebuild(journal);

    private static ReplayResult RunWhole(JournalReader journal, FabricRun run, ReplayOptions options)
    {
        var hasMessages = journal.Run.Level == JournalLevel.Messages;
        using var messages = hasMessages ? new RunComparison(journal, options.Until) : null;
        var comparison = (Comparison?)messages ?? new DigestComparison(journal, options.Until);
        var tap = new RunTap(run.Fabric.Engine, new ObservedTimes(journal.Run.DigestIntervalPs, journal.Run.DigestWindowPs), hasMessages, comparison);
        try
        {
            run.Execute();
            tap.Finish();
            comparison.Finish();
        }
        catch (ReplayStoppedException)
        {
        }
        catch (Exception failure) when (failure is not (InputException or IOException))
        {
            comparison.Finish();
            // A run that fails was not recorded as one, unless that is why the journal ends early.
            if (comparison.Divergence is null && !journal.IsTruncated)
                return Result(new Divergence(run.Fabric.Engine.Now, "at the end", "the run went on", failure.Message));
        }
        return Result(comparison.Divergence ?? TotalDifference());

        // Without messages the last interval is compared by its digests already; with them only this tells that nothing was left out.
        Divergence? TotalDifference() => options.Until is null && journal.Totals is { } recorded && recorded != tap.Totals
            ? new Divergence(new SimTime(recorded.LastPs), "in the totals", $"{recorded}", $"{tap.Totals}")
            : null;

        ReplayResult Result(Divergence? divergence) =>
            new(journal.Run, divergence, hasMessages ? comparison.Compared : 0, hasMessages ? 0 : comparison.Compared, new SimTime(comparison.ComparedUntilPs))
            {
                ComparedExactly = messages?.ComparedExactly ?? 0,
            };
    }
}
