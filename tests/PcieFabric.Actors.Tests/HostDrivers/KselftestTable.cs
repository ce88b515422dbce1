using System.Text;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.HostDrivers;

namespace PcieFabric.Actors.Tests.HostDrivers;

/// <summary>The kernel's cases run on every controller that the project knows, and the page that shows it.</summary>
internal static class KselftestTable
{
    private static readonly Lazy<IReadOnlyDictionary<string, IReadOnlyList<KselftestResult>>> All = new(() =>
        ControllerProfiles.Names.AsParallel().Select(name => (name, Results: RunOn(name))).ToDictionary(run => run.name, run => run.Results));

    public static IReadOnlyDictionary<string, IReadOnlyList<KselftestResult>> Results => All.Value;

    /// <summary>On function 0, or on VF 1 where the profile is that of virtual functions.</summary>
    public static IReadOnlyList<KselftestResult> RunOn(string controller)
    {
        var physical = ControllerProfiles.Names.FirstOrDefault(name => ControllerProfiles.Find(name)!.VirtualFunctions?.Features == controller);
        using var fabric = new EndpointTestFabric(physical ?? controller, virtualFunctions: physical is null ? 0 : 2);
        IReadOnlyList<KselftestResult> results = [];
        fabric.Run(async (host, hierarchy) =>
        {
            var function = EndpointTestFabric.FunctionOf(hierarchy);
            if (physical is not null) function = (await EndpointTestFabric.EnableVirtualFunctionsAsync(host, function, 2))[0];
            results = await KselftestRun.RunAsync(host, 0, function);
        });
        fabric.AssertNothingLeaks();
        return results;
    }

    /// <summary>As <see cref="ExpectedKselftests"/> writes it: cases of a kind together.</summary>
    public static string Letters(IReadOnlyList<KselftestResult> results)
    {
        var letters = results.Select(Letter).ToArray();
        var bars = string.Concat(Enumerable.Range(0, 6).Select(bar => letters[2 * bar]));
        var subranges = string.Concat(Enumerable.Range(0, 6).Select(bar => letters[2 * bar + 1]));
        return string.Join(' ', bars, subranges, Text(12, 4), Text(16, 3), Text(19, 3), Text(22, 1));

        string Text(int from, int count) => new(letters, from, count);
    }

    public static string Page()
    {
        var page = new StringBuilder("""
            # The kernel's endpoint tests on every controller

            The 23 cases of Linux's `tools/testing/selftests/pci_endpoint`, run by the model of its driver `pci_endpoint_test` against the model of
            its test function `pci-epf-test`, on each controller of `config/controllers`. The function has 32 MSI and 2048 MSI-X vectors. Each case is told
            by itself: after one that hangs, the registers are cleared and the driver is probed anew. `cadence-vf` is a virtual function of `cadence`.

            What must come out is reasoned from what the kernel's controller drivers declare, in `tests/PcieFabric.Actors.Tests/HostDrivers/ExpectedKselftests.cs`. The tests
            run all cases and compare both that table and this page; `PCIEFABRIC_WRITE_DOCS=1 dotnet test` writes this page anew.

            DOORBELL_TEST passes where the endpoint has an interrupt controller for messages (qemu-epc, and imx95, which has an `msi-map` for endpoint mode in the mainline
            kernel), or shows the registers of DesignWare's eDMA, whose interrupt emulation is the doorbell then (rk3588, tegra194). It is skipped where a controller
            cannot map a BAR anew, and fails elsewhere: see [doorbells.md](doorbells.md). The dma cases hang on a controller without a DMA channel, in the kernel too: the function drops the command, and the
            driver waits without a limit.


            """);
        var names = ExpectedKselftests.ByController.Keys.ToList();
        foreach (var half in new[] { names.Take(names.Count / 2), names.Skip(names.Count / 2) }.Select(half => half.ToList()))
        {
            page.AppendLine($"| case | {string.Join(" | ", half)} |");
            page.AppendLine($"|---|{string.Concat(half.Select(_ => "---|"))}");
            for (var i = 0; i < Kselftest.All.Count; i++)
                page.AppendLine($"| {Kselftest.All[i].FullName} | {string.Join(" | ", half.Select(name => Results[name][i].ToString()))} |");
            page.AppendLine($"| passed | {string.Join(" | ", half.Select(name => Results[name].Count(result => result.Outcome == KselftestOutcome.Passed)))} |");
            page.AppendLine();
        }
        return page.ToString().TrimEnd() + "\n";
    }

    private static char Letter(KselftestResult result) => result switch
    {
        { Outcome: KselftestOutcome.Passed } => 'P',
        { Outcome: KselftestOutcome.Hung } => 'H',
        { Outcome: KselftestOutcome.Skipped, Errno: Errno.ENODATA } => 'D',
        { Outcome: KselftestOutcome.Skipped, Errno: Errno.ENOBUFS } => 'R',
        { Outcome: KselftestOutcome.Skipped, Errno: Errno.EBUSY } => 'B',
        { Outcome: KselftestOutcome.Skipped, Errno: Errno.EOPNOTSUPP } => 'O',
        { Outcome: KselftestOutcome.Failed, Errno: Errno.ETIMEDOUT } => 'T',
        { Outcome: KselftestOutcome.Failed, Errno: Errno.EINVAL } => 'I',
        { Outcome: KselftestOutcome.Failed, Errno: Errno.EIO } => 'E',
        { Outcome: KselftestOutcome.Failed, Errno: Errno.ENOSPC } => 'N',
        _ => '?',
    };
}
