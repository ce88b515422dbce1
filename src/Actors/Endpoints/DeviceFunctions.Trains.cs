using PcieFabric.Ports;

namespace PcieFabric.Endpoints;

internal sealed partial class DeviceFunctions
{
    /// <summary>A train of a function's model leaves by the link.</summary>
    public bool TryLetPass(Function? function, int source, TrainRoute route)
    {
        if (function is null || !_link.AllowsTrains || !function.Layout.MayInitiate(function.Space)) return false;
        if (_functions.Length > 1 && _decode.Overlaps(route.Range)) return false;
        return route.TryBeFreedBy(_sources, source) && route.TryLeaveBy(_link.Transmitter, source);
    }

    /// <summary>A train ends in memory behind a BAR.</summary>
    public bool TryEnd(TrainRoute route)
    {
        if (!route.TryReceiveAt(_link) || !_decode.TryFind(route.Range.Base, isIo: false, out var hit) || !hit.Range.Contains(route.Range.Base, route.Range.Size)) return false;
        var function = hit.Function;
        if (!function.Layout.IsOn(function.Space) || route.Sample.PayloadBytes > function.Layout.Express.Device.MaxPayloadBytes(function.Space) || function.HasTableIn(hit.Bar)) return false;
        var offset = route.Range.Base - hit.Range.Base;
        var memory = function.FindWholeMemory(hit.Bar, offset, route.Range.Size, out var at);
        return memory is not null && route.TryEndIn(memory, at, function.Model);
    }
}
