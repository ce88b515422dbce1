namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Advanced Error Reporting, version 2 (PCIe 6.0 section 7.8.4); in root ports with the registers that collect error messages.</summary>
public sealed class AerCapability : ExtendedCapability
{
    private readonly RegisterField[] _headerLog;
    private readonly RegisterField _firstErrorPointer;

    /// <param name="isRootPort">Adds Root Error Command, Root Error Status and Error Source Identification.</param>
    /// <param name="isVirtual">Of a virtual function, to which masks, severities and ECRC controls of its physical function apply (section 9.4.2).</param>
    public AerCapability(bool isRootPort = false, bool ecrcCapable = true, bool isVirtual = false)
        : base("Advanced Error Reporting", ExtendedCapabilityId.AdvancedErrorReporting, 2)
    {
        const Concerns Whom = Concerns.ErrorReporting;
        var control = isVirtual ? Access.ReadOnly : Access.ReadWriteSticky;
        UncorrectableStatus = new(Dword(0x04, "Uncorrectable Error Status", Whom), Access.WriteOneToClearSticky);
        UncorrectableMask = new(
            Dword(0x08, "Uncorrectable Error Mask", Whom),
            control,
            isVirtual ? [] : [UncorrectableError.UncorrectableInternal, UncorrectableError.PoisonedTlpEgressBlocked]);
        UncorrectableSeverity = new(Dword(0x0C, "Uncorrectable Error Severity", Whom), control, isVirtual ? [] : UncorrectableErrors.FatalByDefault);
        CorrectableStatus = new(Dword(0x10, "Correctable Error Status", Whom), Access.WriteOneToClearSticky);
        CorrectableMask = new(
            Dword(0x14, "Correctable Error Mask", Whom),
            control,
            isVirtual ? [] : [CorrectableError.AdvisoryNonFatal, CorrectableError.CorrectedInternal, CorrectableError.HeaderLogOverflow]);

        var capabilities = Dword(0x18, "Advanced Error Capabilities and Control", Whom);
        _firstErrorPointer = capabilities.Field(4, 0, "First Error Pointer", Access.StatusSticky);
        capabilities.Flag(5, "ECRC Generation Capable", Access.ReadOnly, ecrcCapable);
        EcrcGenerationEnable = capabilities.Flag(6, "ECRC Generation Enable", ecrcCapable ? control : Access.ReadOnly);
        capabilities.Flag(7, "ECRC Check Capable", Access.ReadOnly, ecrcCapable);
        EcrcCheckEnable = capabilities.Flag(8, "ECRC Check Enable", ecrcCapable ? control : Access.ReadOnly);
        _headerLog = [.. Enumerable.Range(0, 4).Select(i => Dword(0x1C + 4 * i, $"Header Log {i}").Whole(Access.StatusSticky))];
        if (isRootPort) Root = new AerRootPart(this);
    }

    public ErrorBits<UncorrectableError> UncorrectableStatus { get; }
    public ErrorBits<UncorrectableError> UncorrectableMask { get; }

    /// <summary>Set for fatal.</summary>
    public ErrorBits<UncorrectableError> UncorrectableSeverity { get; }

    public ErrorBits<CorrectableError> CorrectableStatus { get; }
    public ErrorBits<CorrectableError> CorrectableMask { get; }
    public Flag EcrcGenerationEnable { get; }
    public Flag EcrcCheckEnable { get; }

    /// <summary>Root ports only.</summary>
    public AerRootPart? Root { get; }

    /// <summary>The header of the TLP that First Error Pointer tells of: DW 0 to 3, byte 0 of the header in bits 31:24 of the first.</summary>
    public IReadOnlyList<RegisterField> HeaderLog => _headerLog;

    public UncorrectableError FirstError(ConfigSpace space) => (UncorrectableError)space[_firstErrorPointer];

    /// <summary>
    /// The function found an uncorrectable error (PCIe 6.0 section 6.2.4). The first that is not masked is pointed to and its header kept
    /// until software clears its status.
    /// </summary>
    /// <param name="header">DWs of the TLP's header, four at most; empty if no TLP is to blame.</param>
    /// <param name="physical">Of a virtual function: the physical function, whose masks and severities count.</param>
    /// <returns>The message to send, if Device Control lets it; null if the error is masked.</returns>
    public ErrorSeverity? Record(ConfigSpace space, UncorrectableError error, ReadOnlySpan<uint> header = default, (AerCapability Masks, ConfigSpace Space)? physical = null)
    {
        var (masks, masked) = physical ?? (this, space);
        var firstIsOpen = (UncorrectableStatus.Value(space) >> (int)space[_firstErrorPointer] & 1) != 0;
        space[UncorrectableStatus[error]] = true;
        if (masked[masks.UncorrectableMask[error]]) return null;
        if (!firstIsOpen)
        {
            space[_firstErrorPointer] = (uint)error;
            for (var i = 0; i < _headerLog.Length; i++) space[_headerLog[i]] = i < header.Length ? header[i] : 0;
        }
        return masked[masks.UncorrectableSeverity[error]] ? ErrorSeverity.Fatal : ErrorSeverity.NonFatal;
    }

    /// <inheritdoc cref="Record(ConfigSpace, UncorrectableError, ReadOnlySpan{uint}, ValueTuple{AerCapability, ConfigSpace}?)"/>
    public ErrorSeverity? Record(ConfigSpace space, CorrectableError error, (AerCapability Masks, ConfigSpace Space)? physical = null)
    {
        var (masks, masked) = physical ?? (this, space);
        space[CorrectableStatus[error]] = true;
        return masked[masks.CorrectableMask[error]] ? null : ErrorSeverity.Correctable;
    }
}
