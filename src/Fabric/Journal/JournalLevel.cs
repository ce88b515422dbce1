namespace PcieFabric.Journals;

/// <summary>How much a journal keeps of a run.</summary>
public enum JournalLevel
{
    /// <summary>What repeats it, and digests that tell whether it was repeated.</summary>
    Inputs = 0,

    /// <summary>Also every message that was delivered.</summary>
    Messages = 1,
}
