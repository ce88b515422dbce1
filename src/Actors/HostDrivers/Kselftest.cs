using PcieFabric.EndpointControllers;

namespace PcieFabric.HostDrivers;

/// <summary>One case of Linux's <c>tools/testing/selftests/pci_endpoint</c>: what it asks of the driver, and which error numbers make it skip.</summary>
public sealed record Kselftest(string Fixture, string Variant, string Name, Func<PciEndpointTest, ValueTask<KselftestResult>> Run)
{
    private static readonly int[] TransferSizes = [1, 1024, 1025, 1024000, 1024001];

    /// <summary>As the harness prints it: <c>pci_ep_bar.BAR0.BAR_TEST</c>.</summary>
    public string FullName => Variant.Length == 0 ? $"{Fixture}.{Name}" : $"{Fixture}.{Variant}.{Name}";

    /// <summary>All 23, in the order in which the harness runs them.</summary>
    public static IReadOnlyList<Kselftest> All { get; } =
    [
        .. Enumerable.Range(0, 6).SelectMany(bar => new Kselftest[]
        {
            new("pci_ep_bar", $"BAR{bar}", "BAR_TEST", async driver => Judge(await driver.BarAsync(bar), Errno.ENODATA, Errno.ENOBUFS)),
            new("pci_ep_bar", $"BAR{bar}", "BAR_SUBRANGE_TEST", driver => SubrangeAsync(driver, bar)),
        }),
        new("pci_ep_basic", "", "CONSECUTIVE_BAR_TEST", async driver => Judge(await driver.AllBarsAsync())),
        new("pci_ep_basic", "", "LEGACY_IRQ_TEST", IntxAsync),
        new("pci_ep_basic", "", "MSI_TEST", driver => MessagesAsync(driver, InterruptType.Msi, 32)),
        new("pci_ep_basic", "", "MSIX_TEST", driver => MessagesAsync(driver, InterruptType.MsiX, 2048)),
        .. new[] { false, true }.SelectMany(dma => new Kselftest[]
        {
            new("pci_ep_data_transfer", dma ? "dma" : "memcpy", "READ_TEST", driver => TransfersAsync(driver, size => driver.ReadAsync(size, dma))),
            new("pci_ep_data_transfer", dma ? "dma" : "memcpy", "WRITE_TEST", driver => TransfersAsync(driver, size => driver.WriteAsync(size, dma))),
            new("pci_ep_data_transfer", dma ? "dma" : "memcpy", "COPY_TEST", driver => TransfersAsync(driver, size => driver.CopyAsync(size, dma))),
        }),
        new("pcie_ep_doorbell", "", "DOORBELL_TEST", DoorbellAsync),
    ];

    private static async ValueTask<KselftestResult> SubrangeAsync(PciEndpointTest driver, int bar)
    {
        var type = await driver.SetIrqTypeAsync(null);
        return type.IsSuccess ? Judge(await driver.BarSubrangeAsync(bar), Errno.ENODATA, Errno.EBUSY, Errno.EOPNOTSUPP, Errno.ENOBUFS, Errno.ENOSPC) : Judge(type);
    }

    private static async ValueTask<KselftestResult> IntxAsync(PciEndpointTest driver)
    {
        var type = await driver.SetIrqTypeAsync(InterruptType.Intx);
        return Judge(type.IsSuccess ? await driver.IntxAsync() : type);
    }

    private static async ValueTask<KselftestResult> MessagesAsync(PciEndpointTest driver, InterruptType type, int most)
    {
        var set = await driver.SetIrqTypeAsync(type);
        if (!set.IsSuccess) return Judge(set);
        var first = DriverResult.Success;
        for (var number = 1; number <= most; number++)
        {
            var result = await driver.MsiAsync(number, type == InterruptType.MsiX);
            if (result.Errno == Errno.EINVAL) return new KselftestResult(KselftestOutcome.Skipped, Errno.EINVAL);
            if (first.IsSuccess) first = result;
        }
        return Judge(first);
    }

    private static async ValueTask<KselftestResult> TransfersAsync(PciEndpointTest driver, Func<int, ValueTask<DriverResult>> transfer)
    {
        var first = await driver.SetIrqTypeAsync(null);
        if (!first.IsSuccess) return Judge(first);
        foreach (var size in TransferSizes)
        {
            var result = await transfer(size);
            if (result.IsHung) return Judge(result);
            if (first.IsSuccess) first = result;
        }
        return Judge(first);
    }

    private static async ValueTask<KselftestResult> DoorbellAsync(PciEndpointTest driver)
    {
        var type = await driver.SetIrqTypeAsync(null);
        return type.IsSuccess ? Judge(await driver.DoorbellAsync(), Errno.EOPNOTSUPP) : Judge(type);
    }

    private static KselftestResult Judge(DriverResult result, params ReadOnlySpan<Errno> skips) => result switch
    {
        { IsHung: true } => new(KselftestOutcome.Hung, Errno.None),
        { Errno: Errno.None } => new(KselftestOutcome.Passed, Errno.None),
        _ => new(skips.Contains(result.Errno) ? KselftestOutcome.Skipped : KselftestOutcome.Failed, result.Errno),
    };
}
