using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace PcieFabric.Cli.CommandLine;

/// <summary>The log, a line an event, on a command's own error stream; standard output is for results alone.</summary>
internal sealed class LogOnError : ILogEventSink
{
    private readonly MessageTemplateTextFormatter _format = new("{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}");
    private readonly TextWriter _error;

    private LogOnError(TextWriter error) => _error = error;

    public void Emit(LogEvent logEvent)
    {
        using var line = new StringWriter();
        _format.Format(logEvent, line);
        _error.Write(line.ToString());
    }

    /// <param name="error">Where lines go; each is written with one call.</param>
    /// <param name="verbosity">How often <c>-v</c> was given; -1 for <c>--quiet</c>.</param>
    public static ILogger Create(TextWriter error, int verbosity) => new LoggerConfiguration()
        .MinimumLevel.Is(verbosity switch
        {
            < 0 => LogEventLevel.Error,
            0 => LogEventLevel.Warning,
            1 => LogEventLevel.Information,
            2 => LogEventLevel.Debug,
            _ => LogEventLevel.Verbose,
        })
        .WriteTo.Sink(new LogOnError(error))
        .CreateLogger();
}
