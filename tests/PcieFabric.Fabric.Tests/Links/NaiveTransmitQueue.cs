using PcieFabric.Links;
using PcieFabric.Tlps;

namespace PcieFabric.Fabric.Tests.Links;

/// <summary>The rule of a transmit queue word for word: the first that has credits and may pass every older one. Quadratic.</summary>
internal sealed class NaiveTransmitQueue
{
    private readonly List<(Tlp Tlp, int Source)> _waiting = [];

    public IReadOnlyList<(Tlp Tlp, int Source)> Waiting => _waiting;

    public void Enqueue(in Tlp tlp, int source) => _waiting.Add((tlp, source));

    public bool TryDequeue(ref CreditCounter credits, out int source)
    {
        for (var i = 0; i < _waiting.Count; i++)
        {
            var candidate = _waiting[i];
            if (!credits.CanConsume(candidate.Tlp.FlowControlClass, CreditCounter.DataCredits(candidate.Tlp))) continue;
            if (!_waiting.Take(i).All(older => OrderingRules.MayPass(candidate.Tlp, older.Tlp))) continue;
            credits.TryConsume(candidate.Tlp.FlowControlClass, CreditCounter.DataCredits(candidate.Tlp));
            _waiting.RemoveAt(i);
            source = candidate.Source;
            return true;
        }
        source = 0;
        return false;
    }
}
