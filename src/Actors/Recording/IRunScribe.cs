using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>Takes what a <see cref="RunPipe"/> brings, on the pipe's thread and in the order of the run.</summary>
internal interface IRunScribe
{
    /// <summary>A message that carries no TLP, or one.</summary>
    /// <param name="message">Its payload can be read where its place is <see cref="PayloadPlace.New"/>, during the call.</param>
    void Message(ref readonly Message message, int channelId, PayloadPlace payload);

    /// <inheritdoc cref="RunSink.Digests"/>
    void Digests(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests);

    /// <summary>Something from outside.</summary>
    void Input(in MessageHead head, ReadOnlySpan<byte> body);
}
