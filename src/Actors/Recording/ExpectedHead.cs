using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>What is expected of a message, beside its bytes.</summary>
internal readonly struct ExpectedHead(int channelId, int payload, ExpectedBody body)
{
    /// <summary>One word, stored and read as such: what is put together of small pieces makes the processor wait that reads it whole.</summary>
    private readonly ulong _word = (uint)channelId | (ulong)payload << 32 | (ulong)body << 56;

    public int ChannelId => (int)_word;

    /// <summary>The number of its payload, less a multiple of those that are in reach.</summary>
    public int Payload => (int)(_word >> 32) & JournalFormat.PayloadsInReach - 1;

    public ExpectedBody Body => (ExpectedBody)(_word >> 56);
}
