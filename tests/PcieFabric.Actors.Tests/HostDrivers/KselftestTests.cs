using PcieFabric.HostDrivers;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.HostDrivers;

/// <summary>The kernel's own cases, run by the model of its driver against the model of its test function.</summary>
public sealed class KselftestTests(ITestOutputHelper output)
{
    [Fact]
    public void ThereAreThe23CasesOfTheKernel() => Assert.Equal(23, Kselftest.All.Select(test => test.FullName).Distinct().Count());

    [Fact]
    public void AControllerThatCanDoEverythingPassesAllButTheRegisterBarAndTheDoorbell()
    {
        using var fabric = new EndpointTestFabric("qemu-epc");
        IReadOnlyList<KselftestResult> results = [];
        fabric.Run(async (host, hierarchy) => results = await KselftestRun.RunAsync(host, 0, EndpointTestFabric.FunctionOf(hierarchy)));
        for (var i = 0; i < results.Count; i++) output.WriteLine($"{Kselftest.All[i].FullName}: {results[i]}");
        output.WriteLine($"{fabric.Fabric.Engine.Now}, {fabric.Fabric.Engine.Delivered} messages; refusals: {string.Join("; ", fabric.Test().Refusals)}");
        Assert.Equal(23, results.Count);
    }
}
