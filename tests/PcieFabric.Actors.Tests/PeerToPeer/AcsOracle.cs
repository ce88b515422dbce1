using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Tlps;
using static PcieFabric.Actors.Tests.PeerToPeer.PeerFabric;

namespace PcieFabric.Actors.Tests.PeerToPeer;

/// <summary>
/// What becomes of a read between two functions of <see cref="OneSwitch"/>, said once more in the simplest way: by the words of PCIe 6.0 section 6.12 and the one topology,
/// without queues, registers or messages.
/// </summary>
/// <param name="enabled">Controls by path of a port or function.</param>
/// <param name="blocked">Bits of egress vectors by path.</param>
internal sealed class AcsOracle(IReadOnlyDictionary<string, AcsControls> enabled, IReadOnlyDictionary<string, int[]> blocked)
{
    private enum Way
    {
        Direct,
        Up,
        Abort,
    }

    public sealed record Fate(CompletionStatus? Status, bool RequestSeesRoot, bool CompletionSeesRoot);

    public Fate OfRead(string from, string to, bool relaxed, bool translated)
    {
        var (status, viaRoot) = Request(from, to, translated);
        if (status != CompletionStatus.SuccessfulCompletion) return new(status, viaRoot, false);
        if (RootPortOf(from) != RootPortOf(to)) return new(status, viaRoot, true);
        var goesUp = false;
        if (DeviceOf(from) == DeviceOf(to))
        {
            if (!Has(to, AcsControls.PeerCompletionRedirect) || relaxed) return new(status, viaRoot, false);
            if (!Has(PortOf(to), AcsControls.UpstreamForwarding)) return new(null, viaRoot, false);
            goesUp = true;
        }
        goesUp |= Has(PortOf(to), AcsControls.PeerCompletionRedirect) && !relaxed;
        if (!goesUp) return new(status, viaRoot, false);
        return Has(Rp0, AcsControls.UpstreamForwarding) ? new(status, viaRoot, true) : new(null, viaRoot, false);
    }

    private (CompletionStatus Status, bool ViaRoot) Request(string from, string to, bool translated)
    {
        const CompletionStatus Ok = CompletionStatus.SuccessfulCompletion, Abort = CompletionStatus.CompleterAbort, Unsupported = CompletionStatus.UnsupportedRequest;
        if (DeviceOf(from) == DeviceOf(to))
        {
            var inside = Decide(from, to[^1] - '0', translated);
            if (inside != Way.Up) return (inside == Way.Direct ? Ok : Abort, false);
        }
        if (RootPortOf(from) == Rp0)
        {
            var port = PortOf(from);
            if (Has(port, AcsControls.TranslationBlocking) && translated) return (Abort, false);
            if (RootPortOf(to) == Rp0 && PortOf(to) == port && !Has(port, AcsControls.UpstreamForwarding)) return (Unsupported, false);
            if (RootPortOf(to) == Rp0 && PortOf(to) != port)
            {
                var across = Decide(port, PortOf(to)[^1] - '0', translated);
                if (across != Way.Up) return (across == Way.Direct ? Ok : Abort, false);
            }
        }
        var root = RootPortOf(from);
        if (Has(root, AcsControls.TranslationBlocking) && translated) return (Abort, false);
        if (root == RootPortOf(to)) return Has(root, AcsControls.UpstreamForwarding) ? (Ok, true) : (Unsupported, false);
        return Decide(root, RootPortOf(to)[^1] - '0', translated) == Way.Abort ? (Abort, true) : (Ok, true);
    }

    /// <summary>Table 6-10 of section 6.12.3, and Direct Translated P2P.</summary>
    private Way Decide(string at, int egress, bool translated)
    {
        if (Has(at, AcsControls.DirectTranslatedPeer) && translated) return Way.Direct;
        return (Has(at, AcsControls.PeerEgressControl), Has(at, AcsControls.PeerRequestRedirect), blocked[at].Contains(egress)) switch
        {
            (false, false, _) => Way.Direct,
            (false, true, _) => Way.Up,
            (true, _, false) => Way.Direct,
            (true, false, true) => Way.Abort,
            (true, true, true) => Way.Up,
        };
    }

    private bool Has(string at, AcsControls control) => (enabled[at] & control) != 0;

    private static string RootPortOf(string function) => function[..Rp0.Length];

    private static string DeviceOf(string function) => function[..^4];

    private static string PortOf(string function) => function[..Dp0.Length];
}
