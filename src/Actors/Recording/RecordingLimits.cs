namespace PcieFabric.Recording;

/// <summary>Bounds of recording and replaying, each with its reason.</summary>
internal static class RecordingLimits
{
    /// <summary>Of a batch of what is expected.</summary>
    public const int ExpectedBatchBytes = 512 << 10;

    public const int ExpectedBatches = 4;
}
