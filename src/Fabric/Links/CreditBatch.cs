using System.Runtime.CompilerServices;

namespace PcieFabric.Links;

/// <summary>Credits of one class that gather until it is worth while to return them. A mutable value.</summary>
public struct CreditBatch
{
    public int Headers { get; private set; }

    public int Data { get; private set; }

    public readonly bool IsEmpty => Headers == 0 && Data == 0;

    /// <returns>Whether the batch is due.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add(int headers, int data, in CreditThreshold threshold)
    {
        Headers += headers & threshold.HeaderMask;
        Data += data & threshold.DataMask;
        return Headers >= threshold.Headers || Data >= threshold.Data;
    }

    /// <summary>Adds the same so many times one after the other, and takes each batch as it gets due.</summary>
    /// <param name="first">The first batch that got due; empty if none did.</param>
    /// <param name="each">Those that followed, which are all alike.</param>
    /// <returns>How many followed.</returns>
    public int Add(int times, int headers, int data, in CreditThreshold threshold, out CreditBatch first, out CreditBatch each)
    {
        (headers, data) = (headers & threshold.HeaderMask, data & threshold.DataMask);
        (first, each) = (default, default);
        var untilDue = TimesUntilDue(headers, data, in threshold);
        if (times < untilDue)
        {
            (Headers, Data) = (Headers + times * headers, Data + times * data);
            return 0;
        }
        first = new CreditBatch { Headers = Headers + untilDue * headers, Data = Data + untilDue * data };
        this = default;
        var apart = TimesUntilDue(headers, data, in threshold);
        each = new CreditBatch { Headers = apart * headers, Data = apart * data };
        var (followed, rest) = Math.DivRem(times - untilDue, apart);
        (Headers, Data) = (rest * headers, rest * data);
        return followed;
    }

    private readonly int TimesUntilDue(int headers, int data, in CreditThreshold threshold)
    {
        return Math.Min(Times(threshold.Headers - Headers, headers), Times(threshold.Data - Data, data));

        static int Times(int missing, int each) => each == 0 ? int.MaxValue : (missing + each - 1) / each;
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

    private CreditThreshold(int headerMask, int dataMask)
        : this(CreditLimit.Infinite, 1, 1) =>
        (HeaderMask, DataMask, Headers, Data) = (headerMask, dataMask, headerMask == 0 ? int.MaxValue : 1, dataMask == 0 ? int.MaxValue : 1);

    /// <summary>Of the same grant, with each credit due at once.</summary>
    public CreditThreshold WithoutBatches => new(HeaderMask, DataMask);

    /// <summary>The most that can wait for a batch; zero of what is infinite.</summary>
    public CreditLimit MostWithheld => new((Headers - 1) & HeaderMask, (Data - 1) & DataMask);

    /// <summary>Whatever is a batch by the other threshold is one by this.</summary>
    public bool IsReachedBy(in CreditThreshold other) => other.Headers >= Headers && other.Data >= Data;

    private static int Of(int granted, int largest, int shares) => Math.Min(granted / 4, (granted - largest) / 2) / shares + 1;
}
