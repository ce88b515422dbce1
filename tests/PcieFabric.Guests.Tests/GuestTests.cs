using Xunit.Abstractions;

namespace PcieFabric.Guests.Tests;

/// <summary>What every guest of the kit has, asked of one.</summary>
public class GuestTests(GuestTests.OneGuest one, ITestOutputHelper output) : IClassFixture<GuestTests.OneGuest>
{
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(300);

    [GuestFact]
    public async Task ACommandGivesItsOutputAndItsExitStatus()
    {
        Assert.Equal(new CommandResult("hello from Linux\n", 0), await one.Guest.RunAsync("echo hello from $(uname)"));
        Assert.Equal(new CommandResult("no line break, 'quotes', ä", 7), await one.Guest.RunAsync("printf \"no line break, 'quotes', ä\"; exit 7"));
        Assert.Equal(new CommandResult("", 1), await one.Guest.RunAsync("false"));
        Assert.Equal(new CommandResult("/tmp/command: line 1: frobnicate: not found\n", 127), await one.Guest.RunAsync("frobnicate"));
        output.WriteLine($"booted in {one.Guest.BootTime.TotalSeconds:0.00} s");
    }

    [GuestFact]
    public async Task ACommandOfManyLinesAndItsLongOutputComeThroughWhole()
    {
        var script = string.Join('\n', Enumerable.Range(0, 400).Select(number => $"echo line {number} of a script that is longer than the buffer of a terminal"));

        Assert.Equal(script.Replace("echo ", "") + "\n", await one.Guest.OutputOfAsync(script));
        Assert.Equal(100_000, (await one.Guest.OutputOfAsync("head -c 100000 /dev/zero | tr '\\0' x")).Length);
    }

    [GuestFact]
    public async Task LspciListsTheMachineAsQemuMadeIt()
    {
        var listed = await one.Guest.OutputOfAsync("lspci -nn");

        Assert.Contains("00:00.0 Host bridge [0600]: Intel Corporation 82G33/G31/P35/P31 Express DRAM Controller [8086:29c0]", listed);
        Assert.Contains("[1b36:000c]", listed);
        Assert.Contains("Express (v2) Root Port (Slot+)", await one.Guest.OutputOfAsync("lspci -vv -d 1b36:000c"));
    }

    [GuestFact]
    public async Task TheKselftestHasItsTwentyThreeCases()
    {
        // Without a device every case fails; the plan is printed before.
        var run = await one.Guest.RunAsync("pci_endpoint_test");

        Assert.Contains("1..23\n", run.Output);
        Assert.Contains("# Totals: pass:0 fail:23", run.Output);
        Assert.NotEqual(0, run.ExitStatus);
    }

    [GuestFact]
    public async Task TheKernelHasTheDriversOfWhatWeEmulate() =>
        Assert.Superset(
            new HashSet<string> { "nvme", "pci-endpoint-test", "pcieport", "virtio-pci", "vmd" },
            (await one.Guest.OutputOfAsync("ls -1 /sys/bus/pci/drivers")).Split('\n').ToHashSet());

    [GuestFact]
    public async Task DevmemReadsTheConfigurationSpaceOfTheHostBridge() =>
        Assert.Equal("0x29C08086\n", await one.Guest.OutputOfAsync("devmem 0xb0000000"));

    [GuestFact]
    public async Task InterruptsAreRemappedSoThatAFunctionMayHaveManyMsiVectors() =>
        Assert.Contains("DMAR-IR: Enabled IRQ remapping", await one.Guest.OutputOfAsync("dmesg"));

    [GuestFact]
    public async Task LinesOfTheConsoleAreWaitedFor()
    {
        var from = one.Guest.Console.Count;
        var waited = one.Guest.WaitForLineAsync("a word to the log", from: from);

        await one.Guest.OutputOfAsync("echo a word to the log >/dev/kmsg");

        Assert.EndsWith("a word to the log", await waited);
        await one.Guest.WaitForLineAsync("Linux version 7.2");
        var late = await Assert.ThrowsAsync<TimeoutException>(() => one.Guest.WaitForLineAsync("never said", Instant));
        Assert.StartsWith("no line with 'never said' within 0.3 s; the guest's console ends with:\n", late.Message);
        Assert.Contains("a word to the log", late.Message);
    }

    public sealed class OneGuest : IAsyncLifetime
    {
        private Guest? _guest;

        internal Guest Guest => _guest!;

        public async Task InitializeAsync() =>
            _guest = GuestKit.Lack is null ? await Guest.StartAsync(new GuestOptions { QemuArguments = ["-device", "pcie-root-port,id=empty,chassis=9"] }) : null;

        public async Task DisposeAsync()
        {
            if (_guest is not null)
                await _guest.DisposeAsync();
        }
    }
}
