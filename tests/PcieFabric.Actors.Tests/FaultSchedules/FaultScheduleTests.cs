using System.Globalization;
using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Journals;
using PcieFabric.Recording;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.FaultSchedules;

/// <summary>
/// Whatever happens to whatever fabric: it comes to its end, no software fails, nothing is lost that was lent, all of it happens again, and then everything works.
/// PCIEFABRIC_SEED draws other fabrics and faults, PCIEFABRIC_FABRICS another number of them.
/// </summary>
public sealed class FaultScheduleTests(ITestOutputHelper output)
{
    private const int SchedulesEach = 50;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void EveryFaultHasAnEndAndLeavesNothingBehind(int batch)
    {
        var count = Setting("PCIEFABRIC_FABRICS", SchedulesEach);
        var first = TestSeed.Of(output, 1) + batch * count;
        output.WriteLine($"seeds {first} to {first + count - 1}; PCIEFABRIC_SEED and PCIEFABRIC_FABRICS set others");
        var failures = new List<string>();
        for (var seed = first; seed < first + count; seed++)
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            try { Check(seed); }
            catch (Exception e) { failures.Add($"seed {seed}: {e}"); output.WriteLine(failures[^1]); }
            output.WriteLine($"{seed}: {watch.ElapsedMilliseconds} ms");
        }
        Assert.Empty(failures);
    }

    private void Check(int seed)
    {
        using var stream = new MemoryStream();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var schedule = new FaultRun(seed, partitions: 1);
        using (var run = schedule.Run())
        {
            using var recorder = JournalRecorder.Create(stream, run.Fabric.Engine, new RecorderOptions { Level = JournalLevel.Inputs });
            run.Execute();
            output.WriteLine($"{seed}: {run.Fabric.Engine.Delivered} messages, {watch.ElapsedMilliseconds} ms; worked {schedule.Host.Worked}, broken {string.Join(' ', schedule.Host.Broken)}; {string.Join(", ", schedule.Host.Notes)}");
            recorder.Finish();
            Assert.Empty(run.Fabric.Engine.Stopped);
            Assert.Empty(schedule.Host.Failures);
            AtRest.Check(run.Fabric);
            Assert.All(run.Fabric.Controllers, controller => Assert.Equal(0, controller.Value.OutboundWindowsInUse));
            Assert.All(run.Fabric.DmaEngines.Values, engine => Assert.Equal((0, true), (engine.RequestsOutstanding, engine.IsIdle)));
            Assert.All(run.Fabric.BoundFunctions, software => Assert.Equal(0, software.Value.RequestsOutstanding));
            Assert.Empty(schedule.Host.Broken);
        }
        using var reader = new JournalReader(new MemoryStream(stream.ToArray()), "faults.pfj");
        var result = JournalReplay.Run(reader, new ReplayOptions { Rebuild = _ => new FaultRun(seed, Setting("PCIEFABRIC_PARTITIONS", 2)).Run() });
        Assert.Null(result.Divergence);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
