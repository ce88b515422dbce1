using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.HostDrivers;

/// <summary>Runs the kernel's cases against one function. After one that hangs the driver is probed anew, so that each case tells its own.</summary>
public static class KselftestRun
{
    /// <param name="intxLine">The line that the function's INTx drives.</param>
    /// <returns>In the order of <see cref="Kselftest.All"/>; empty where the driver does not take the function.</returns>
    public static async Task<IReadOnlyList<KselftestResult>> RunAsync(Host host, int hierarchy, EnumeratedFunction function, int intxLine = 0)
    {
        var results = new List<KselftestResult>();
        var driver = await PciEndpointTest.ProbeAsync(host, hierarchy, function, intxLine);
        foreach (var test in Kselftest.All)
        {
            if (driver is null) return results;
            var result = await test.Run(driver);
            results.Add(result);
            if (result.Outcome != KselftestOutcome.Hung) continue;
            await driver.ClearFlagsAsync();
            await driver.RemoveAsync();
            driver = await PciEndpointTest.ProbeAsync(host, hierarchy, function, intxLine);
        }
        if (driver is not null) await driver.RemoveAsync();
        return results;
    }
}
