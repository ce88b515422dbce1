using System.Text.Encodings.Web;
using System.Text.Json;

namespace PcieFabric.Cli.Attach;

/// <summary>What to give to QEMU, from 10.1 on, for a socket.</summary>
internal static class QemuArguments
{
    private static readonly JsonSerializerOptions Legible = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Memory that is shared, so that DMA reaches it without asking. The size is the machine's.</summary>
    public static readonly IReadOnlyList<string> Memory = ["-machine", "q35,memory-backend=m", "-object", "memory-backend-memfd,id=m,size=1G,share=on", "-m", "1G"];

    public static IReadOnlyList<string> Device(string socket) =>
        ["-device", $$$"""{"driver":"vfio-user-pci","socket":{"type":"unix","path":{{{JsonSerializer.Serialize(socket, Legible)}}}}}"""];

    /// <summary>As a shell takes them.</summary>
    public static string Quoted(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quoted));

    private static string Quoted(string argument) =>
        argument.All(character => char.IsAsciiLetterOrDigit(character) || "-_=,./:".Contains(character, StringComparison.Ordinal)) ? argument : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
