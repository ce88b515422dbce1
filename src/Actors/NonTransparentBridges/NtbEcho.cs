using PcieFabric.EndpointControllers;

namespace PcieFabric.NonTransparentBridges;

/// <summary>
/// Software of one side that answers the other, as test clients of Linux do (<c>ntb_pingpong</c>, <c>ntb_perf</c>): each ring is answered by a ring of the same doorbell, and one of
/// <see cref="SendDoorbell"/> by data first. It shows the other side memory in window 0, and sends from there.
/// </summary>
/// <param name="shown">Memory as large as the window, at <paramref name="address"/>.</param>
public sealed class NtbEcho(INtbPort port, ulong address, Memory<byte> shown)
{
    /// <summary>Its ring is answered by as many bytes as the other side wrote into scratchpad <see cref="SizeScratchpad"/> of this one, in the window's start.</summary>
    public const int SendDoorbell = 1;

    public const int SizeScratchpad = 0;

    /// <summary>Answered by nothing but a ring.</summary>
    public const int AnswerDoorbell = 0;

    /// <summary>Runs until the port is gone.</summary>
    public async Task RunAsync()
    {
        Require(await port.SetTranslationAsync(0, address, (ulong)shown.Length));
        Require(await port.EnableLinkAsync());
        while (await port.OwnDoorbells.WaitAsync(port.OwnDoorbells.ValidMask) is not 0 and var rung)
        {
            port.OwnDoorbells.Clear(rung);
            if ((rung >> SendDoorbell & 1) != 0)
            {
                var size = (int)Math.Min(await port.ReadScratchpadAsync(SizeScratchpad), (uint)shown.Length);
                // Where that fails the other side sees that nothing came.
                if (await port.WritePeerAsync(0, 0, shown[..size]) != Errno.None) continue;
            }
            await port.RingPeerAsync(rung);
        }
    }

    private static void Require(Errno errno)
    {
        if (errno != Errno.None) throw new InvalidOperationException($"an NTB port answered {errno} where an echo was to begin");
    }
}
