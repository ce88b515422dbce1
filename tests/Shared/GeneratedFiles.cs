namespace PcieFabric.Tests;

/// <summary>Files of the repository that a test derives and compares: schemas, reference pages, tables, the picture.</summary>
internal static class GeneratedFiles
{
    /// <summary><c>PCIEFABRIC_WRITE_DOCS=1</c>: whoever changed what they derive from wants them written anew.</summary>
    public static bool AreToBeWritten => Environment.GetEnvironmentVariable("PCIEFABRIC_WRITE_DOCS") == "1";
}
