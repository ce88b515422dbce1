using PcieFabric.Engine;

namespace PcieFabric.Recording;

/// <summary>What a <see cref="TestProbe"/> got.</summary>
/// <param name="From">Path of the sender.</param>
/// <param name="Message">Its own copy; a TLP's payload lives as long as the probe.</param>
public sealed record ProbedMessage(SimTime At, string From, Message Message)
{
    /// <summary>The message is a TLP.</summary>
    public bool IsTlp => Message.CarriesTlp;

    public Tlp Tlp => IsTlp ? Message.Tlp : throw new InvalidOperationException($"{this} is no TLP");

    public override string ToString() => $"{At}  {From}: {MessageText.Describe(Message)}";
}
