namespace PcieFabric.RootComplexes;

/// <summary>What became of an access to memory outside. The numbers are those of journals.</summary>
public enum MemoryOutcome
{
    Done = 0,

    /// <summary>A read whose data comes later.</summary>
    Later = 1,

    /// <summary>There is no such memory, or not for this.</summary>
    Fault = 2,
}
