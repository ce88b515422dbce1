using System.Globalization;
using System.Text.RegularExpressions;
using PcieFabric.Topologies;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Topologies;

public sealed class PathPatternTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("host0/rp0/card/fn0", "host0/rp0/card/fn0", true)]
    [InlineData("host0/rp0/card/fn0", "host0/rp0/card/fn1", false)]
    [InlineData("host0/*/card/fn0", "host0/rp0/card/fn0", true)]
    [InlineData("host0/*/fn0", "host0/rp0/card/fn0", false)]
    [InlineData("**", "host0/rp0/card/fn0", true)]
    [InlineData("**/fn0", "host0/rp0/card/fn0", true)]
    [InlineData("**/fn0", "fn0", true)]
    [InlineData("host0/**/card/**/fn0", "host0/rp0/card/fn0", true)]
    [InlineData("host0/**", "host00/rp0/card/fn0", false)]
    [InlineData("host*/rp*/c*d/fn?", "host0/rp0/card/fn0", false)]
    [InlineData("host*/rp*/c*d/f*n*0", "host0/rp0/card/fn0", true)]
    public void APatternSelectsPaths(string pattern, string path, bool matches) => Assert.Equal(matches, new PathPattern(pattern).Matches(path));

    [Fact]
    public void APatternMeansWhatTheRegularExpressionMeans()
    {
        var seed = TestSeed.Of(output, 3);
        var random = new Random(seed);
        string[] patternParts = ["**", "*", "a", "b", "a*", "*b", "a*b", "*a*"];
        string[] pathParts = ["a", "b", "ab", "ba", "aab"];
        var matched = 0;
        for (var round = 0; round < 5000; round++)
        {
            var pattern = string.Join('/', Enumerable.Range(0, random.Next(1, 6)).Select(_ => patternParts[random.Next(patternParts.Length)]));
            var path = string.Join('/', Enumerable.Range(0, random.Next(1, 6)).Select(_ => pathParts[random.Next(pathParts.Length)]));
            // Every component brings the slash before it, so that '**' may stand for none.
            var expression = "^" + string.Concat(pattern.Split('/').Select(part => part == "**" ? "(/[^/]+)*" : "/" + part.Replace("*", "[^/]*", StringComparison.Ordinal))) + "$";
            var expected = Regex.IsMatch("/" + path, expression);
            matched += expected ? 1 : 0;
            Assert.True(expected == new PathPattern(pattern).Matches(path), $"{pattern} on {path}: {expected}");
        }
        Assert.InRange(matched, 500, 4500);
    }

    [Fact]
    public void APatternOfManyStarsIsNotSlow() =>
        Assert.False(new PathPattern(string.Join('/', Enumerable.Repeat("**/*a*a*a*a*c", 50))).Matches(string.Join('/', Enumerable.Repeat(new string('a', 60) + "b", 50))));
}
