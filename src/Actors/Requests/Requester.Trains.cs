using PcieFabric.Engine;
using PcieFabric.Ports;

namespace PcieFabric.Requests;

/// <content>The rest of a long write, when nothing else is under way, may go as a train.</content>
public sealed partial class Requester : ITrainSource
{
    /// <summary>Requests after a train that was disturbed, or an attempt at one, before the next is tried: enough to tell a crowded way from a free one.</summary>
    private const int RequestsBetweenTrains = 64;

    private long _nextTrainAfter;

    private void OfferTrain(Transfer transfer)
    {
        if (RequestsSent < _nextTrainAfter || transfer.Kind != TransferKind.Write || !transfer.HasPart || Outstanding > 0 || Translator is not null) return;
        if (transfer.Parts.LeftBytes < (long)Train.FewestParts * Limits.MaxPayloadBytes) return;
        (_context as ActorCell)?.Offer(this);
    }

    ITrain? ITrainSource.TryDepart(long nowPs)
    {
        _nextTrainAfter = RequestsSent + RequestsBetweenTrains;
        if (_toIssue.Count != 1 || _path is not ITrainPath path) return null;
        var load = new Load(this, _toIssue.Peek());
        var part = load.Parts.Current;
        var range = new AddressRange(part.Address - (ulong)part.OffsetBytes, (ulong)load.Bytes.Length);
        // Header sizes differ on the two sides of 4 GiB.
        if (range.Base >> 32 != range.Last >> 32) return null;
        var sample = load.RequestFor(new RequestPart(part.Address & ~(ulong)(Limits.MaxPayloadBytes - 1), Limits.MaxPayloadBytes, 0));
        if (path.FindRoute(in sample, range) is not { } route) return null;
        // What is under way of the transfer before goes to another place of the same memory, as a rule.
        var reach = TrainBoarding.Reach(route);
        if (reach != range && path.FindRoute(in sample, reach) is { } wider) route = wider;
        return Train.TryDepart(route, load, nowPs);
    }

    private sealed class Load(Requester requester, Transfer transfer) : ITrainLoad
    {
        public RequestSplitter Parts => transfer.Parts;

        public Memory<byte> Bytes => transfer.Buffer;

        public Tlp RequestFor(in RequestPart part)
        {
            var request = Tlp.MemoryWriteHeader(requester.Id, part.Address, part.LengthBytes);
            request.CopyAttributesFrom(in transfer.Request);
            return request;
        }

        public void Continue(in RequestSplitter parts, long sent, bool isDisturbed)
        {
            transfer.Parts = parts;
            requester.RequestsSent += sent;
            requester._nextTrainAfter = requester.RequestsSent + (isDisturbed ? RequestsBetweenTrains : 0);
        }
    }
}
