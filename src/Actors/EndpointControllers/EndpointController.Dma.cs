using PcieFabric.Engine;

namespace PcieFabric.EndpointControllers;

public sealed partial class EndpointController
{
    /// <summary>Requests of the DMA channel that are under way.</summary>
    public int DmaRequestsOutstanding => _dma?.Outstanding ?? 0;

    bool IDmaBus.IsOpen => !Link.IsUp || Link.Transmitter.Waiting == 0;

    void IDmaBus.Send(int function, ref readonly Tlp request)
    {
        if (Link.IsUp && Running(function) is { MayInitiate: true })
        {
            Link.Send(in request, Endpoints.DeviceFunctions.Own, Context.NowPs);
            return;
        }
        if (request.FlowControlClass == FlowControlClass.NonPosted) _dma!.Refused(Tlp.CompletionFor(in request, request.Requester, CompletionStatus.UnsupportedRequest));
        request.Release(Context.Payloads);
    }

    bool IDmaBus.TryTranslate(int function, ulong localAddress, ulong sizeBytes, out ulong busAddress) =>
        _outbound.TryTranslate(function, localAddress, sizeBytes, out busAddress);

    (Bdf Id, TlpLimits Limits) IDmaBus.IdOf(int function)
    {
        if (Running(function) is not { } sender) return (default, new TlpLimits(128, 128));
        var (device, controls) = (sender.Governing.Layout.Express.Device, sender.Governing.Space);
        return (_device.IdOf(sender), new TlpLimits(device.MaxPayloadBytes(controls), device.MaxReadRequestBytes(controls)));
    }

    void IDmaBus.Finished(in DmaTransfer transfer, ControllerRule rule)
    {
        Activity.DmaTransfers++;
        if (rule != ControllerRule.None) Activity.Refusals++;
        Reply(_functions[transfer.Function], transfer.Slot, ControllerOperation.Transfer, rule);
    }

    /// <returns>Whether the transfer's end will answer.</returns>
    private bool TryTransfer(ComposedFunction function, ControllerCall call, out ControllerRule rule)
    {
        rule = _dma is null ? ControllerRule.NoDma : _dma.Enqueue(new DmaTransfer(function.Number, call.Slot, (DmaDirection)call.Flags, call.Address, call.Other, call.SizeBytes));
        return rule == ControllerRule.None;
    }
}
