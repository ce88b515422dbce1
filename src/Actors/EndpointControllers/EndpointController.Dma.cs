using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.Links;
using PcieFabric.LocalDevices;
using PcieFabric.Ports;

namespace PcieFabric.EndpointControllers;

public sealed partial class EndpointController
{
    private ActorRef? _dma;

    /// <summary>The DMA engine's place among those whose requests the controller buffers, behind the functions.</summary>
    private int DmaSource => _functions.Length;

    /// <summary>Lets a DMA engine make requests on behalf of functions. Its registers are connected as those of any device.</summary>
    /// <param name="credits">What the controller buffers for it, ahead of the link.</param>
    public void ConnectDma(InsideWay toDma, in CreditLimits credits)
    {
        _dma = toDma.Tlps;
        _device.ConnectSource(DmaSource, toDma.Credits, in credits, _settings.Link.MaxPayloadSize);
    }

    void IFunctionObserver.StateChanged(Function function, FunctionState state)
    {
        if (_dma is null) return;
        var message = Message.Of(MessageKind.FunctionState, in state);
        message.Detail = (uint)function.Source;
        TellDma(in message);
    }

    ActorRef? IFunctionObserver.TakerOf(Function function, ref readonly Tlp completion, out uint detail)
    {
        detail = new DeviceRequest(function.Source, 0, false).Detail;
        return RequesterTags.IsOfDevice(completion.Tag) ? _dma : null;
    }

    /// <summary>A train of the DMA engine leaves on behalf of one function.</summary>
    private bool TryPassDma(TrainRoute route)
    {
        var asked = new DeviceRequest(route.Legs[^1].Detail!.Value);
        if (asked.IsLocalAddress)
        {
            if (!_outbound.TryTranslate(asked.Function, route.Range.Base, route.Range.Size, out var busAddress)) return false;
            route.MoveTo(busAddress);
        }
        foreach (var function in _functions)
            if (!route.TryWatchSource(function.Software))
                return false;
        return TryWatchSource(route) && _device.TryLetPass(Running(asked.Function), DmaSource, route);
    }

    private void FromDma(ref readonly Tlp request, DeviceRequest asked)
    {
        var busAddress = request.Address;
        if (asked.IsLocalAddress && !_outbound.TryTranslate(asked.Function, request.Address, (ulong)request.LengthDw * 4, out busAddress))
        {
            Activity.OutsideWindows++;
            RefuseDma(in request, asked);
            return;
        }
        var translated = asked.IsLocalAddress ? request.AtAddress(busAddress) : request;
        if (Running(asked.Function) is not { } function || !_device.TrySendFor(function, DmaSource, in translated)) RefuseDma(in request, asked);
    }

    /// <summary>A read has an answer that says so; of a write the engine is told, as by an error response of the bus between them.</summary>
    private void RefuseDma(ref readonly Tlp request, DeviceRequest asked)
    {
        _device.Departed(DmaSource, request.FlowControlClass, CreditCounter.DataCredits(in request), Context.NowPs);
        var message = request.FlowControlClass == FlowControlClass.NonPosted
            ? Message.Of(Tlp.CompletionFor(in request, request.Requester, CompletionStatus.UnsupportedRequest), asked.Detail)
            : Message.Of(MessageKind.DeviceRequestRefused, in asked);
        request.Release(Context.Payloads);
        TellDma(in message);
    }

    private void TellDma(in Message message) => _dma!.Tell(in message, Context.NowPs + _settings.SoftwareLatency.Picoseconds);
}
