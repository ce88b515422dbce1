using System.Text.RegularExpressions;

namespace PcieFabric.Cli.Tests.House;

/// <summary>Which folder of a project uses which, read from using directives and from names that are qualified or visible without one.</summary>
internal sealed class FolderGraph
{
    private const string Base = "PcieFabric";

    private readonly Dictionary<string, HashSet<string>> _uses;

    private FolderGraph(Dictionary<string, HashSet<string>> uses) => _uses = uses;

    /// <param name="sources">Paths from the project's folder, and code without comments and strings.</param>
    public static FolderGraph Of(IEnumerable<(string Path, string Code)> sources)
    {
        var files = sources.Select(source => new SourceFile(FolderOf(source.Path), SourceText.Namespace(source.Code), source.Code)).ToList();
        var folders = files.Where(file => file.Namespace is not null).GroupBy(file => file.Folder).ToDictionary(
            folder => folder.Key,
            folder => (Namespaces: folder.Select(file => file.Namespace!).ToHashSet(), Types: folder.SelectMany(file => SourceText.Types(file.Code)).ToHashSet()));
        var global = files.Where(file => file.Namespace is null).SelectMany(file => SourceText.Usings(file.Code)).ToHashSet();

        var uses = folders.Keys.ToDictionary(name => name, _ => new HashSet<string>());
        foreach (var file in files.Where(file => file.Namespace is not null))
        {
            var usings = SourceText.Usings(file.Code).ToHashSet();
            foreach (var (name, (namespaces, types)) in folders)
            {
                if (name != file.Folder && Uses(file, usings, namespaces, types, global))
                    uses[file.Folder].Add(name);
            }
        }

        return new(uses);
    }

    /// <summary>One line for each set of folders that use each other, in a circle: <c>Tlp -> Links -> Tlp</c>.</summary>
    public IReadOnlyList<string> Circles()
    {
        var circles = new List<string>();
        var known = new HashSet<string>();
        foreach (var start in _uses.Keys.Where(start => !known.Contains(start)))
        {
            if (PathBack(start) is not { } path)
                continue;
            known.UnionWith(path);
            circles.Add(string.Join(" -> ", path.Append(start)));
        }

        return circles;
    }

    private List<string>? PathBack(string start)
    {
        var cameFrom = new Dictionary<string, string>();
        var open = new Queue<string>([start]);
        while (open.TryDequeue(out var folder))
        {
            foreach (var next in _uses[folder])
            {
                if (next == start)
                {
                    var path = new List<string> { folder };
                    while (path[0] != start)
                        path.Insert(0, cameFrom[path[0]]);
                    return path;
                }

                if (cameFrom.TryAdd(next, folder))
                    open.Enqueue(next);
            }
        }

        return null;
    }

    private static bool Uses(SourceFile file, HashSet<string> usings, HashSet<string> namespaces, HashSet<string> types, HashSet<string> global)
    {
        // A using that names a type (static, or an alias) counts for the namespace of the type.
        if (namespaces.Where(name => name != Base).Any(name => usings.Any(used => used == name || used.StartsWith(name + ".", StringComparison.Ordinal))))
            return true;

        // What is visible without a using, or qualified from where we stand, counts where one of its types is named.
        var visible = namespaces.Any(name => name == Base || global.Contains(name));
        var qualifiers = namespaces.Select(name => name.Split('.')[^1]).ToHashSet();
        return Regex.Matches(file.Code, @"(?:(?<=\b(?<space>\w+)\s*\.\s*)|(?<![\w.]))(?<type>[A-Z]\w*)").Any(match =>
            types.Contains(match.Groups["type"].Value)
            && (match.Groups["space"].Success ? qualifiers.Contains(match.Groups["space"].Value) : visible));
    }

    private static string FolderOf(string path) => path.Contains('/') ? path[..path.IndexOf('/')] : ".";

    private sealed record SourceFile(string Folder, string? Namespace, string Code);
}
