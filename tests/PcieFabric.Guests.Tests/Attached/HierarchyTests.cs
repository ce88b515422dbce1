using System.Text.RegularExpressions;
using PcieFabric.Guests.Tests.Kselftests;
using Xunit.Abstractions;

namespace PcieFabric.Guests.Tests.Attached;

/// <summary>A whole root complex in a guest, which Linux's <c>vmd</c> driver makes a PCI domain of.</summary>
public sealed partial class HierarchyTests(HierarchyTests.OneGuest one, ITestOutputHelper output) : IClassFixture<HierarchyTests.OneGuest>
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Below the switch <c>leaf</c>, which is below the switch <c>spine</c>.</summary>
    private const string TestFunction = "10000:05:00.0";

    [GuestFact]
    public async Task WhatTheGuestEnumeratesIsTheTree()
    {
        var drawing = await one.Guest.OutputOfAsync("lspci -tv");
        output.WriteLine(drawing);
        Assert.Contains("-[10000:00]-+-01.0-[01-08]----00.0-[02-08]--+-00.0-[03-07]----00.0-[04-07]--+-00.0-[05]----00.0  Texas Instruments Device b500", drawing);

        // A line of ours is "00:01.0 PCI bridge 1b36:000c  [01-08]  gen3 x4  host0/rp0"; a bridge to one bus has only that.
        var tree = await PcieFabricCommand.OutputOfAsync("tree", "config/topologies/hierarchy.yaml");
        var expected = TreeLine().Matches(tree).Select(line => $"{line.Groups["at"]} {line.Groups["id"]} {line.Groups["first"]} {(line.Groups["last"].Success ? line.Groups["last"] : line.Groups["first"])}".TrimEnd());
        var found = await one.Guest.OutputOfAsync("""
            cd /sys/bus/pci/devices
            for device in 10000:*; do
                id=$(cat $device/vendor):$(cat $device/device)
                if [ -e $device/secondary_bus_number ]; then echo $device $id $(printf '%02x %02x' $(cat $device/secondary_bus_number $device/subordinate_bus_number))
                else echo $device $id; fi
            done
            """);
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Replace("10000:", "").Replace("0x", "").TrimEnd().Split('\n').Order(StringComparer.Ordinal));
        Assert.Equal(10, expected.Count(line => line.Split(' ').Length == 2));
    }

    [GuestFact]
    public async Task TheKernelsTestsOfTransfersAndMessagesPassTwoSwitchesDown()
    {
        Assert.Contains($"{TestFunction}\n", await one.Guest.OutputOfAsync("ls -1 /sys/bus/pci/drivers/pci-endpoint-test"));
        string[] cases =
        [
            "pci_ep_basic.MSI_TEST", "pci_ep_basic.MSIX_TEST",
            "pci_ep_data_transfer.memcpy.READ_TEST", "pci_ep_data_transfer.memcpy.WRITE_TEST", "pci_ep_data_transfer.memcpy.COPY_TEST",
            "pci_ep_data_transfer.dma.READ_TEST", "pci_ep_data_transfer.dma.WRITE_TEST", "pci_ep_data_transfer.dma.COPY_TEST",
        ];

        var run = await one.Guest.RunAsync("pci_endpoint_test -t MSI_TEST -t MSIX_TEST -t READ_TEST -t WRITE_TEST -t COPY_TEST", Limit);

        output.WriteLine(run.Output);
        Assert.Equal(cases.Select(name => (name, "pass")), KselftestReport.Parse(run.Output));
    }

    [GuestFact]
    public async Task WhatIsRemovedThroughSysfsIsFoundAgainByARescan()
    {
        const string Functions = "ls -1 /sys/bus/pci/devices | grep -c '^10000:'";
        var all = await one.Guest.OutputOfAsync(Functions);

        await one.Guest.OutputOfAsync($"echo 1 >/sys/bus/pci/devices/{TestFunction}/remove");
        Assert.Equal(int.Parse(all) - 1, int.Parse(await one.Guest.OutputOfAsync(Functions)));
        // All that is below the first root port: two switches and eight functions.
        await one.Guest.OutputOfAsync("echo 1 >/sys/bus/pci/devices/10000:01:00.0/remove");
        Assert.Equal(4, int.Parse(await one.Guest.OutputOfAsync(Functions)));

        await one.Guest.OutputOfAsync("echo 1 >/sys/bus/pci/rescan");
        Assert.Equal(all, await one.Guest.OutputOfAsync(Functions));
        var run = await one.Guest.RunAsync("pci_endpoint_test -v memcpy", Limit);
        Assert.Equal(["pass", "pass", "pass"], KselftestReport.Parse(run.Output).Select(result => result.Outcome));
    }

    [GeneratedRegex(@"(?<at>[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) .*?(?<id>[0-9a-f]{4}:[0-9a-f]{4})  (?:\[(?<first>[0-9a-f]{2})(?:-(?<last>[0-9a-f]{2}))?\])?")]
    private static partial Regex TreeLine();

    public sealed class OneGuest : IAsyncLifetime
    {
        private AttachedFabric? _fabric;
        private Guest? _guest;

        internal Guest Guest => _guest!;

        public async Task InitializeAsync()
        {
            if (GuestKit.Lack is not null) return;
            _fabric = await AttachedFabric.StartAsync("hierarchy", "--as", "hierarchy");
            _guest = await Guest.StartAsync(new GuestOptions { Sockets = _fabric.Sockets, Cpus = GuestOptions.CpusForAllVectors });
        }

        public async Task DisposeAsync()
        {
            if (_guest is not null) await _guest.DisposeAsync();
            if (_fabric is not null)
            {
                await _fabric.StopAsync();
                await _fabric.DisposeAsync();
            }
        }
    }
}
