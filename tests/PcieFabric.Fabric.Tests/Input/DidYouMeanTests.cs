using PcieFabric.Input;

namespace PcieFabric.Fabric.Tests.Input;

public class DidYouMeanTests
{
    private static readonly string[] Known = ["functions", "endpoints", "switches", "hosts", "link"];

    [Theory]
    [InlineData("functons", "functions")]
    [InlineData("endpionts", "endpoints")]
    [InlineData("Switches", "switches")]
    [InlineData("host", "hosts")]
    [InlineData("lnik", "link")]
    public void AWordWithAFewEditsIsRecognised(string word, string meant) =>
        Assert.Equal($"did you mean '{meant}'?", DidYouMean.For(word, Known));

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("x")]
    [InlineData("")]
    public void AWordLikeNoOtherGivesNoHint(string word) => Assert.Null(DidYouMean.For(word, Known));

    [Fact]
    public void TheFirstOfEquallyNearWordsWins() => Assert.Equal("did you mean 'bar1'?", DidYouMean.For("bar", ["bar1", "bar2"]));

    [Fact]
    public void AWordOfAnyLengthIsAnsweredAtOnce() => Assert.Null(DidYouMean.For(new string('a', 1_000_000), Known));
}
