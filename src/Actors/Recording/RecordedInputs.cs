using System.Buffers.Binary;
using PcieFabric.Documents;
using PcieFabric.Engine;
using PcieFabric.Gateways;
using PcieFabric.Input;
using PcieFabric.Journals;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Recording;

/// <summary>What came from outside into a recorded run, given to a fabric that is made anew: nobody is outside, and no clock sets the pace.</summary>
internal sealed class RecordedInputs : IOutside
{
    private readonly JournalReader _journal;
    private readonly Queue<(long AtPs, MessageKind Kind, MemoryOutcome Outcome, byte[] Data)> _memory = new();
    private GatewayFabric? _fabric;

    private RecordedInputs(JournalReader journal) => _journal = journal;

    /// <exception cref="InputException">This build does not understand the journal's files.</exception>
    public static FabricRun Rebuild(JournalReader journal)
    {
        var run = journal.Run;
        if (run.Sources.Count == 0) throw new InputException("it has no topology to build its fabric from", "record it with this build's 'pciefabric attach'", new SourceLocation(journal.Name));
        var topology = TopologyReader.Read(new SourceText(run.Sources[0].Name, run.Sources[0].Text), [.. run.Overrides.Select(Override.Parse)]);
        var inputs = new RecordedInputs(journal);
        var mode = run.Subject == JournalSubject.AttachedHierarchy ? AttachMode.Hierarchy : AttachMode.Functions;
        inputs._fabric = GatewayFabric.Build(topology, new FabricOptions { Seed = run.Seed }, mode, _ => inputs);
        return new FabricRun(inputs._fabric.Fabric, inputs.Execute);
    }

    private void Execute()
    {
        var engine = _fabric!.Fabric.Engine;
        foreach (var input in _journal.Inputs())
        {
            if ((MessageKind)input.Kind is MessageKind.MemoryRead or MessageKind.MemoryWriteFault)
            {
                _memory.Enqueue((input.DeliveredAtPs, (MessageKind)input.Kind, (MemoryOutcome)input.Detail, input.Body.ToArray()));
                continue;
            }
            var at = new SimTime(input.DeliveredAtPs);
            engine.Run(at);
            var channel = engine.Channels[input.ChannelId];
            var message = Decode(in input, DeterministicEngine.PayloadsOf(channel));
            engine.Inject(channel, in message, at);
        }
        engine.Run(new SimTime(EndPs() + 1));
    }

    /// <summary>The run went on to its last message; of one that was cut, what is known is known up to the last that was compared with.</summary>
    private long EndPs() => _journal.Totals?.LastPs
        ?? _journal.Blocks.Where(block => block.Header.Kind is BlockKind.Messages or BlockKind.Digests).Select(block => block.Header.ToPs).DefaultIfEmpty(0).Max();

    private Message Decode(in JournalMessage input, Memory.PayloadPool pool)
    {
        try
        {
            return RecordedMessages.Decode(in input, pool);
        }
        catch (InvalidDataException wrong)
        {
            throw new InputException($"the input at {new SimTime(input.DeliveredAtPs)} is {wrong.Message}", "its checksum fits, so it was written by another build or made by hand", new SourceLocation(_journal.Name), wrong);
        }
    }

    /// <summary>A read that was not recorded, or not so, finds zeros: the run has gone astray before, and what is compared will tell where.</summary>
    MemoryOutcome IOutside.Read(int guest, ulong address, Span<byte> into)
    {
        into.Clear();
        if (!IsNext(MessageKind.MemoryRead)) return MemoryOutcome.Done;
        var (_, _, outcome, data) = _memory.Dequeue();
        if (data.Length == into.Length) data.CopyTo(into);
        return outcome;
    }

    MemoryOutcome IOutside.Write(int guest, ulong address, ReadOnlySpan<byte> data)
    {
        if (!IsNext(MessageKind.MemoryWriteFault) || BinaryPrimitives.ReadUInt64LittleEndian(_memory.Peek().Data) != address) return MemoryOutcome.Done;
        _memory.Dequeue();
        return MemoryOutcome.Fault;
    }

    /// <summary>What was read was recorded request by request.</summary>
    IBorrowedMemory? IOutside.Borrow(int guest, AddressRange range, bool forWriting) => null;

    private bool IsNext(MessageKind kind) =>
        _memory.TryPeek(out var next) && next.Kind == kind && next.AtPs == _fabric!.Fabric.Engine.Now.Picoseconds && (kind == MessageKind.MemoryRead || next.Data.Length == sizeof(ulong));

    void IOutside.Answered(int ticket, bool isSuccess, ReadOnlySpan<byte> data)
    {
    }

    void IOutside.AskFor(int guest, ushort tag, ulong address, int sizeBytes)
    {
    }

    void IOutside.Interrupted(int guest, Bdf function, ulong address, uint data)
    {
    }

    void IOutside.LineAsserted(int line)
    {
    }
}
