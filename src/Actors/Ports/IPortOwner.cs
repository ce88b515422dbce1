namespace PcieFabric.Ports;

/// <summary>The actor around a transmitter.</summary>
public interface IPortOwner
{
    /// <summary>The source of what the owner made itself, which filled no buffer.</summary>
    const int Own = -1;

    /// <summary>A TLP that is not its <see cref="Own"/> has left, or will have at <paramref name="atPs"/>: the buffer that it filled at its source is free from then on.</summary>
    /// <param name="source">As it was given with the TLP.</param>
    void Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs);
}
