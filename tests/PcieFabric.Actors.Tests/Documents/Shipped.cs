namespace PcieFabric.Actors.Tests.Documents;

/// <summary>The files that the project ships, found from wherever the tests run.</summary>
internal static class Shipped
{
    public static readonly string Config = Path.Combine(Root(), "config");

    public static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Config, folder), "*.yaml").Order(StringComparer.Ordinal);

    public static TheoryData<string> Names(string folder) => [.. Files(folder).Select(path => Path.GetFileName(path))];

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "PcieFabric.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("invariant: the tests run below the folder of the solution");
        return directory.FullName;
    }
}
