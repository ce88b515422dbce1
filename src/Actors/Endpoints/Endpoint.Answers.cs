using System.Buffers.Binary;
using PcieFabric.ConfigSpaces;
using PcieFabric.Engine;
using PcieFabric.Requests;

namespace PcieFabric.Endpoints;

public sealed partial class Endpoint
{
    /// <summary>The time of a read is over; what it reads may have been disabled or reset meanwhile.</summary>
    private void AnswerRead(ref readonly Tlp request)
    {
        if (!_decode.TryFind(request.Address, request.IsIo, out var hit))
        {
            Reject(null, in request, UncorrectableError.UnsupportedRequest);
            return;
        }
        var offset = request.Address - hit.Range.Base;
        var function = hit.Function;
        var memory = function.MemoryOf(hit.Bar);
        if (request.IsIo && request.HasData || request.IsDeferrableWrite)
        {
            memory!.Write((long)offset, request.Payload, request.FirstBe, request.LastBe);
            Send(Tlp.CompletionFor(in request, IdOf(function), CompletionStatus.SuccessfulCompletion));
            request.Release(Context.Payloads);
            return;
        }
        var device = function.Layout.Express.Device;
        foreach (var part in new CompletionSplitter(in request, device.MaxPayloadBytes(function.Space), 128))
        {
            var completion = Tlp.CompletionWithData(in request, IdOf(function), part.OffsetDw, part.LengthDw, Context.Payloads);
            var at = offset + (ulong)part.OffsetDw * 4;
            if (memory is null) ReadTable(function, hit.Bar, at, completion.WritablePayload);
            else if (request.IsAtomic) AtomicUnit.Execute(in request, memory.Span((long)offset, request.LengthDw * 4), completion.WritablePayload);
            else memory.Read((long)at, completion.WritablePayload);
            Send(in completion);
        }
        request.Release(Context.Payloads);
    }

    private static void ReadTable(Function function, int bar, ulong offset, Span<byte> into)
    {
        for (var i = 0; i < into.Length; i += 4)
        {
            var at = offset + (ulong)i;
            var value = function.MsiX!.TryFindInTable(bar, at, out var inTable) ? function.MsiX.ReadTable(inTable)
                : function.MsiX.TryFindInPending(bar, at, out var inPending) ? function.MsiX.ReadPending(inPending)
                : 0;
            BinaryPrimitives.WriteUInt32LittleEndian(into[i..], value);
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
        if (request.HasData) _id = request.Target;
        if (FunctionAt(request.Target) is not { } function)
        {
            Reject(null, in request, UncorrectableError.UnsupportedRequest);
            return;
        }
        var at = new RegisterOffset(request.RegisterOffset);
        if (request.HasData) Written(function, function.Space.Write(at, new MaskedDword(BinaryPrimitives.ReadUInt32LittleEndian(request.Payload), request.FirstBe)), in request);
        else
        {
            var answer = Tlp.CompletionWithData(in request, IdOf(function), 0, 1, Context.Payloads);
            BinaryPrimitives.WriteUInt32LittleEndian(answer.WritablePayload, function.Space.Read(at));
            Send(in answer);
        }
    }

    private void Written(Function function, ConfigWriteEffect effect, ref readonly Tlp request)
    {
        Send(Tlp.CompletionFor(in request, IdOf(function), CompletionStatus.SuccessfulCompletion));
        if (function.Layout.StartsFunctionLevelReset(effect)) Reset(function, ResetKind.FunctionLevel);
        if (effect.Has(Concerns.Command | Concerns.Bar | Concerns.Reset)) _decode.Rebuild(_functions.OfType<Function>());
        if (effect.Has(Concerns.Msi | Concerns.MsiX)) SendPending(function);
        if (effect.Has(Concerns.Command | Concerns.Msi | Concerns.MsiX)) DriveIntx(function);
        if (effect.Has(Concerns.Command | Concerns.Device | Concerns.Ats | Concerns.PowerState | Concerns.Reset)) TellState(function, effect.Has(Concerns.Reset));
    }

    private void Reset(Function function, ResetKind kind)
    {
        function.Reset(kind);
        _decode.Rebuild(_functions.OfType<Function>());
        DriveIntx(function);
        TellState(function, wasReset: true);
    }

    private void ResetAll()
    {
        foreach (var function in _functions.OfType<Function>())
        {
            function.IntxAsserted = false;
            Reset(function, ResetKind.Conventional);
        }
    }

    private void TellState(Function function, bool wasReset)
    {
        if (function.Model is not { } model) return;
        var message = Message.Of(MessageKind.FunctionState, FunctionState.Of(IdOf(function), function.Layout, function.Space, wasReset));
        model.Tell(in message, Context.NowPs + _settings.FunctionLatency.Picoseconds);
    }
}
