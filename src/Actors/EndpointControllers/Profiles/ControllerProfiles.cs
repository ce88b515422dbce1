using System.Collections.Concurrent;
using PcieFabric.Documents;

namespace PcieFabric.EndpointControllers.Profiles;

/// <summary>Controller profiles: those that come with the project, by name, and any that a person wrote.</summary>
public static class ControllerProfiles
{
    private const string Prefix = "controllers/";

    private static readonly ConcurrentDictionary<string, ControllerProfile> Known = new(StringComparer.Ordinal);

    /// <summary>Of the profiles that come with the project, in alphabetic order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(ControllerProfiles).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^".yaml".Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <returns>Null where the project has no such profile.</returns>
    public static ControllerProfile? Find(string name) => Names.Contains(name) ? Known.GetOrAdd(name, Load) : null;

    /// <summary>Reads a file of this machine.</summary>
    /// <exception cref="Input.InputException">The first thing that is wrong with it, located.</exception>
    public static ControllerProfile Read(string path) => Read(DiskFiles.Instance.Read(path));

    /// <inheritdoc cref="Read(string)"/>
    public static ControllerProfile Read(SourceText source) => ControllerProfileSchema.Shape.Read(DocumentLoader.Load(source), "a controller");

    private static ControllerProfile Load(string name)
    {
        var file = $"{Prefix}{name}.yaml";
        using var reader = new StreamReader(typeof(ControllerProfiles).Assembly.GetManifestResourceStream(file)!);
        return Read(new SourceText(file, reader.ReadToEnd()));
    }
}
