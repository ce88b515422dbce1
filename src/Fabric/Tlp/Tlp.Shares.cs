using PcieFabric.Memory;

namespace PcieFabric.Tlps;

public partial struct Tlp
{
    private const int SmallestReadCompletionBoundary = 64;

    /// <summary>
    /// How many DWs of a memory write or completion with data, from <paramref name="offsetDw"/> on, fit into one packet: a root complex may
    /// split what it routes from one hierarchy to another with a smaller Max_Payload_Size (PCIe 6.0 section 1.3.1). A completion is cut at a Read Completion Boundary.
    /// </summary>
    public readonly int ShareLengthDw(int offsetDw, int maxPayloadBytes)
    {
        var length = Math.Min(LengthDw - offsetDw, maxPayloadBytes / 4);
        if (!IsCompletion || offsetDw + length == LengthDw) return length;
        var start = (LowerAddress & ~3) + offsetDw * 4;
        return (((start + maxPayloadBytes) & -SmallestReadCompletionBoundary) - start) / 4;
    }

    /// <summary>A packet with a payload of its own that does a share of what this memory write or completion with data does.</summary>
    public readonly Tlp Share(int offsetDw, int lengthDw, PayloadPool pool)
    {
        var share = this;
        share._flags = (byte)(_flags & ~PooledBit);
        share._lengthDw = (ushort)lengthDw;
        if (IsCompletion)
        {
            if (offsetDw > 0)
            {
                share._byteCount = (ushort)(_byteCount - (offsetDw * 4 - (_lowerAddress & 3)));
                share._lowerAddress = (byte)(((_lowerAddress & ~3) + offsetDw * 4) & 0x7F);
            }
        }
        else
        {
            var isLast = offsetDw + lengthDw == LengthDw;
            share._address = _address + (ulong)offsetDw * 4;
            var first = offsetDw == 0 ? FirstBe : lengthDw == 1 && isLast ? LastBe : 15;
            var last = lengthDw == 1 ? 0 : isLast ? LastBe : 15;
            share._detail = (byte)(first | last << 4);
        }
        Payload.Slice(offsetDw * 4, lengthDw * 4).CopyTo(share.AllocatePayload(pool));
        return share;
    }
}
