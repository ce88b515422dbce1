using PcieFabric.Documents;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Input;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Actors.Tests.EndpointControllers;

/// <summary>What a person can write wrong about controllers, and where they are told.</summary>
public sealed class WrongControllerTests
{
    private const string Start = "name: mine\nhost-id: { vendor: 0x104c, device: 0xb500 }\ninterrupts: { msi: true }\n";
    private const string Inbound = "inbound: { windows: 8 }\n";
    private const string Outbound = "outbound: { windows: 8 }\n";
    private const string Bars = "bars: [programmable, programmable, programmable, programmable, programmable, programmable]\n";

    [Theory]
    [InlineData(Start + Inbound + Outbound, 1, "a controller needs 'bars'")]
    [InlineData(Start + Inbound + Outbound + "bars: [programmable]\n", 6, "must be a list of 6 to 6 items")]
    [InlineData(Start + Inbound + Outbound + "bars: [fixed, disabled, disabled, disabled, disabled, disabled]\n", 6, "an item of 'bars' must be")]
    [InlineData(Start + Inbound + Outbound + "bars: [{ use: fixed }, disabled, disabled, disabled, disabled, disabled]\n", 6, "a fixed BAR needs 'size'")]
    [InlineData(Start + Inbound + Outbound + "bars: [{ use: programmable, size: 1 MiB }, disabled, disabled, disabled, disabled, disabled]\n", 6, "only fixed and reserved BARs have a 'size'")]
    [InlineData(Start + Inbound + Outbound + "bars: [{ use: programmable, only-64-bit: true }, disabled, disabled, disabled, disabled, disabled]\n", 6, "BAR 0 is 64-bit only")]
    [InlineData(Start + Inbound + Outbound + "bars: [upper-half, disabled, disabled, disabled, disabled, disabled]\n", 6, "BAR 0 cannot be an upper half")]
    [InlineData(Start + Inbound + Outbound + "bars: [{ use: reserved, size: 4 KiB, resources: [{ kind: dma-control, offset: 0, size: 0x2000 }] }, disabled, disabled, disabled, disabled, disabled]\n", 6, "'resources' lie inside")]
    [InlineData(Start + "inbound: { windows: 8, subranges: true }\n" + Outbound + Bars, 4, "'subranges' needs 'dynamic'")]
    [InlineData(Start + Inbound + "outbound: { windows: 8, page: 1 MiB, largest: 64 KiB }\n" + Bars, 5, "'largest' is smaller than 'page'")]
    [InlineData(Start + "inbound: { windows: 0 }\n" + Outbound + Bars, 4, "'windows' must be")]
    [InlineData(Start + Inbound + Outbound + Bars + "virtual-functions: { count: 4, features: cadense-vf }\n", 7, "there is no controller 'cadense-vf'")]
    [InlineData(Start + Inbound + Outbound + Bars + "virtual-functions: { count: 0 }\n", 7, "'count' must be")]
    [InlineData(Start + Inbound + Outbound + Bars + "windows: 3\n", 7, "unknown key 'windows'")]
    public void AWrongProfileIsLocated(string text, int line, string message)
    {
        var wrong = Assert.Throws<InputException>(() => ControllerProfiles.Read(new SourceText("mine.yaml", text)));
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
        Assert.Equal(line, wrong.Location!.Value.Line);
    }

    [Theory]
    [InlineData("card: { controller: rk3558, functions: [test] }", "there is no controller 'rk3558'", "rk3568")]
    [InlineData("card: { controller: rk3588, functions: [test, test] }", "controller 'rk3588' has 1 functions", "second endpoint")]
    [InlineData("card: { controller: rk3588, functions: [{ kind: test, virtual-functions: { kind: test } }] }", "controller 'rk3588' has 0 virtual functions", "cadence")]
    [InlineData("card: { controller: cadence, functions: [{ kind: test, virtual-functions: { kind: test, count: 5 } }] }", "controller 'cadence' has 4 virtual functions for each function, endpoint 'card' wants 5", "'count'")]
    [InlineData("card: { controller: cadence, functions: [{ kind: test, virtual-functions: { kind: tset } }] }", "there is no function 'tset'", "test")]
    [InlineData("card: { functions: [{ kind: test, virtual-functions: { kind: test } }] }", "no controller to bind virtual functions to", "sr-iov")]
    [InlineData("card: { controller: rk3588, ari: true, functions: [test] }", "which gives its functions ARI", "ari")]
    public void AWrongUseOfAControllerIsLocated(string endpoint, string message, string hint)
    {
        var wrong = Assert.Throws<InputException>(() => TopologyReader.Read(Topology("epf-test", endpoint)));
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
        Assert.Contains(hint, wrong.Hint, StringComparison.Ordinal);
        Assert.Equal(3, wrong.Location!.Value.Line);
    }

    [Theory]
    [InlineData("epf-tset", "", "is no software for a controller", "did you mean 'epf-test'?")]
    [InlineData("epf-test", "msi-interrupts: 33", "'msi-interrupts' must be a whole number from 1 to 32", null)]
    [InlineData("epf-test", "bar5-size: 5 KiB", "'bar5-size' must be a power of two from 4 KiB to 1 MiB, not '5 KiB'", null)]
    [InlineData("epf-test", "bar6-size: 4 KiB", "unknown setting 'bar6-size'", null)]
    [InlineData("epf-test", "msi: 3", "unknown setting 'msi'", null)]
    public void WrongSoftwareIsLocated(string model, string settings, string message, string? hint)
    {
        var topology = TopologyReader.Read(Topology(model, "card: { controller: rk3588, functions: [test] }", settings));
        var wrong = Assert.Throws<InputException>(() => FabricBuilder.Build(topology));
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
        if (hint is not null) Assert.Equal(hint, wrong.Hint);
        Assert.Equal(2, wrong.Location!.Value.Line);
    }

    [Fact]
    public void ATopologyCanBringAControllerOfItsOwn()
    {
        const string own = "\ncontrollers:\n  mine: { host-id: { vendor: 1, device: 2 }, interrupts: { msix: true }, inbound: { windows: 2 }, outbound: { windows: 3 }, bars: [programmable, disabled, disabled, disabled, disabled, disabled] }";
        using var fabric = FabricBuilder.Build(TopologyReader.Read(Topology("epf-test", "card: { controller: mine, functions: [test] }", "", own)));
        var profile = Assert.Single(fabric.Controllers.Values).Profile;
        Assert.Equal(("mine", 3, true), (profile.Name, profile.Outbound.Windows, profile.Interrupts.MsiX));
    }

    private static SourceText Topology(string model, string endpoint, string settings = "", string more = "") => new("wrong.yaml",
        "name: wrong\n"
        + $"functions: {{ test: {{ model: {model}, vendor: 0x104c, device: 0xb500, settings: {{ {settings} }} }} }}\n"
        + $"endpoints: {{ {endpoint} }}\n"
        + $"hosts: {{ host0: {{ memory: 16 MiB, ports: [{{ attach: card }}] }} }}{more}\n");
}
