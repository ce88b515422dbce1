using PcieFabric.Actors.Tests.Documents;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.HostDrivers;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.HostDrivers;

/// <summary>The kernel's own cases, run by the model of its driver against the model of its test function.</summary>
public sealed class KselftestTests(ITestOutputHelper output)
{
    public static TheoryData<string> Controllers => [.. ControllerProfiles.Names];

    [Fact]
    public void ThereAreThe23CasesOfTheKernel() => Assert.Equal(23, Kselftest.All.Select(test => test.FullName).Distinct().Count());

    [Fact]
    public void EveryControllerHasAnExpectation() => Assert.Equal(ControllerProfiles.Names, ExpectedKselftests.ByController.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Controllers))]
    public void EveryCaseEndsAsTheControllersFeaturesImply(string controller)
    {
        var results = KselftestTable.Results[controller];
        for (var i = 0; i < results.Count; i++) output.WriteLine($"{Kselftest.All[i].FullName}: {results[i]}");
        Assert.Equal(ExpectedKselftests.ByController[controller], KselftestTable.Letters(results));
    }

    [Fact]
    public void AControllerThatCanDoEverythingPassesAllButTheSubrangesOfTheRegisterBar() =>
        Assert.Equal(22, KselftestTable.Results["qemu-epc"].Count(result => result.Outcome == KselftestOutcome.Passed));

    [Fact]
    public void ThePageOfTheDocumentationShowsThisRun()
    {
        var path = Path.Combine(Shipped.Config, "..", "docs", "kselftest.md");
        var page = KselftestTable.Page();
        if (GeneratedFiles.AreToBeWritten) File.WriteAllText(path, page);
        Assert.Equal(page, File.ReadAllText(path));
    }
}
