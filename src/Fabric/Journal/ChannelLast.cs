namespace PcieFabric.Journals;

/// <summary>What the next record on a channel is expected to have, by the last one in the block: channels say the same thing often.</summary>
internal struct ChannelLast
{
    /// <summary>In which that record stands; another number is no record of this block.</summary>
    public int Block;

    public ushort Kind;
    public uint Detail;

    /// <summary>The number of the payload that comes after the one that it had.</summary>
    public long NextPayload;
}
