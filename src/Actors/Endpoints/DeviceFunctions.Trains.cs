using PcieFabric.Ports;

namespace PcieFabric.Endpoints;

internal sealed partial class DeviceFunctions
{
    /// <summary>A train of a function's model, or of another on its behalf, leaves by the link.</summary>
    /// <param name="source">The place of who sends.</param>
    public bool TryLetPass(Function? function, int source, TrainRoute route)
    {
        if (function is null || !_link.AllowsTrains || !function.MayInitiate || route.Sample.Requester != IdOf(function)) return false;
        if (HasSiblings && Decode.Overlaps(route.Range)) return false;
        return route.TryBeFreedBy(_sources, source) && route.TryLeaveBy(_link.Transmitter, source);
    }

    /// <summary>What comes by the link: a train ends in memory behind a BAR, or is answered from there, or its answers go to the model that asked.</summary>
    public bool TryEnd(TrainRoute route)
    {
        if (!route.TryReceiveAt(_link)) return false;
        if (route.Sample.IsCompletion) return TryReturn(route);
        ref readonly var hit = ref Decode.Find(route.Range.Base, isIo: false);
        if (!hit.Range.Contains(route.Range.Base, route.Range.Size)) return false;
        var function = hit.Function;
        if (!function.IsOn || route.Sample.PayloadBytes > function.MaxPayloadBytes || function.HasTableIn(hit.Bar)) return false;
        var offset = route.Range.Base - hit.Range.Base;
        if (function.FindWholeMemory(hit.Bar, offset, route.Range.Size, out var at) is not { } memory) return false;
        if (!route.TryEndIn(memory, at, function.Model) || _observer?.TryWatchMemory(route) == false) return false;
        return !route.Sample.IsMemoryRead || TryAnswer(route, function);
    }

    private bool TryAnswer(TrainRoute route, Function function)
    {
        if (HasSiblings && (_id.Bus == 0 || FunctionAt(route.Sample.Requester) is not null)) return false;
        var answer = new TrainAnswer(_reads!, _timing.ReadLatency, IdOf(function), function.MaxPayloadBytes, ReadCompletionBoundary, LastOfRead);
        return route.TryTurnBack(answer) && route.TryLeaveBy(_link.Transmitter, Own);
    }

    private bool TryReturn(TrainRoute route)
    {
        if (FunctionAt(route.Sample.Requester) is not { Model: { } model } function) return false;
        var (sample, detail) = (route.Sample, 0u);
        var taker = _observer?.TakerOf(function, in sample, out detail) ?? model;
        return route.TryBeFreedOnArrival() && route.TryGoTo(taker, _timing.FunctionLatency, detail);
    }
}
