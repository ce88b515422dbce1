namespace PcieFabric.Cli.Tests.House;

/// <summary>The clone that these tests were built from, and the files in it that people write.</summary>
internal static class Repository
{
    private static readonly string[] Made = [".git", "bin", "obj", "artifacts", "TestResults", ".vs", ".idea"];

    public static string Root { get; } = FindRoot();

    /// <summary>Every file, as a path from the root with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Below(Root).Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal)];

    /// <summary>The C# files below a folder.</summary>
    public static IEnumerable<string> Sources(string folder) =>
        Files.Where(file => file.StartsWith(folder + "/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>C# without its comments, strings and character literals, which may say anything; line breaks stay.</summary>
    public static string Code(string file) => SourceText.WithoutCommentsAndStrings(Read(file));

    private static IEnumerable<string> Below(string folder) => Directory.EnumerateFiles(folder)
        .Concat(Directory.EnumerateDirectories(folder).Where(sub => !Made.Contains(Path.GetFileName(sub))).SelectMany(Below));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PcieFabric.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"no PcieFabric.sln above {AppContext.BaseDirectory}");
    }
}
