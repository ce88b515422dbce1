using System.Reflection;
using PcieFabric.Engine;
using PcieFabric.Input;
using PcieFabric.Journals;
using PcieFabric.RootComplexes;

namespace PcieFabric.Recording;

/// <summary>
/// Records what an engine does from now on. Attach it when the fabric is wired and before it first runs; call <see cref="Finish"/> after the last run. A recorder
/// that is disposed before leaves FILE.partial, which can be shown up to where it ends.
/// </summary>
/// <example><code>
/// using var fabric = FabricBuilder.Build(topology);
/// using var recorder = JournalRecorder.Create("run.pfj", fabric.Engine);
/// fabric.Engine.Run();
/// recorder.Finish();
/// </code></example>
public sealed class JournalRecorder : IDisposable
{
    private readonly Stream _stream;
    private readonly JournalWriter _writer;
    private readonly RunPipe? _pipe;
    private readonly RunTap _tap;
    private bool _finished;

    private JournalRecorder(Stream stream, DeterministicEngine engine, RecorderOptions options)
    {
        var sources = options.Sources.Select(source => new JournalSource(source.Name, source.Text));
        var run = new JournalRun(Producer, engine.Seed, options.Subject, options.Level, options.DigestTimes.IntervalPs, options.DigestTimes.WindowPs, [.. sources], [.. options.Overrides]);
        _stream = stream;
        _writer = new JournalWriter(stream, run, JournalTables.Actors(engine), JournalTables.Channels(engine));
        var scribe = new Scribe(_writer);
        if (options.Level == JournalLevel.Messages) _pipe = new RunPipe(scribe);
        _tap = new RunTap(engine, options.DigestTimes, options.Level == JournalLevel.Messages, (RunSink?)_pipe ?? scribe);
    }

    /// <summary>This program and its version, as journals name it.</summary>
    public static string Producer { get; } = $"PcieFabric {typeof(JournalRecorder).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion}";

    /// <param name="path">Of the journal; until it is finished it is called <c>.partial</c> besides.</param>
    /// <exception cref="InputException">The file cannot be made.</exception>
    public static JournalRecorder Create(string path, DeterministicEngine engine, RecorderOptions? options = null)
    {
        var file = new JournalFile(path);
        try
        {
            return new JournalRecorder(file, engine, options ?? new RecorderOptions());
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Records to a stream, which stays open.</summary>
    public static JournalRecorder Create(Stream stream, DeterministicEngine engine, RecorderOptions? options = null) =>
        new(stream, engine, options ?? new RecorderOptions());

    /// <summary>Something that was injected from outside. All that comes from outside comes in the order of the times.</summary>
    public void AddInput(int channelId, in Message input, SimTime at)
    {
        Span<byte> body = stackalloc byte[MessageBody.MaxBytes];
        var bytes = MessageBody.Encode(in input, body);
        AddInput(channelId, input.Kind, input.Detail, body[..bytes], at);
    }

    /// <summary>What a read of memory outside found.</summary>
    public void AddMemoryRead(int channelId, MemoryOutcome outcome, ReadOnlySpan<byte> data, SimTime at) =>
        AddInput(channelId, MessageKind.MemoryRead, (uint)outcome, outcome == MemoryOutcome.Done ? data : [], at);

    /// <summary>A write found no memory outside. Those that found some need no record.</summary>
    public void AddMemoryWriteFault(int channelId, ulong address, SimTime at)
    {
        Span<byte> body = stackalloc byte[sizeof(ulong)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(body, address);
        AddInput(channelId, MessageKind.MemoryWriteFault, 0, body, at);
    }

    private void AddInput(int channelId, MessageKind kind, uint detail, ReadOnlySpan<byte> body, SimTime at)
    {
        var head = new MessageHead(at.Picoseconds, channelId, (ushort)kind, detail);
        if (_pipe is null) _writer.AddInput(in head, body);
        else _pipe.Input(in head, body);
    }

    /// <summary>Hands what was recorded to the disk, so that no more is lost if the process is killed.</summary>
    public void Flush()
    {
        _pipe?.Drain();
        _writer.Flush();
        _stream.Flush();
    }

    /// <summary>The run is over: writes the rest and gives the file its name.</summary>
    /// <exception cref="IOException">It could not be written; there is nothing under its name then.</exception>
    public JournalTotals Finish()
    {
        _tap.Finish();
        _pipe?.Drain();
        var totals = _tap.Totals;
        _writer.Finish(totals);
        (_stream as JournalFile)?.Complete();
        _finished = true;
        return totals;
    }

    public void Dispose()
    {
        try
        {
            if (!_finished && _stream is JournalFile) Flush();
        }
        catch (IOException)
        {
            // Whoever disposes without finishing is on the way out with a failure of its own, which says more.
        }
        finally
        {
            _pipe?.Dispose();
            (_stream as JournalFile)?.Dispose();
        }
    }

    private sealed class Scribe(JournalWriter writer) : RunSink, IRunScribe
    {
        public void Message(ref readonly Message message, int channelId, PayloadPlace payload)
        {
            var head = MessageBody.HeadOf(in message, channelId);
            if (message.CarriesTlp) writer.AddMessage(in head, in message.Tlp, payload);
            else writer.AddMessage(in head, MessageBody.OfNoTlp(in message));
        }

        public override void Digests(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests) => writer.AddDigests(fromPs, toPs, digests);

        public void Input(in MessageHead head, ReadOnlySpan<byte> body) => writer.AddInput(in head, body);

        public override void TurnEnded()
        {
        }
    }
}
