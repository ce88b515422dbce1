using PcieFabric.Addressing;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Root Error Command, Root Error Status and Error Source Identification (PCIe 6.0 sections 7.8.4.9 to 7.8.4.11).</summary>
public sealed class AerRootPart
{
    private readonly Flag _correctableReceived;
    private readonly Flag _multipleCorrectableReceived;
    private readonly Flag _uncorrectableReceived;
    private readonly Flag _multipleUncorrectableReceived;
    private readonly Flag _firstUncorrectableFatal;
    private readonly Flag _nonFatalReceived;
    private readonly Flag _fatalReceived;

    internal AerRootPart(AerCapability block)
    {
        var command = block.Dword(0x2C, "Root Error Command", Concerns.ErrorReporting);
        CorrectableReportingEnable = command.Flag(0, "Correctable Error Reporting Enable", Access.ReadWrite);
        NonFatalReportingEnable = command.Flag(1, "Non-Fatal Error Reporting Enable", Access.ReadWrite);
        FatalReportingEnable = command.Flag(2, "Fatal Error Reporting Enable", Access.ReadWrite);

        var status = block.Dword(0x30, "Root Error Status", Concerns.ErrorReporting);
        _correctableReceived = status.Flag(0, "ERR_COR Received", Access.WriteOneToClearSticky);
        _multipleCorrectableReceived = status.Flag(1, "Multiple ERR_COR Received", Access.WriteOneToClearSticky);
        _uncorrectableReceived = status.Flag(2, "ERR_FATAL/NONFATAL Received", Access.WriteOneToClearSticky);
        _multipleUncorrectableReceived = status.Flag(3, "Multiple ERR_FATAL/NONFATAL Received", Access.WriteOneToClearSticky);
        _firstUncorrectableFatal = status.Flag(4, "First Uncorrectable Fatal", Access.WriteOneToClearSticky);
        _nonFatalReceived = status.Flag(5, "Non-Fatal Error Messages Received", Access.WriteOneToClearSticky);
        _fatalReceived = status.Flag(6, "Fatal Error Messages Received", Access.WriteOneToClearSticky);
        status.Field(31, 27, "Advanced Error Interrupt Message Number", Access.ReadOnly);

        CorrectableSource = block.Word(0x34, "ERR_COR Source Identification").Whole(Access.StatusSticky);
        UncorrectableSource = block.Word(0x36, "ERR_FATAL/NONFATAL Source Identification").Whole(Access.StatusSticky);
    }

    public Flag CorrectableReportingEnable { get; }
    public Flag NonFatalReportingEnable { get; }
    public Flag FatalReportingEnable { get; }

    /// <summary>Requester ID of the first ERR_COR since software cleared the status.</summary>
    public RegisterField CorrectableSource { get; }

    /// <inheritdoc cref="CorrectableSource"/>
    public RegisterField UncorrectableSource { get; }

    /// <summary>An error message came in, or the root port found an error itself.</summary>
    /// <returns>The root port is to raise its error interrupt.</returns>
    public bool Record(ConfigSpace space, ErrorSeverity severity, Bdf source)
    {
        if (severity == ErrorSeverity.Correctable)
        {
            if (space[_correctableReceived]) space[_multipleCorrectableReceived] = true;
            else space[CorrectableSource] = source.Value;
            space[_correctableReceived] = true;
            return space[CorrectableReportingEnable];
        }
        var isFatal = severity == ErrorSeverity.Fatal;
        if (space[_uncorrectableReceived])
        {
            space[_multipleUncorrectableReceived] = true;
        }
        else
        {
            space[UncorrectableSource] = source.Value;
            space[_firstUncorrectableFatal] = isFatal;
        }
        space[_uncorrectableReceived] = true;
        space[isFatal ? _fatalReceived : _nonFatalReceived] = true;
        return space[isFatal ? FatalReportingEnable : NonFatalReportingEnable];
    }
}
