namespace PcieFabric.Journals;

/// <summary>What a journal is of. The numbers are the file's.</summary>
public enum JournalSubject
{
    /// <summary>An experiment, which makes all of its traffic itself; or whatever a program made.</summary>
    Experiment = 0,

    /// <summary>A topology whose functions were attached to from outside, one by one. Its inputs are what was done to them.</summary>
    AttachedFunctions = 1,

    /// <summary>A topology whose hierarchies were attached to from outside as wholes.</summary>
    AttachedHierarchy = 2,
}
