using PcieFabric.Documents;
using PcieFabric.Input;

namespace PcieFabric.Actors.Tests.Documents;

/// <summary>A document with something wrong; <c>»</c> stands right before the place that the message must name.</summary>
internal static class WrongInput
{
    private const char Marker = '»';

    public static void MustBeRefused(string marked, string message, string hint, Action<SourceText> read)
    {
        var place = marked.IndexOf(Marker, StringComparison.Ordinal);
        var text = marked.Remove(place, 1);
        var line = marked.AsSpan(0, place).Count('\n') + 1;
        var column = place - (marked.LastIndexOf('\n', place) + 1) + 1;

        var wrong = Assert.Throws<InputException>(() => read(new SourceText("wrong.yaml", text)));

        Assert.Equal(new SourceLocation("wrong.yaml", line, column), wrong.Location);
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
        Assert.Contains(hint, wrong.Hint ?? "", StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Line);
    }
}
