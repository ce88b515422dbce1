using System.Text.Json;
using System.Text.RegularExpressions;
using PcieFabric.Fabric.Tests.ConfigSpaces;
using Xunit.Abstractions;

namespace PcieFabric.Cli.Tests.Trees;

/// <summary>What the real lspci makes of whole fabrics.</summary>
public sealed partial class LspciTreeTests(ITestOutputHelper output)
{
    private static readonly string[] TransfersPerSecond = ["", "2.5GT/s", "5GT/s", "8GT/s", "16GT/s", "32GT/s", "64GT/s"];

    public static TheoryData<string> Topologies => ShownTopology.Names;

    [LspciTheory]
    [MemberData(nameof(Topologies))]
    public async Task EveryFunctionIsThereAndEveryCapabilityIsNamed(string topology)
    {
        var shown = await ShownTopology.Of(topology);
        var text = Lspci.Read(shown.Dump, "-vvv", "-n", "-D");
        Lspci.AssertUnderstood(text);

        var sections = Sections(text);
        Assert.Equal(Strings(shown.Functions, "address").Order(StringComparer.Ordinal), sections.Keys.Order(StringComparer.Ordinal));
        var capabilities = 0;
        foreach (var function in shown.Functions)
        {
            var section = sections[function.GetProperty("address").GetString()!];
            var named = CapabilityLine().Count(section);
            Assert.Equal(function.GetProperty("capabilities").GetArrayLength(), named);
            capabilities += named;
        }
        output.WriteLine($"{sections.Count} functions, {capabilities} capabilities");
    }

    [LspciTheory]
    [MemberData(nameof(Topologies))]
    public async Task TheTreeIsTheSame(string topology)
    {
        var shown = await ShownTopology.Of(topology);
        var parents = shown.Functions.ToDictionary(function => function.GetProperty("address").GetString()!, function => function.GetProperty("parent").GetString());
        // -PP prints the way that -t draws, a line a function: 0000:00:01.0/01:00.0/02:03.0 and the class.
        var ways = Lspci.Read(shown.Dump, "-PP", "-D", "-n").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]);

        Assert.Equal(parents.Keys.Select(WayOf).Order(StringComparer.Ordinal), ways.Order(StringComparer.Ordinal));

        string WayOf(string address) => parents[address] is { } parent ? $"{WayOf(parent)}/{address[(address.IndexOf(':') + 1)..]}" : address;
    }

    [LspciTheory]
    [MemberData(nameof(Topologies))]
    public async Task TheDrawingHasEveryFunctionOnceAndItsBuses(string topology)
    {
        var shown = await ShownTopology.Of(topology);
        // -t draws a function as its device and function number, and a bridge with the buses below: 02.0-[0f]--
        var drawing = Lspci.Read(shown.Dump, "-t");
        var drawn = DrawnFunction().Matches(drawing).Select(match => match.Value).ToLookup(text => text);

        foreach (var alike in shown.Functions.GroupBy(Drawn))
            Assert.Equal(alike.Count(), drawn[alike.Key].Count());
        Assert.Equal(shown.Functions.Count(), drawn.Sum(alike => alike.Count()));

        static string Drawn(JsonElement function)
        {
            var place = function.GetProperty("address").GetString()![^4..];
            if (function.GetProperty("bridge") is not { ValueKind: JsonValueKind.Object } bridge) return place;
            var (first, last) = (bridge.GetProperty("secondaryBus").GetInt32(), bridge.GetProperty("subordinateBus").GetInt32());
            return first == last ? $"{place}-[{first:x2}]" : $"{place}-[{first:x2}-{last:x2}]";
        }
    }

    [LspciTheory]
    [MemberData(nameof(Topologies))]
    public async Task RegistersSayWhatTheTreeSays(string topology)
    {
        var shown = await ShownTopology.Of(topology);
        var text = Lspci.Read(shown.Dump, "-vvv", "-n", "-D");
        var sections = Sections(text);
        var upperHalves = 0;
        foreach (var function in shown.Functions)
        {
            var section = sections[function.GetProperty("address").GetString()!];
            Assert.StartsWith($"{function.GetProperty("classCode").GetString()![2..6]}: {function.GetProperty("vendor").GetString()![2..]}:{function.GetProperty("device").GetString()![2..]}", section);
            Assert.Contains("BusMaster+", section);
            foreach (var bar in function.GetProperty("bars").EnumerateArray())
            {
                var address = bar.GetProperty("base").GetString()![2..];
                var isIo = bar.GetProperty("kind").GetString() == "io";
                Assert.Contains($"\tRegion {bar.GetProperty("index").GetInt32()}: {(isIo ? "I/O ports" : "Memory")} at {address}{(isIo ? "\n" : " (")}", section);
                if (bar.GetProperty("kind").GetString() == "memory64" && address.Length > 8) upperHalves++;
            }
            // A host bridge has no such capability.
            if (function.GetProperty("pciExpress") is not { ValueKind: JsonValueKind.Object } express) continue;
            Assert.Contains($"LnkSta:\tSpeed {TransfersPerSecond[express.GetProperty("linkGeneration").GetInt32()]}, Width x{express.GetProperty("linkWidth").GetInt32()}\n", section);
            Assert.Contains($"MaxPayload {express.GetProperty("maxPayloadBytes").GetInt32()} bytes, MaxReadReq {express.GetProperty("maxReadRequestBytes").GetInt32()} bytes", section);
            if (function.GetProperty("bridge") is { ValueKind: JsonValueKind.Object } bridge)
            {
                Assert.Contains($"secondary={bridge.GetProperty("secondaryBus").GetInt32():x2}, subordinate={bridge.GetProperty("subordinateBus").GetInt32():x2}", section);
                AssertWindow(section, "\tPrefetchable memory behind bridge", bridge.GetProperty("prefetchableMemory"), 16);
                AssertWindow(section, "\tMemory behind bridge", bridge.GetProperty("memory"), 8);
                AssertWindow(section, "\tI/O behind bridge", bridge.GetProperty("io"), 8);
            }
        }
        // lspci shows the upper half of a 64-bit BAR of a dump as one more region, which the device does not have.
        Assert.Equal(upperHalves, text.Split("at <unassigned>").Length - 1);
    }

    [LspciTheory]
    [InlineData("two-level", "host0/rp1/quad/fn0", "MSI: Enable- Count=1/8 Maskable+ 64bit+")]
    [InlineData("two-level", "host0/rp1/quad/fn2", "MSI: Enable- Count=1/1 Maskable- 64bit+")]
    [InlineData("two-level", "host0/rp1/quad/fn2", "Interrupt: pin B")]
    [InlineData("two-level", "host0/rp1/quad/fn2", "Express (v2) Legacy Endpoint")]
    [InlineData("two-level", "host0/rp0/spine/dp0/leaf/dp2/many/fn0", "MSI-X: Enable- Count=64")]
    [InlineData("two-level", "host0/rp0/spine/dp0/leaf/dp2/many/fn0", "Total VFs: 16")]
    [InlineData("two-level", "host0/rp0/spine/dp0/leaf/dp2/many/fn0", "BAR 0: current size: 1MB, supported: 1MB 2MB 4MB 8MB")]
    [InlineData("two-level", "host0/rp0/spine/dp0/leaf/dp2/many/fn11", "Next Function: 0")]
    [InlineData("two-level", "host0/rp0/spine/dp0/leaf/dp2", "ARIFwd+\n")]
    [InlineData("two-level", "host0/rp0/spine/dp0/leaf/dp3", "DLActive-")]
    [InlineData("two-level", "host0/rp0/spine/dp0/leaf/dp3", "PresDet-")]
    [InlineData("two-level", "host0/rp0/spine/dp0/leaf/dp2", "DLActive+")]
    [InlineData("rack", "node3/rp1/spine/dp3/leaf/dp15/octet/fn7", "MSI: Enable- Count=1/4")]
    [InlineData("rack", "node3/rp1/spine/dp3/leaf/dp15/octet/fn7", "Advanced Error Reporting")]
    public async Task WhatTheFileAsksForIsWhatLspciSees(string topology, string path, string expected)
    {
        var shown = await ShownTopology.Of(topology);
        var address = shown.Functions.Single(function => function.GetProperty("path").GetString() == path).GetProperty("address").GetString()!;

        Assert.Contains(expected, Sections(Lspci.Read(shown.Dump, "-vvv", "-n", "-D", "-s", address))[address]);
    }

    [LspciTheory]
    [InlineData("host0/rp0/fan/dp0/network/fn1", "Number of VFs: 8, Function Dependency Link: 01")]
    [InlineData("host0/rp0/fan/dp0/network/fn1/vf8", "MSI-X: Enable- Count=5")]
    [InlineData("host0/rp0/fan/dp1/storage/fn0/vf16", "Advanced Error Reporting")]
    [InlineData("host0/rp1/accelerator/fn0/vf600", "BusMaster+")]
    public async Task VirtualFunctionsAreWhereTheyAreSaidToBe(string path, string expected)
    {
        var shown = await ShownTopology.Of("virtual-functions", "--virtual-functions");
        Assert.Equal(9 + 2 * 8 + 16 + 600, shown.Functions.Count());
        var text = Lspci.Read(shown.Dump, "-vvv", "-n", "-D");
        // A virtual function's Link Status reads zero, and lspci prints what that says, of hardware too.
        Lspci.AssertUnderstood(text.Replace("Speed unknown (downgraded), Width x0 (downgraded)", ""));
        var sections = Sections(text);
        Assert.Equal(Strings(shown.Functions, "address").Order(StringComparer.Ordinal), sections.Keys.Order(StringComparer.Ordinal));

        var section = sections[shown.Functions.Single(function => function.GetProperty("path").GetString() == path).GetProperty("address").GetString()!];
        if (path.Contains("/vf", StringComparison.Ordinal)) Assert.StartsWith(section[..6] + "ffff:ffff", section);
        Assert.Contains(expected, section);
    }

    private static void AssertWindow(string section, string name, JsonElement window, int digits)
    {
        var line = section.Split('\n').Single(line => line.StartsWith(name[1..], StringComparison.Ordinal) || line.StartsWith(name, StringComparison.Ordinal));
        if (window.ValueKind == JsonValueKind.Null)
        {
            Assert.Contains("[disabled]", line);
            return;
        }
        var first = Convert.ToUInt64(window.GetProperty("base").GetString(), 16);
        var last = first + window.GetProperty("sizeBytes").GetUInt64() - 1;
        Assert.Contains($": {first.ToString($"x{digits}")}-{last.ToString($"x{digits}")} ", line);
    }

    private static IEnumerable<string> Strings(IEnumerable<JsonElement> elements, string property) => elements.Select(element => element.GetProperty(property).GetString()!);

    /// <summary>By address.</summary>
    private static Dictionary<string, string> Sections(string text) => text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
        .Select(section => section.Split(' ', 2)).ToDictionary(parts => parts[0].Trim(), parts => parts[1] + "\n");

    [GeneratedRegex(@"^\tCapabilities: \[", RegexOptions.Multiline)]
    private static partial Regex CapabilityLine();

    [GeneratedRegex(@"\b[01][0-9a-f]\.[0-7](-\[[0-9a-f]{2}(-[0-9a-f]{2})?\])?")]
    private static partial Regex DrawnFunction();
}
