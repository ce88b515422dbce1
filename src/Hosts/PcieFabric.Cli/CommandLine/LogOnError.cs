using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace PcieFabric.Cli.CommandLine;

/// <summary>The log, a line an event, on standard error; standard output is for results alone.</summary>
internal sealed class LogOnError : ILogEventSink
{
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    private readonly MessageTemplateTextFormatter _format = new(Template);
    private readonly TextWriter _error;

    private LogOnError(TextWriter error) => _error = error;

    public void Emit(LogEvent logEvent)
    {
        using var line = new StringWriter();
        _format.Format(logEvent, line);
        _error.Write(line.ToString());
    }

    /// <param name="streams">Of the process, for which Serilog's own console sink does the work, or of a test.</param>
    /// <param name="verbosity">How often <c>-v</c> was given; -1 for <c>--quiet</c>.</param>
    public static ILogger Create(CommandStreams streams, int verbosity)
    {
        var configuration = new LoggerConfiguration().MinimumLevel.Is(verbosity switch
        {
            < 0 => LogEventLevel.Error,
            0 => LogEventLevel.Warning,
            1 => LogEventLevel.Information,
            2 => LogEventLevel.Debug,
            _ => LogEventLevel.Verbose,
        });
        return streams.IsProcess
            ? configuration.WriteTo.Console(outputTemplate: Template, standardErrorFromLevel: LogEventLevel.Verbose).CreateLogger()
            : configuration.WriteTo.Sink(new LogOnError(streams.Error)).CreateLogger();
    }
}
