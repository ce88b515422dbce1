using System.Diagnostics;
using PcieFabric.Guests.Tests.Attached;
using Xunit.Abstractions;

namespace PcieFabric.Guests.Tests.Kselftests;

/// <summary>The kernel's own tests of endpoints, by its own driver, against the test function on controllers of ours.</summary>
public sealed class KselftestTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>A session small enough to be kept, which is replayed where there are no guests: without some of the cases that transfer megabytes of random bytes.</summary>
    private const string Kept = "tests/PcieFabric.VfioUser.Tests/Live/kselftest.pfj";

    /// <summary>Each word of a BAR is written and read twice, and each access is kept.</summary>
    private static readonly string[] SmallBars = [.. Enumerable.Range(1, 5).SelectMany(bar => (string[])["--set", $"functions.test.settings.bar{bar}-size=16 KiB"])];

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pciefabric-kselftest");

    private string Journal => Path.Combine(_folder.FullName, "session.pfj");

    public void Dispose() => _folder.Delete(recursive: true);

    [GuestFact]
    public async Task TwentyTwoOfTwentyThreeCasesPassAndTheSessionReplaysFasterThanItWas()
    {
        var took = await RunAsync("qemu-epc", isShort: false, "--journal", Journal);

        var clock = Stopwatch.StartNew();
        var replay = await PcieFabricCommand.OutputOfAsync("replay", Journal);
        output.WriteLine($"{replay}the guest took {took.TotalSeconds:0.0} s, the replay {clock.Elapsed.TotalSeconds:0.0} s; {new FileInfo(Journal).Length:#,0} bytes");
        Assert.Contains("no divergence", replay);
        Assert.True(clock.Elapsed < took);
    }

    [GuestTheory]
    // Resizable BARs have 1 MiB at least, and the cases write and read each word: the server does not sleep between two.
    [InlineData("rk3588", "--poll", "--set", "functions.test.vendor=0x1d87", "--set", "functions.test.device=0x3588")]
    [InlineData("imx8m")]
    [InlineData("tegra194")]
    [InlineData("keembay")]
    public async Task EveryControllerPassesWhatItCan(string controller, params string[] options) => await RunAsync(controller, isShort: false, options);

    [GuestFact]
    public async Task TheSessionThatIsKeptIsOneOfThese()
    {
        await RunAsync("qemu-epc", isShort: true, ["--journal", Journal, .. SmallBars]);

        Assert.Contains("no divergence", await PcieFabricCommand.OutputOfAsync("replay", Journal));
        if (GeneratedFiles.AreToBeWritten) File.Copy(Journal, Path.Combine(Repository.Root, Kept), overwrite: true);
    }

    /// <summary>Linux maps each page then, and QEMU unmaps whole address spaces with whatever is in them.</summary>
    [GuestFact]
    public async Task TransfersPassWhereTheGuestsIommuRemapsDma()
    {
        await using var fabric = await AttachedFabric.StartAsync("epf-test");
        await using (var guest = await Guest.StartAsync(new GuestOptions { Sockets = fabric.Sockets, KernelOptions = "intel_iommu=on" }))
        {
            var run = await guest.RunAsync("pci_endpoint_test -F pci_ep_bar -T CONSECUTIVE_BAR_TEST -T MSIX_TEST", Limit);
            output.WriteLine(run.Output);
            Assert.Contains("# Totals: pass:9 fail:0", run.Output);
            Assert.Contains("DMAR: IOMMU enabled", await guest.OutputOfAsync("dmesg"));
            Assert.DoesNotContain("dma_unmap", guest.Console.Text);
        }
        await fabric.StopAsync();
    }

    /// <returns>How long the guest was there.</returns>
    private async Task<TimeSpan> RunAsync(string controller, bool isShort, params string[] options)
    {
        var expected = KselftestPage.Of(controller);
        // A case that hangs in the driver cannot be ended; all of them do DMA.
        var isWithoutDma = isShort || expected.Any(one => one.Outcome == KselftestPage.Hangs);
        expected = [.. expected.Where(one => !(isWithoutDma && one.Case.Contains(".dma.", StringComparison.Ordinal)) && !(isShort && one.Case.EndsWith(".COPY_TEST", StringComparison.Ordinal)))];
        await using var fabric = await AttachedFabric.StartAsync("epf-test", ["--set", $"endpoints.card.controller={controller}", .. options]);
        var clock = Stopwatch.StartNew();
        await using (var guest = await Guest.StartAsync(new GuestOptions { Sockets = fabric.Sockets, Cpus = expected.Contains(("pci_ep_basic.MSIX_TEST", "pass")) ? GuestOptions.CpusForAllVectors : 1 }))
        {
            var run = await guest.RunAsync($"pci_endpoint_test{(isWithoutDma ? " -V dma" : "")}{(isShort ? " -T COPY_TEST" : "")}", Limit);
            output.WriteLine($"{controller}: {clock.Elapsed.TotalSeconds:0.0} s\n{run.Output}{(await guest.RunAsync("dmesg | tail -5")).Output}");
            Assert.Equal(expected, KselftestReport.Parse(run.Output));
        }
        var took = clock.Elapsed;
        await fabric.StopAsync();
        return took;
    }
}
