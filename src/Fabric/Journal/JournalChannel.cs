namespace PcieFabric.Journals;

/// <summary>A way from one actor to another. Actors are numbered in the order of spawning, channels in that of wiring.</summary>
/// <param name="Inlet">The receiver's own number for it.</param>
public readonly record struct JournalChannel(int Sender, int Receiver, int Inlet);
