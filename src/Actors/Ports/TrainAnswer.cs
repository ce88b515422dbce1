using PcieFabric.Engine;

namespace PcieFabric.Ports;

/// <summary>How the reads of a train are answered at their completer.</summary>
/// <param name="Way">On which the completer keeps a read until its memory's latency is over.</param>
/// <param name="MaxPayloadBytes">Of a completion.</param>
/// <param name="BoundaryBytes">The Read Completion Boundary.</param>
/// <param name="LastSource">What the transmitter is told of a read's last completion, which frees the place of the read.</param>
/// <param name="Answered">Told at the end how many bytes the completer has read.</param>
internal sealed record TrainAnswer(ActorRef Way, SimTime Latency, Bdf Completer, int MaxPayloadBytes, int BoundaryBytes, int LastSource, Action<long>? Answered = null)
{
    /// <summary>Completions are as many and come as soon.</summary>
    public bool IsLike(TrainAnswer other) => (Latency, MaxPayloadBytes, BoundaryBytes) == (other.Latency, other.MaxPayloadBytes, other.BoundaryBytes);
}
