using System.Text;

namespace PcieFabric.Cli.CommandLine;

/// <summary>What a command reads and writes. Tests give it strings, the program gives it the process's own streams.</summary>
/// <param name="Input">Standard input, as UTF-8 text.</param>
/// <param name="Output">Results, and nothing else.</param>
/// <param name="Error">Logs, progress and errors.</param>
internal sealed record CommandStreams(TextReader Input, TextWriter Output, TextWriter Error)
{
    /// <summary>Columns of output that goes to no terminal; wide enough that the tables we print do not wrap.</summary>
    private const int DefaultWidth = 200;

    /// <summary>Bytes gathered before they are written, where nobody watches.</summary>
    private const int BufferBytes = 32 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>These are the streams of <see cref="OfProcess"/>.</summary>
    public bool IsProcess { get; private init; }

    /// <summary>Whether a person watches <see cref="Output"/>, so that colours and redrawing make sense.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Whether <see cref="Input"/> is a person at a keyboard, who must first be told that something is awaited.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>Columns of <see cref="Output"/>.</summary>
    public int Width { get; init; } = DefaultWidth;

    /// <summary>The streams of this process. Output to a terminal appears at once; elsewhere it is gathered.</summary>
    public static CommandStreams OfProcess()
    {
        var isTerminal = !Console.IsOutputRedirected;
        return new(
            new StreamReader(Console.OpenStandardInput(), Utf8),
            new StreamWriter(new StandardOutput(), Utf8, BufferBytes) { AutoFlush = isTerminal },
            TextWriter.Synchronized(new StreamWriter(Console.OpenStandardError(), Utf8) { AutoFlush = true }))
        {
            IsProcess = true,
            IsTerminal = isTerminal,
            InputIsTerminal = !Console.IsInputRedirected,
            Width = isTerminal && Console.WindowWidth > 0 ? Console.WindowWidth : DefaultWidth,
        };
    }
}
