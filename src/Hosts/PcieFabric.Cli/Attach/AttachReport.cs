using System.Text.Json.Serialization;

namespace PcieFabric.Cli.Attach;

/// <summary>What is served, for programs.</summary>
/// <param name="QemuMemory">Arguments that a machine needs once: memory that it shares.</param>
internal sealed record AttachReport(string Topology, string As, string Directory, IReadOnlyList<string> QemuMemory, IReadOnlyList<AttachedSocket> Sockets);

/// <summary>One socket.</summary>
/// <param name="Function">Path of the function, or of the root complex.</param>
/// <param name="Qemu">Arguments of the machine that is to have it.</param>
internal sealed record AttachedSocket(string Path, string Function, string Id, IReadOnlyList<string> Qemu);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AttachReport))]
internal sealed partial class AttachJson : JsonSerializerContext;
