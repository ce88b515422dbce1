namespace PcieFabric.Journals;

/// <summary>What a journal keeps of every message beside its body.</summary>
/// <param name="DeliveredAtPs">Virtual time, in picoseconds.</param>
public readonly record struct MessageHead(long DeliveredAtPs, int ChannelId, ushort Kind, uint Detail);
