using PcieFabric.ConfigSpaces;
using PcieFabric.Ports;

namespace PcieFabric.Endpoints;

/// <content>Traffic between the functions of one device, which need not leave it unless ACS says so (PCIe 6.0 section 6.12.1.2).</content>
internal sealed partial class DeviceFunctions
{
    private bool HasSiblings => _functions.Length > 1 || _virtual.Length > 0;

    private bool MayBeForSibling(ref readonly Tlp request) => !Decode.Find(request.Address, isIo: false).Range.IsEmpty;

    /// <summary>A function's request, if it is for a BAR of another function of the device.</summary>
    /// <param name="source">Who gets the credits back.</param>
    /// <returns>False if it is to go up the link.</returns>
    private bool TryReachSibling(Function function, int source, ref readonly Tlp request)
    {
        ref readonly var hit = ref Decode.Find(request.Address, isIo: false);
        if (hit.Range.IsEmpty || hit.Function == function) return false;
        switch (function.Access.RouteRequest(in request, hit.Function.Number))
        {
            case PeerRouting.Redirected:
                return false;
            case PeerRouting.Violation:
                _sources.Departed(source, in request, Context.NowPs);
                Reject(function, in request, UncorrectableError.AcsViolation);
                return true;
            default:
                _sources.Departed(source, in request, Context.NowPs);
                Access(in request);
                return true;
        }
    }

    /// <summary>A completion of one of the functions, if it is for another one.</summary>
    /// <inheritdoc cref="TryReachSibling"/>
    private bool TryCompleteSibling(ref readonly Tlp completion)
    {
        if (!HasSiblings) return false;
        // Before enumeration the device is on bus 0, where the host's requester is.
        if (_id.Bus == 0 || FunctionAt(completion.Requester) is null) return false;
        // A function that blocked its own request answers itself.
        if (completion.Completer != completion.Requester && FunctionAt(completion.Completer)?.Access.RouteCompletion(in completion) == PeerRouting.Redirected) return false;
        Complete(in completion);
        return true;
    }
}
