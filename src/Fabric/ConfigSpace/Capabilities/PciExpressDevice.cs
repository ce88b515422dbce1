namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Device Capabilities, Control and Status, and their second set (PCIe 6.0 sections 7.5.3.3 to 7.5.3.5, 7.5.3.15 to 7.5.3.17).</summary>
public sealed class PciExpressDevice
{
    internal PciExpressDevice(PciExpressCapability block)
    {
        var options = block.Options;
        var type = block.Type;
        DeclareCapabilities(block, options);

        // A virtual function heeds those of its physical function; its own read zero (section 9.3.5).
        var readWrite = options.IsVirtual ? Access.ReadOnly : Access.ReadWrite;
        var control = block.Word(0x08, "Device Control", Concerns.Device);
        CorrectableErrorReportingEnable = control.Flag(0, "Correctable Error Reporting Enable", readWrite);
        NonFatalErrorReportingEnable = control.Flag(1, "Non-Fatal Error Reporting Enable", readWrite);
        FatalErrorReportingEnable = control.Flag(2, "Fatal Error Reporting Enable", readWrite);
        UnsupportedRequestReportingEnable = control.Flag(3, "Unsupported Request Reporting Enable", readWrite);
        EnableRelaxedOrdering = control.Flag(4, "Enable Relaxed Ordering", readWrite, !options.IsVirtual);
        // Functions share the link's payload size, so the reset of one spares it (PCIe 6.0 section 6.6.2).
        MaxPayloadSize = control.Field(7, 5, "Max_Payload_Size", readWrite, survives: ResetKind.FunctionLevel);
        ExtendedTagFieldEnable = control.Flag(8, "Extended Tag Field Enable", options.ExtendedTag ? readWrite : Access.ReadOnly, options.ExtendedTag && !options.IsVirtual);
        EnableNoSnoop = control.Flag(11, "Enable No Snoop", readWrite, !options.IsVirtual);
        MaxReadRequestSize = control.Field(14, 12, "Max_Read_Request_Size", readWrite, options.IsVirtual ? 0 : PayloadSize.Encode(512));
        if (options.FunctionLevelReset && !type.IsBridge()) InitiateFunctionLevelReset = control.Flag(15, "Initiate Function Level Reset", Access.Trigger);

        var status = block.Word(0x0A, "Device Status");
        CorrectableErrorDetected = status.Flag(0, "Correctable Error Detected", Access.WriteOneToClear);
        NonFatalErrorDetected = status.Flag(1, "Non-Fatal Error Detected", Access.WriteOneToClear);
        FatalErrorDetected = status.Flag(2, "Fatal Error Detected", Access.WriteOneToClear);
        UnsupportedRequestDetected = status.Flag(3, "Unsupported Request Detected", Access.WriteOneToClear);
        TransactionsPending = status.Flag(5, "Transactions Pending", Access.Status);

        var control2 = block.Word(0x28, "Device Control 2", Concerns.Device);
        CompletionTimeoutValue = control2.Field(3, 0, "Completion Timeout Value", options.CompletionTimeoutRanges == 0 ? Access.ReadOnly : readWrite);
        CompletionTimeoutDisable = control2.Flag(4, "Completion Timeout Disable", readWrite);
        if (type.IsDownstream() && options.AriForwarding) AriForwardingEnable = control2.Flag(5, "ARI Forwarding Enable", readWrite);
        if (!type.IsBridge() || type == PortType.RootPort) AtomicOpRequesterEnable = control2.Flag(6, "AtomicOp Requester Enable", readWrite);
        if (type.IsBridge()) AtomicOpEgressBlocking = control2.Flag(7, "AtomicOp Egress Blocking", readWrite);
        IdoRequestEnable = control2.Flag(8, "IDO Request Enable", readWrite);
        IdoCompletionEnable = control2.Flag(9, "IDO Completion Enable", readWrite);
        if (options.LatencyToleranceReporting)
            LtrMechanismEnable = control2.Flag(10, "LTR Mechanism Enable", readWrite, survives: ResetKind.FunctionLevel);
        if (options.TenBitTagRequester) TenBitTagRequesterEnable = control2.Flag(12, "10-Bit Tag Requester Enable", readWrite);
        if (options.OptimizedBufferFlush) ObffEnable = control2.Field(14, 13, "OBFF Enable", readWrite);
    }

    public Flag CorrectableErrorReportingEnable { get; }
    public Flag NonFatalErrorReportingEnable { get; }
    public Flag FatalErrorReportingEnable { get; }
    public Flag UnsupportedRequestReportingEnable { get; }
    public Flag EnableRelaxedOrdering { get; }
    public RegisterField MaxPayloadSize { get; }
    public Flag ExtendedTagFieldEnable { get; }
    public Flag EnableNoSnoop { get; }
    public RegisterField MaxReadRequestSize { get; }

    /// <summary>The owner resets the function when a write starts it: <see cref="ConfigWriteEffect.Starts"/>. Null where FLR is not offered.</summary>
    public Flag? InitiateFunctionLevelReset { get; }

    public Flag CorrectableErrorDetected { get; }
    public Flag NonFatalErrorDetected { get; }
    public Flag FatalErrorDetected { get; }
    public Flag UnsupportedRequestDetected { get; }
    public Flag TransactionsPending { get; }
    public RegisterField CompletionTimeoutValue { get; }
    public Flag CompletionTimeoutDisable { get; }
    public Flag? AriForwardingEnable { get; }
    public Flag? AtomicOpRequesterEnable { get; }
    public Flag? AtomicOpEgressBlocking { get; }
    public Flag IdoRequestEnable { get; }
    public Flag IdoCompletionEnable { get; }
    public Flag? LtrMechanismEnable { get; }
    public Flag? TenBitTagRequesterEnable { get; }
    public RegisterField? ObffEnable { get; }

    /// <summary>In bytes.</summary>
    public int MaxPayloadBytes(ConfigSpace space) => PayloadSize.Decode(space[MaxPayloadSize]);

    /// <summary>In bytes.</summary>
    public int MaxReadRequestBytes(ConfigSpace space) => PayloadSize.Decode(space[MaxReadRequestSize]);

    /// <summary>Bits of the tags that the function may send: 5, 8 or 10 (PCIe 6.0 section 2.2.6.2).</summary>
    public int TagBits(ConfigSpace space) =>
        TenBitTagRequesterEnable is { } tenBit && space[tenBit] ? 10 : space[ExtendedTagFieldEnable] ? 8 : 5;

    private static void DeclareCapabilities(PciExpressCapability block, PciExpressOptions options)
    {
        var type = block.Type;
        var capabilities = block.Dword(0x04, "Device Capabilities");
        capabilities.Field(2, 0, "Max_Payload_Size Supported", Access.ReadOnly, PayloadSize.Encode(options.MaxPayloadSizeSupported));
        capabilities.Flag(5, "Extended Tag Field Supported", Access.ReadOnly, options.ExtendedTag);
        capabilities.Flag(15, "Role-Based Error Reporting", Access.ReadOnly, true);
        capabilities.Flag(28, "Function Level Reset Capability", Access.ReadOnly, options.FunctionLevelReset && !type.IsBridge());

        var capabilities2 = block.Dword(0x24, "Device Capabilities 2");
        capabilities2.Field(3, 0, "Completion Timeout Ranges Supported", Access.ReadOnly, (uint)options.CompletionTimeoutRanges);
        capabilities2.Flag(4, "Completion Timeout Disable Supported", Access.ReadOnly, true);
        capabilities2.Flag(5, "ARI Forwarding Supported", Access.ReadOnly, type.IsDownstream() && options.AriForwarding);
        capabilities2.Flag(6, "AtomicOp Routing Supported", Access.ReadOnly, type.IsBridge() && options.Atomics.HasFlag(AtomicSupport.Routing));
        capabilities2.Flag(7, "32-bit AtomicOp Completer Supported", Access.ReadOnly, options.Atomics.HasFlag(AtomicSupport.Completer32));
        capabilities2.Flag(8, "64-bit AtomicOp Completer Supported", Access.ReadOnly, options.Atomics.HasFlag(AtomicSupport.Completer64));
        capabilities2.Flag(9, "128-bit CAS Completer Supported", Access.ReadOnly, options.Atomics.HasFlag(AtomicSupport.Completer128));
        capabilities2.Flag(11, "LTR Mechanism Supported", Access.ReadOnly, options.LatencyToleranceReporting);
        capabilities2.Flag(16, "10-Bit Tag Completer Supported", Access.ReadOnly, options.TenBitTagCompleter);
        capabilities2.Flag(17, "10-Bit Tag Requester Supported", Access.ReadOnly, options.TenBitTagRequester);
        capabilities2.Field(19, 18, "OBFF Supported", Access.ReadOnly, options.OptimizedBufferFlush ? 1u : 0);
        capabilities2.Flag(20, "Extended Fmt Field Supported", Access.ReadOnly, true);
        capabilities2.Flag(21, "End-End TLP Prefix Supported", Access.ReadOnly, options.EndEndTlpPrefixes);
        capabilities2.Field(23, 22, "Max End-End TLP Prefixes", Access.ReadOnly, options.EndEndTlpPrefixes ? 1u : 0);
    }
}
