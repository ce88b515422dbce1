namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>AtomicOps that a function completes, or whether a port routes them (PCIe 6.0 section 7.5.3.15).</summary>
[Flags]
public enum AtomicSupport : byte
{
    None = 0,
    Routing = 1,
    Completer32 = 2,
    Completer64 = 4,
    Completer128 = 8,
}

/// <summary>Completion Timeout Ranges Supported: bit 0 for range A (50 us to 10 ms) to bit 3 for range D (4 s to 64 s).</summary>
[Flags]
public enum CompletionTimeoutRanges : byte
{
    /// <summary>Not programmable: 50 us to 50 ms.</summary>
    None = 0,
    A = 1,
    B = 2,
    C = 4,
    D = 8,
}

/// <summary>What a function can do as a PCI Express device, and its link.</summary>
public sealed record PciExpressOptions
{
    /// <summary>1 (2.5 GT/s) to 6 (64 GT/s). A port may do less: <see cref="PciExpressLink.Limit"/>.</summary>
    public int MaxLinkSpeed { get; init; } = 3;

    /// <summary>Lanes: 1, 2, 4, 8, 12, 16 or 32.</summary>
    public int MaxLinkWidth { get; init; } = 4;

    /// <summary>Bytes: 128 to 4096.</summary>
    public int MaxPayloadSizeSupported { get; init; } = 512;

    public bool ExtendedTag { get; init; } = true;
    public bool TenBitTagCompleter { get; init; } = true;
    public bool TenBitTagRequester { get; init; }
    public bool FunctionLevelReset { get; init; } = true;
    public AtomicSupport Atomics { get; init; }
    public bool LatencyToleranceReporting { get; init; }

    /// <summary>OBFF by message.</summary>
    public bool OptimizedBufferFlush { get; init; }

    /// <summary>Downstream ports: functions 8 to 255 of the device below are reached (PCIe 6.0 section 6.13).</summary>
    public bool AriForwarding { get; init; } = true;

    /// <summary>The function takes TLPs with end-end prefixes, PASID among them.</summary>
    public bool EndEndTlpPrefixes { get; init; }

    /// <summary>Of a virtual function, whose physical function has the controls that they share (PCIe 6.0 section 9.3.5).</summary>
    public bool IsVirtual { get; init; }

    public CompletionTimeoutRanges CompletionTimeoutRanges { get; init; } = CompletionTimeoutRanges.A | CompletionTimeoutRanges.B;

    /// <summary>Downstream ports: what is between the port and the card; null if the device below is soldered.</summary>
    public SlotOptions? Slot { get; init; }
}

/// <summary>A slot (PCIe 6.0 section 7.5.3.9).</summary>
public sealed record SlotOptions
{
    public bool HotPlug { get; init; }
    public bool Surprise { get; init; }
    public bool AttentionButton { get; init; }
    public bool PowerController { get; init; }
    public bool AttentionIndicator { get; init; }
    public bool PowerIndicator { get; init; }

    /// <summary>0 to 239.</summary>
    public int PowerLimitWatts { get; init; } = 75;
}
