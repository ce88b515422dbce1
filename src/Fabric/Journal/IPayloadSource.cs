namespace PcieFabric.Journals;

/// <summary>Where the bodies are that records of other blocks point back to.</summary>
public interface IPayloadSource
{
    /// <param name="number">Of the payload.</param>
    /// <returns>The TLP that first had it, as on the wire. Valid until the next message is read.</returns>
    /// <exception cref="InvalidDataException">There is no such payload.</exception>
    ReadOnlyMemory<byte> BodyOf(long number);
}
