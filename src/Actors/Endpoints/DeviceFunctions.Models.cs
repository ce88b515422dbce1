using System.Buffers.Binary;
using PcieFabric.ConfigSpaces;
using PcieFabric.Links;
using PcieFabric.Ports;

namespace PcieFabric.Endpoints;

internal sealed partial class DeviceFunctions
{
    /// <summary>
    /// A function's model sends: a request, a completion, or a signal that the device turns into an interrupt. What only passes needs nothing of the function itself, which lies
    /// elsewhere for each of many.
    /// </summary>
    /// <param name="source">The place of the model.</param>
    public void FromModel(int source, ref readonly Tlp tlp)
    {
        _holdsCredits = false;
        if (tlp.IsMessage && tlp.Routing == MessageRouting.Local)
        {
            _sources.Departed(source, in tlp, Context.NowPs);
            Signal(BySource(source)!, FunctionSignal.Of(in tlp));
            return;
        }
        if (tlp.IsMemoryRequest && (!_link.IsUp || !_initiators[source]))
        {
            Refuse(BySource(source)!, in tlp);
            return;
        }
        var own = tlp;
        if (!tlp.IsCompletion) own.Requester = IdOfModel(source);
        if (HasSiblings)
        {
            if (tlp.IsMemoryRequest && MayBeForSibling(in own) && TryReachSibling(BySource(source)!, source, in own)) return;
            if (tlp.IsCompletion && TryCompleteSibling(in own))
            {
                _sources.Departed(source, in own, Context.NowPs);
                return;
            }
        }
        SendUp(in own, source);
    }

    /// <summary>Another than its model asks on behalf of a function.</summary>
    /// <param name="source">Who gets the credits back.</param>
    /// <returns>False if the function may not ask now; nothing is done then.</returns>
    public bool TrySendFor(Function function, int source, ref readonly Tlp request)
    {
        if (!_link.IsUp || !function.MayInitiate)
        {
            function.Counters.UnsupportedRequests++;
            return false;
        }
        _holdsCredits = false;
        var own = request;
        own.Requester = IdOf(function);
        if (!HasSiblings || !TryReachSibling(function, source, in own)) SendUp(in own, source);
        return true;
    }

    /// <summary>Without Bus Master Enable, or without a link, nothing leaves; the model is told as if the fabric had refused.</summary>
    public void Refuse(Function function, ref readonly Tlp request)
    {
        function.Counters.UnsupportedRequests++;
        _sources.Departed(function.Source, in request, Context.NowPs);
        if (request.FlowControlClass == FlowControlClass.NonPosted)
        {
            var answer = Tlp.CompletionFor(in request, IdOf(function), CompletionStatus.UnsupportedRequest);
            ToModel(function.Model!, in answer);
        }
        request.Release(Context.Payloads);
    }

    public void Signal(Function function, FunctionSignal signal)
    {
        if (signal.TimedOut > 0)
        {
            function.Counters.CompletionTimeouts += signal.TimedOut;
            if (ErrorReporter.TryReport(function.Layout, function.Space, IdOf(function), UncorrectableError.CompletionTimeout, out var report, function.Physical?.Space)) Send(in report);
            return;
        }
        if (signal.IsLevel)
        {
            function.Space[function.Layout.Header.Status.InterruptStatus] = signal.Asserted;
            DriveIntx(function);
            return;
        }
        if (function.MsiX is { } table && function.Space[function.Layout.MsiX!.Enable])
        {
            if (signal.Vector < function.Layout.MsiX.Vectors && table.TryRaise(signal.Vector, out var message)) SendInterrupt(function, message);
        }
        else if (function.Layout.Msi is { } msi && signal.Vector < msi.Vectors && msi.TryRaise(function.Space, signal.Vector, out var message))
        {
            SendInterrupt(function, message);
        }
    }

    private void SendPending(Function function)
    {
        if (!function.MayInitiate) return;
        while (function.Layout.Msi is { } msi && msi.TryTakePending(function.Space, out var message)) SendInterrupt(function, message);
        while (function.MsiX is { } table && table.TryTakePending(out var message)) SendInterrupt(function, message);
    }

    public void SendInterrupt(Function function, InterruptMessage interrupt)
    {
        if (!function.MayInitiate) return;
        Span<byte> data = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(data, interrupt.Data);
        function.InterruptsSent++;
        Send(Tlp.MemoryWrite(IdOf(function), interrupt.Address, data, Context.Payloads));
    }

    /// <summary>Sends Assert_INTx or Deassert_INTx when what the registers say has changed (PCIe 6.0 section 2.2.8.1).</summary>
    private void DriveIntx(Function function)
    {
        var pin = (int)function.Space[function.Layout.Header.InterruptPin];
        var asserted = pin != 0 && function.Layout.AssertsIntx(function.Space);
        if (asserted == function.IntxAsserted) return;
        function.IntxAsserted = asserted;
        var others = _functions.Any(f => f is not null && f != function && f.IntxAsserted && f.Space[f.Layout.Header.InterruptPin] == (uint)pin);
        if (others) return;
        var code = (int)(asserted ? MessageCode.Assert_INTA : MessageCode.Deassert_INTA) + pin - 1;
        Send(Tlp.Message(MessageRouting.Local, (byte)code, IdOf(function)));
    }
}
