using System.Globalization;
using PcieFabric.Documents;
using PcieFabric.Experiments;
using PcieFabric.Input;
using PcieFabric.Topologies.Reading;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Documents;

/// <summary>Whatever stands in a file, the reader takes it or refuses it with a located line; it never fails in another way.</summary>
public sealed class MutatedFilesTests(ITestOutputHelper output)
{
    private const int Rounds = 1500;

    private static readonly string[] Fragments =
        ["\n", "  ", ": ", "- ", "{", "}", "[", "]", "\"", "'", "&a ", "*a", "!t ", "|\n", ">\n", "#", "\t", "? ", "---\n", "...\n", "%", "@", "`", "0", "-1", "1e9", "0x", "~", "null", "\0", "\u00e9", "\ud83d\ude00", "<<: ", "none", "99999999999999999999", "**/", "KiB", "ns"];

    [Fact]
    public void AMutatedTopologyIsReadOrRefusedWithAPlace() => Mutate("topologies", source => TopologyReader.Read(source));

    [Fact]
    public void AMutatedExperimentIsReadOrRefusedWithAPlace()
    {
        var topologies = Shipped.Files("topologies").Select(path => new SourceText("topologies/" + Path.GetFileName(path), File.ReadAllText(path))).ToList();
        Mutate("experiments", source => ExperimentReader.Read("experiments/mutated.yaml", new KeptFiles([.. topologies, source with { Name = "experiments/mutated.yaml" }])));
    }

    private void Mutate(string folder, Action<SourceText> read)
    {
        var seed = TestSeed.Of(output, 2);
        var random = new Random(seed);
        var texts = Shipped.Files(folder).Select(File.ReadAllText).ToArray();
        int refused = 0, taken = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var text = texts[random.Next(texts.Length)];
            for (var edits = random.Next(1, 4); edits > 0; edits--)
                text = Edit(text, random);
            try
            {
                read(new SourceText("mutated.yaml", text));
                taken++;
            }
            catch (InputException wrong)
            {
                refused++;
                Assert.True(wrong.Location is { Line: > 0, Column: > 0 }, wrong.Line);
                Assert.DoesNotContain('\n', wrong.Line);
            }
            catch (Exception failure) when (failure is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"round {round}: {failure}\n{text}");
            }
        }
        output.WriteLine($"{refused} refused, {taken} taken");
        Assert.True(refused > Rounds / 2, "most mutations should matter");
        Assert.True(taken > 0, "some mutations should not matter");
    }

    private static string Edit(string text, Random random)
    {
        var at = random.Next(text.Length);
        var length = Math.Min(random.Next(1, 12), text.Length - at);
        return random.Next(4) switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, Fragments[random.Next(Fragments.Length)]),
            2 => text.Remove(at, length).Insert(at, Fragments[random.Next(Fragments.Length)]),
            _ => text.Insert(random.Next(text.Length), text.Substring(at, length)),
        };
    }
}
