using System.Buffers.Binary;
using PcieFabric.ConfigSpaces;
using PcieFabric.Engine;
using PcieFabric.Requests;

namespace PcieFabric.Endpoints;

internal sealed partial class DeviceFunctions
{
    /// <summary>The time of a read is over; what it reads may have been disabled or reset meanwhile.</summary>
    /// <param name="holdsCredits">The request came by the link, and still has its place there.</param>
    public void AnswerRead(ref readonly Tlp request, bool holdsCredits)
    {
        _holdsCredits = holdsCredits;
        if (!_link.IsUp)
        {
            // Nobody is there to be answered, and perhaps no function to answer.
            FreeRead(in request);
            request.Release(Context.Payloads);
            return;
        }
        ref readonly var hit = ref Decode.Find(request.Address, request.IsIo);
        if (!hit.Range.Contains(request.Address, (ulong)request.ReachBytes))
        {
            Reject(null, in request, UncorrectableError.UnsupportedRequest);
            return;
        }
        var offset = request.Address - hit.Range.Base;
        var function = hit.Function;
        var memory = function.FindMemory(hit.Bar, offset, request.ReachBytes, out var place);
        if (memory is null && !function.OwnsTable(hit.Bar, offset))
        {
            Reject(function, in request, UncorrectableError.UnsupportedRequest);
            return;
        }
        if (request.IsIo && request.HasData || request.IsDeferrableWrite)
        {
            memory!.Write(place, request.Payload, request.FirstBe, request.LastBe);
            Send(Tlp.CompletionFor(in request, IdOf(function), CompletionStatus.SuccessfulCompletion));
            request.Release(Context.Payloads);
            return;
        }
        foreach (var part in new CompletionSplitter(in request, function.MaxPayloadBytes, ReadCompletionBoundary))
        {
            var completion = Tlp.CompletionWithData(in request, IdOf(function), part.OffsetDw, part.LengthDw, Context.Payloads);
            var at = offset + (ulong)part.OffsetDw * 4;
            if (request.IsAtomic) AtomicUnit.Execute(in request, memory!.Span(place, request.ReachBytes), completion.WritablePayload);
            else Read(memory, place + part.OffsetDw * 4, function, hit.Bar, at, completion.WritablePayload);
            var isLast = part.OffsetDw + part.LengthDw == request.LengthDw;
            if (!TryCompleteSibling(in completion)) SendUp(in completion, _holdsCredits && request.IsMemoryRead && isLast ? LastOfRead : Own);
            else if (isLast) FreeRead(in request);
        }
        request.Release(Context.Payloads);
    }

    /// <summary>Memory, and the MSI-X table and pending bits in its place where they are; zero where there is neither.</summary>
    private static void Read(MemoryRegion? memory, long place, Function function, int bar, ulong offset, Span<byte> into)
    {
        if (memory is not null) memory.Read(place, into);
        else into.Clear();
        if (!function.HasTableIn(bar)) return;
        for (var i = 0; i < into.Length; i += 4)
        {
            var at = offset + (ulong)i;
            if (function.MsiX!.TryFindInTable(bar, at, out var inTable)) BinaryPrimitives.WriteUInt32LittleEndian(into[i..], function.MsiX.ReadTable(inTable));
            else if (function.MsiX.TryFindInPending(bar, at, out var inPending)) BinaryPrimitives.WriteUInt32LittleEndian(into[i..], function.MsiX.ReadPending(inPending));
        }
    }

    private void WriteTable(Function function, int bar, ulong offset, ref readonly Tlp write)
    {
        for (var i = 0; i < write.LengthDw; i++)
        {
            if (!function.MsiX!.TryFindInTable(bar, offset + (ulong)i * 4, out var inTable)) continue;
            var enables = i == 0 ? write.FirstBe : i == write.LengthDw - 1 ? write.LastBe : (byte)15;
            function.MsiX.WriteTable(inTable, new MaskedDword(BinaryPrimitives.ReadUInt32LittleEndian(write.Payload[(i * 4)..]), enables));
        }
        SendPending(function);
    }

    private void Configure(ref readonly Tlp request)
    {
        // Of type 1 are those for buses behind the device's own, where only virtual functions can be (PCIe 6.0 sections 7.3.3 and 9.2.1.2).
        var isOnBus = request.Type is TlpType.CfgRd0 or TlpType.CfgWr0;
        if ((isOnBus ? FunctionOnBus(request.Target) : VirtualFunctionAt(request.Target.Value - (_id.Value & 0xFF00))) is not { } function)
        {
            Reject(null, in request, UncorrectableError.UnsupportedRequest);
            return;
        }
        if (request.HasData && request.IsPoisoned)
        {
            Reject(function, in request, UncorrectableError.PoisonedTlpReceived);
            return;
        }
        if (request.HasData && isOnBus) Capture(request.Target);
        var at = new RegisterOffset(request.RegisterOffset);
        if (request.HasData) Written(function, function.Space.Write(at, new MaskedDword(BinaryPrimitives.ReadUInt32LittleEndian(request.Payload), request.FirstBe)), in request);
        else
        {
            var answer = Tlp.CompletionWithData(in request, IdOf(function), 0, 1, Context.Payloads);
            BinaryPrimitives.WriteUInt32LittleEndian(answer.WritablePayload, function.Space.Read(at));
            Send(in answer);
        }
    }

    /// <summary>A configuration write tells the device which bus it is on (PCIe 6.0 section 2.2.9).</summary>
    private void Capture(Bdf target)
    {
        var moved = _id.Bus != target.Bus;
        _id = target;
        if (!moved) return;
        foreach (var function in _functions.OfType<Function>()) TellStates(function, wasReset: false);
    }

    private void Written(Function function, ConfigWriteEffect effect, ref readonly Tlp request)
    {
        Send(Tlp.CompletionFor(in request, IdOf(function), CompletionStatus.SuccessfulCompletion));
        if (function.Layout.StartsFunctionLevelReset(effect)) Reset(function, ResetKind.FunctionLevel);
        if (effect.Has(Concerns.Reset)) function.MsiX?.Reset();
        if (effect.Has(Concerns.SrIov | Concerns.Reset)) Rearrange(function);
        if (effect.Has(Concerns.Command | Concerns.Bar | Concerns.Reset)) _decodesAnew = true;
        if (effect.Has(Concerns.Acs | Concerns.Reset)) function.UpdateAccess();
        if (effect.Has(Concerns.Command | Concerns.Msi | Concerns.MsiX | Concerns.PowerState)) SendPending(function);
        if (effect.Has(Concerns.Command | Concerns.Msi | Concerns.MsiX | Concerns.Reset)) DriveIntx(function);
        if (effect.Has(Concerns.Command | Concerns.Device | Concerns.Ats | Concerns.PowerState | Concerns.Reset)) TellStates(function, effect.Has(Concerns.Reset));
        if (effect.Concerns != Concerns.None) _observer?.Configured(function, effect);
    }

    private void Reset(Function function, ResetKind kind)
    {
        function.Reset(kind);
        Rearrange(function);
        _decodesAnew = true;
        DriveIntx(function);
        TellState(function, wasReset: true);
        _observer?.WasReset(function, kind);
    }

    public void ResetAll()
    {
        foreach (var function in _functions.OfType<Function>()) Reset(function, ResetKind.Conventional);
    }

    /// <summary>The actor that models the function. One that slept is told how the function stands before anything else.</summary>
    private ActorRef? WakenModel(Function function)
    {
        if (!function.ModelSleeps) return function.Model;
        function.WakeModel();
        TellState(function, wasReset: false);
        return function.Model;
    }

    /// <summary>Of what a function's registers say that is asked for each TLP.</summary>
    private void TakeNote(Function function)
    {
        if (function.Source >= 0) _initiators[function.Source] = function.MayInitiate;
    }

    private void TellState(Function function, bool wasReset)
    {
        TakeNote(function);
        if (function.ModelSleeps || function.Model is not { } model) return;
        var state = FunctionState.Of(IdOf(function), function, wasReset);
        _observer?.StateChanged(function, state);
        var message = Message.Of(MessageKind.FunctionState, in state);
        model.Tell(in message, Context.NowPs + _timing.FunctionLatency.Picoseconds);
    }
}
