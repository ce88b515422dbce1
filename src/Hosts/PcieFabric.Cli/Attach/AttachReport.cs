using System.Text.Json.Serialization;

namespace PcieFabric.Cli.Attach;

/// <summary>What is served, for programs.</summary>
/// <param name="QemuMachine">Arguments that a machine needs once: memory that it shares, and remapping of interrupts.</param>
/// <param name="KernelOptions">What goes with them on the guest's kernel's command line.</param>
internal sealed record AttachReport(string Topology, string As, string Directory, IReadOnlyList<string> QemuMachine, string KernelOptions, IReadOnlyList<AttachedSocket> Sockets);

/// <summary>One socket.</summary>
/// <param name="Function">Path of the function, or of the root complex.</param>
/// <param name="Qemu">Arguments of the machine that is to have it.</param>
internal sealed record AttachedSocket(string Path, string Function, string Id, IReadOnlyList<string> Qemu);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AttachReport))]
internal sealed partial class AttachJson : JsonSerializerContext;
