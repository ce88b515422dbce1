using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Serilog;
using Spectre.Console;

namespace PcieFabric.Cli.CommandLine;

/// <summary>What a command works with: its arguments, its streams, its log. The costly parts are made when first used.</summary>
internal sealed class CommandContext
{
    private readonly Invocation _invocation;
    private readonly PcieFabricCommand _root;
    private IAnsiConsole? _console;
    private ILogger? _log;

    private CommandContext(ParseResult arguments, Invocation invocation, PcieFabricCommand root)
    {
        Arguments = arguments;
        _invocation = invocation;
        _root = root;
    }

    public ParseResult Arguments { get; }

    public TextReader Input => _invocation.Streams.Input;

    /// <inheritdoc cref="CommandStreams.InputIsTerminal"/>
    public bool InputIsTerminal => _invocation.Streams.InputIsTerminal;

    /// <summary>Plain results. Tables, trees and colours go through <see cref="Console"/>.</summary>
    public TextWriter Output => _invocation.Streams.Output;

    /// <summary>A line for a person that is no result. What happens along the way goes to <see cref="Log"/>.</summary>
    public TextWriter Error => _invocation.Streams.Error;

    /// <summary>Columns of <see cref="Output"/>.</summary>
    public int Width => _invocation.Streams.Width;

    /// <summary>Whether the command has a <see cref="JsonOption"/> and it was given.</summary>
    public bool Json => Arguments.CommandResult.Command.Options.OfType<JsonOption>().SingleOrDefault() is { } json && Arguments.GetValue(json);

    /// <summary>Nothing but results and errors.</summary>
    public bool Quiet => Arguments.GetValue(_root.Quiet);

    /// <summary>How often <c>-v</c> was given.</summary>
    public int Verbosity => Arguments.GetResult(_root.Verbose)?.IdentifierTokenCount ?? 0;

    /// <summary>Whether a person watches, so that progress may be shown.</summary>
    public bool Interactive => _invocation.Streams.IsTerminal && !Quiet && !Json;

    /// <summary>Spectre's console on <see cref="Output"/>.</summary>
    public IAnsiConsole Console => _console ??= RichOutput.On(_invocation.Streams, color: !Arguments.GetValue(_root.NoColor));

    /// <summary>The log, on standard error; <c>-v</c> shows more of it.</summary>
    public ILogger Log => _log ??= LogOnError.Create(_invocation.Streams, Quiet ? -1 : Verbosity);

    /// <summary>The context of an invocation that <see cref="PcieFabricCommand.InvokeAsync"/> started.</summary>
    public static CommandContext Of(ParseResult arguments) =>
        arguments is { InvocationConfiguration: Invocation invocation, RootCommandResult.Command: PcieFabricCommand root }
            ? new(arguments, invocation, root)
            : throw new InvalidOperationException("a command runs only below PcieFabricCommand.InvokeAsync");

    /// <summary>Writes one JSON object as one line. It goes to no web page, so that quotes stay legible.</summary>
    public void WriteJson<T>(T value, JsonTypeInfo<T> type)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            JsonSerializer.Serialize(json, value, type);
        Output.WriteLine(Encoding.UTF8.GetString(line.WrittenSpan));
    }

    /// <summary>Carries the streams through System.CommandLine to the command.</summary>
    internal sealed class Invocation : InvocationConfiguration
    {
        public Invocation(CommandStreams streams)
        {
            Streams = streams;
            Output = streams.Output;
            Error = streams.Error;
            EnableDefaultExceptionHandler = false;
            ProcessTerminationTimeout = null;
        }

        public CommandStreams Streams { get; }
    }
}
