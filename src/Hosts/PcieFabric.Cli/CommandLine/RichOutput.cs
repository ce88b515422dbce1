using System.Text;
using Spectre.Console;

namespace PcieFabric.Cli.CommandLine;

/// <summary>Spectre.Console on a command's own output, instead of on the process's console.</summary>
internal sealed class RichOutput : IAnsiConsoleOutput
{
    private readonly CommandStreams _streams;

    private RichOutput(CommandStreams streams) => _streams = streams;

    public TextWriter Writer => _streams.Output;
    public bool IsTerminal => _streams.IsTerminal;
    public int Width => _streams.Width;
    // A terminal that does not know its height says 0, and live output would fail on it.
    public int Height => _streams.IsTerminal && System.Console.WindowHeight is > 0 and var height ? height : int.MaxValue;
    public void SetEncoding(Encoding encoding) => throw new NotSupportedException("output is always UTF-8");

    /// <summary>A console that colours only where a person watches and has not declined (https://no-color.org).</summary>
    public static IAnsiConsole On(CommandStreams streams, bool color)
    {
        var colored = color && streams.IsTerminal
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb";
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colored ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colored ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = streams.IsTerminal ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new RichOutput(streams),
        });
    }
}
