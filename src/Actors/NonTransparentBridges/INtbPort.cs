using PcieFabric.EndpointControllers;

namespace PcieFabric.NonTransparentBridges;

/// <summary>
/// One side of a non-transparent bridge, as software of that side sees it: the operations of Linux's <c>ntb_dev_ops</c> between two peers. Wrong use is answered by an
/// error number and changes nothing.
/// </summary>
public interface INtbPort
{
    /// <summary>Memory windows, the same in both directions.</summary>
    int WindowCount { get; }

    /// <summary>Of each side.</summary>
    int ScratchpadCount { get; }

    /// <summary>Those that the peer rings.</summary>
    NtbDoorbells OwnDoorbells { get; }

    /// <summary>Called when the link came up or went down.</summary>
    Action? LinkChanged { get; set; }

    /// <exception cref="ArgumentOutOfRangeException">There is no such window.</exception>
    NtbWindow Window(int index);

    /// <summary>This side is ready. The link is up while both are.</summary>
    ValueTask<Errno> EnableLinkAsync();

    /// <summary>No access of the peer is under way any more when this is complete.</summary>
    ValueTask<Errno> DisableLinkAsync();

    ValueTask<bool> IsLinkUpAsync();

    /// <summary>Lets the peer reach memory of this side through a window, in place of what it reached before.</summary>
    /// <param name="address">In the memory of this side, a multiple of <see cref="NtbWindow.AddressAlignmentBytes"/>.</param>
    /// <param name="sizeBytes">A multiple of <see cref="NtbWindow.SizeAlignmentBytes"/>, <see cref="NtbWindow.SizeBytes"/> at most.</param>
    ValueTask<Errno> SetTranslationAsync(int window, ulong address, ulong sizeBytes);

    /// <summary>The peer reaches nothing any more through the window; what it was at has ended when this is complete.</summary>
    ValueTask<Errno> ClearTranslationAsync(int window);

    /// <summary>Reads memory of the peer, as far as it lets this side.</summary>
    ValueTask<Errno> ReadPeerAsync(int window, ulong offset, Memory<byte> into);

    /// <summary>Writes memory of the peer, as far as it lets this side. Complete when the last write is on its way; a doorbell that is rung next arrives after it.</summary>
    ValueTask<Errno> WritePeerAsync(int window, ulong offset, Memory<byte> from);

    /// <param name="doorbells">A bit for each.</param>
    ValueTask<Errno> RingPeerAsync(ulong doorbells);

    /// <returns>Zero where there is no such scratchpad, as Linux's drivers have it.</returns>
    ValueTask<uint> ReadScratchpadAsync(int index);

    ValueTask<Errno> WriteScratchpadAsync(int index, uint value);

    /// <inheritdoc cref="ReadScratchpadAsync"/>
    ValueTask<uint> ReadPeerScratchpadAsync(int index);

    ValueTask<Errno> WritePeerScratchpadAsync(int index, uint value);
}
