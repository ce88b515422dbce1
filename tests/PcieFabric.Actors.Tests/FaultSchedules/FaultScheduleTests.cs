using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Journals;
using PcieFabric.Recording;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.FaultSchedules;

/// <summary>
/// Whatever happens to whatever fabric: it comes to its end, no software fails, nothing is lost that was lent, each fault is seen in a counter or a status, all of it happens again on
/// two partitions, and afterwards every function works. PCIEFABRIC_SEED draws other fabrics and faults, PCIEFABRIC_FABRICS another number of them.
/// </summary>
public sealed class FaultScheduleTests(ITestOutputHelper output)
{
    private const int SchedulesEach = 50;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void EveryFaultHasANamedEndAndLeavesNothingBehind(int batch)
    {
        var count = TestSeed.Count("PCIEFABRIC_FABRICS", SchedulesEach);
        var first = TestSeed.Of(output, 1) + batch * count;
        output.WriteLine($"seeds {first} to {first + count - 1}; PCIEFABRIC_SEED and PCIEFABRIC_FABRICS set others");
        var outcomes = new Outcomes();
        var failures = new List<string>();
        for (var seed = first; seed < first + count; seed++)
        {
            try
            {
                Check(seed, outcomes);
            }
            catch (Exception e)
            {
                failures.Add($"seed {seed}: {e}");
            }
        }
        output.WriteLine(outcomes.ToString());
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        // So many schedules leave none of these out.
        if (count >= SchedulesEach) Assert.All(Outcomes.Certain, name => Assert.True(outcomes[name] > 0, $"no {name}"));
    }

    private static void Check(int seed, Outcomes outcomes)
    {
        using var stream = new MemoryStream();
        var schedule = new FaultRun(seed, partitions: 1);
        using (var run = schedule.Run())
        {
            using var recorder = JournalRecorder.Create(stream, run.Fabric.Engine, new RecorderOptions { Level = JournalLevel.Inputs });
            run.Execute();
            recorder.Finish();
            CheckRest(schedule);
            outcomes.Add(schedule);
        }
        using var reader = new JournalReader(new MemoryStream(stream.ToArray()), "faults.pfj");
        Assert.Null(JournalReplay.Run(reader, new ReplayOptions { Rebuild = _ => new FaultRun(seed, partitions: 2).Run() }).Divergence);
    }

    private static void CheckRest(FaultRun schedule)
    {
        var fabric = schedule.Fabric;
        Assert.Empty(schedule.Host.Failures);
        AtRest.Check(fabric);
        Assert.All(fabric.Controllers.Values, controller => Assert.Equal(0, controller.OutboundWindowsInUse));
        Assert.All(fabric.DmaEngines.Values, engine => Assert.Equal((0, true), (engine.RequestsOutstanding, engine.IsIdle)));
        Assert.All(fabric.BoundFunctions.Values, software => Assert.Equal(0, software.RequestsOutstanding));
        foreach (var endpoint in schedule.Endpoints.Where(endpoint => endpoint.IsUnbound)) Assert.Equal(0ul, endpoint.AllocatedBytes);
        Assert.True(schedule.Host.Broken.Count == 0, string.Join("; ", schedule.Host.Broken));
    }
}
