namespace PcieFabric.Recording;

/// <summary>Bounds of recording and replaying, each with its reason.</summary>
internal static class RecordingLimits
{
    /// <summary>
    /// What a replay has of its journal at a time, ready to be compared: a thousand TLPs or two at some hops each, so that handing over costs nothing beside them. Longer ones took no less time, and
    /// a quarter of it a few percent more.
    /// </summary>
    public const int ExpectedBatchBytes = 512 << 10;

    /// <summary>One that is compared, one that is filled, and two that wait: half of them are emptied before the other thread is woken.</summary>
    public const int ExpectedBatches = 4;
}
