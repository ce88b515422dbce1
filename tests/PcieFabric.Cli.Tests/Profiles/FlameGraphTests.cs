using System.Xml.Linq;
using PcieFabric.Cli.Profiles;

namespace PcieFabric.Cli.Tests.Profiles;

public class FlameGraphTests
{
    private const string Script = """
        1352
                    7f01 instance void [PcieFabric.Actors] PcieFabric.Ports.BridgePort::Receive(valuetype PcieFabric.Engine.Message& modreq([System.Runtime]System.Runtime.InteropServices.InAttribute))[OptimizedTier1]
                    7f02 instance void [PcieFabric.Actors] PcieFabric.Engine.Partition::Loop(int64,int64)[OptimizedTier1OSR]
                    7f03 instance void [PcieFabric.Actors] PcieFabric.Engine.Partition::Loop(int64,int64)[InstrumentedTier]
                    7f04 instance class [System.Runtime]System.Threading.Tasks.Task`1<int32> [pciefabric] Program+<>c__DisplayClass0_0::<<Main>$>b__0(valuetype [System.Runtime]System.Threading.CancellationToken)[QuickJitted]

        1352
                    8f01 [unknown]
                    7f05 instance void [pciefabric] PcieFabric.Cli.Benchmarks.SwitchBenchmark+<>c__DisplayClass8_0+<<Run>b__0>d::MoveNext()[OptimizedTier1]
                    7f06 instance void [System.Private.CoreLib] System.Runtime.CompilerServices.AsyncTaskMethodBuilder`1+AsyncStateMachineBox`1[System.Threading.Tasks.VoidTaskResult,PcieFabric.Cli.Benchmarks.SwitchBenchmark+<>c__DisplayClass8_0+<<Run>b__0>d]::MoveNext()[QuickJitted]
                    7f03 instance void [PcieFabric.Actors] PcieFabric.Engine.Partition::Loop(int64,int64)[InstrumentedTier]

        1353
                    9f01 _dl_relocate_object
                    9f02 dl_main

        """;

    [Theory]
    [InlineData("instance void [PcieFabric.Actors] PcieFabric.Engine.Partition::Loop(int64,int64)[OptimizedTier1OSR]", "Partition.Loop", "Engine")]
    [InlineData("class [System.Runtime]System.Collections.Generic.List`1<!1> [System.Linq] System.Linq.Enumerable+RangeSelectIterator`2[System.Int32,System.__Canon]::ToList()[QuickJitted]", "Enumerable.RangeSelectIterator.ToList", ".NET")]
    [InlineData("instance void [PcieFabric.Actors] PcieFabric.RootComplexes.Host+<WriteAsync>d__12::MoveNext()[OptimizedTier1]", "Host.WriteAsync", "RootComplexes")]
    [InlineData("instance void [PcieFabric.Fabric] PcieFabric.Tlps.Tlp::.ctor(int32)[OptimizedTier1]", "Tlp..ctor", "Tlps")]
    [InlineData("__memmove_avx_unaligned_erms", "__memmove_avx_unaligned_erms", ".NET")]
    [InlineData("[unknown]", "runtime", ".NET")]
    public void ASymbolOfTheRuntimeIsReadAsTheMethodThatWasWritten(string symbol, string name, string folder) =>
        Assert.Equal(new StackFrame(name, folder), StackFrame.Of(symbol));

    [Fact]
    public void StacksAreReadFromTheOutermostFrameOn()
    {
        var (stacks, processes) = PerfScript.Read(new StringReader(Script));

        Assert.Equal([1352, 1353], processes.Order());
        Assert.Equal([4, 4, 2], stacks.Select(stack => stack.Count));
        Assert.Equal("dl_main", stacks[2][0].Name);
        Assert.Equal("BridgePort.Receive", stacks[0][^1].Name);
    }

    [Fact]
    public void TheTreeHasWhatTheLoopCalledAndNothingOfDotNetInBetween()
    {
        var tree = StackTree.Below("Partition.Loop", PerfScript.Read(new StringReader(Script)).Stacks)!;

        Assert.Equal((2, 0), (tree.Samples, tree.Own));
        Assert.Equal(["BridgePort.Receive", "SwitchBenchmark.Run"], tree.Callees.Select(callee => callee.Frame.Name));
        Assert.Equal(["runtime"], tree.Callees.Last().Callees.Select(callee => callee.Frame.Name));
        Assert.Equal(3, tree.DepthOf(1));
        Assert.Equal(1, tree.DepthOf(2));
        Assert.Equal([(".NET", 1), ("Ports", 1)], tree.OwnByFolder().Where(folder => folder.Samples > 0));
    }

    [Fact]
    public void WhereNoSampleIsInTheLoopThereIsNoTree() =>
        Assert.Null(StackTree.Below("Partition.Loop", [[new StackFrame("main", StackFrame.DotNet)]]));

    [Fact]
    public void BoxesAreAsWideAsTheirShareAndLieBelowTheirCaller()
    {
        var (loop, cheap, dear) = (new StackFrame("Partition.Loop", "Engine"), new StackFrame("A.<B>", "Ports"), new StackFrame("C.D", "Links"));
        var tree = StackTree.Below("Partition.Loop", [[loop, dear], [loop, dear], [loop, dear], [loop, cheap]])!;
        using var svg = new StringWriter();

        SvgFlameGraph.Write(svg, "three & one", tree);

        XNamespace space = "http://www.w3.org/2000/svg";
        var boxes = XDocument.Parse(svg.ToString()).Descendants(space + "rect").Where(rect => rect.Element(space + "title") is not null)
            .ToDictionary(rect => rect.Element(space + "title")!.Value, rect => ((double)rect.Attribute("x")!, (double)rect.Attribute("y")!, (double)rect.Attribute("width")!));
        var (left, top, width) = boxes["Partition.Loop: 100 %, itself 0 %"];
        Assert.Equal((left, top + 19), (boxes["C.D: 75 %, itself 75 %"].Item1, boxes["C.D: 75 %, itself 75 %"].Item2));
        Assert.Equal(0.75 * width, boxes["C.D: 75 %, itself 75 %"].Item3, 0);
        Assert.Equal(0.25 * width, boxes["A.<B>: 25 %, itself 25 %"].Item3, 0);
    }

    [Fact]
    public void FoldersThatNoColourIsLeftForAreOneEntryOfTheLegend()
    {
        var loop = new StackFrame("Partition.Loop", "Engine");
        var tree = StackTree.Below("Partition.Loop", [.. Enumerable.Range(0, 9).Select(i => (IReadOnlyList<StackFrame>)[loop, new StackFrame($"M{i}", $"Folder{i}")])])!;
        using var svg = new StringWriter();

        SvgFlameGraph.Write(svg, "nine folders and the engine", tree);

        Assert.Contains(">Folder6 11.1 %<", svg.ToString());
        Assert.Contains(">others 22.2 %<", svg.ToString());
        Assert.DoesNotContain(">Folder7 ", svg.ToString());
    }
}
