using System.Runtime.CompilerServices;

namespace PcieFabric.Links;

/// <summary>Credits of one class that gather until it is worth while to return them. A mutable value.</summary>
public struct CreditBatch
{
    public int Headers { get; private set; }

    public int Data { get; private set; }

    /// <returns>Whether the batch is due.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add(int headers, int data, in CreditThreshold threshold)
    {
        Headers += headers & threshold.HeaderMask;
        Data += data & threshold.DataMask;
        return Headers >= threshold.Headers || Data >= threshold.Data;
    }

    public void Take(out int headers, out int data)
    {
        (headers, data) = (Headers, Data);
        (Headers, Data) = (0, 0);
    }
}

/// <summary>When a batch of one class is due. What an infinite grant frees is not gathered, so no update of it ever is.</summary>
public readonly struct CreditThreshold(CreditLimit granted, int largestPayloadCredits, int shares)
{
    internal readonly int Headers = granted.HasInfiniteHeaders ? int.MaxValue : Of(granted.Headers, 1, shares);
    internal readonly int Data = granted.HasInfiniteData ? int.MaxValue : Of(granted.Data, largestPayloadCredits, shares);
    internal readonly int HeaderMask = granted.HasInfiniteHeaders ? 0 : -1;
    internal readonly int DataMask = granted.HasInfiniteData ? 0 : -1;

    private static int Of(int granted, int largest, int shares) => Math.Min(granted / 4, (granted - largest) / 2) / shares + 1;
}
