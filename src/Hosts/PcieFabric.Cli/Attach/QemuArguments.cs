using System.Text.Encodings.Web;
using System.Text.Json;

namespace PcieFabric.Cli.Attach;

/// <summary>What to give to QEMU, from 10.1 on, for a socket.</summary>
internal static class QemuArguments
{
    private static readonly JsonSerializerOptions Legible = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Memory that is shared, so that DMA reaches it without asking; the size is the machine's. And an IOMMU that remaps interrupts: Linux on x86 gives a function more than one MSI vector only then. QEMU has
    /// it beside a vfio device only in caching mode.
    /// </summary>
    public static readonly IReadOnlyList<string> Machine =
        ["-machine", "q35,memory-backend=m", "-object", "memory-backend-memfd,id=m,size=1G,share=on", "-m", "1G", "-device", "intel-iommu,intremap=on,caching-mode=on"];

    /// <summary>For the guest's kernel: interrupts are remapped without it, and DMA is not, which spares a mapping for each page.</summary>
    public const string KernelOptions = "intel_iommu=off";

    /// <summary>QEMU gives a device up that is silent for 5 s, which a busy machine can be; it is to wait longer.</summary>
    public static IReadOnlyList<string> Device(string socket) =>
        ["-device", $$$"""{"driver":"vfio-user-pci","socket":{"type":"unix","path":{{{JsonSerializer.Serialize(socket, Legible)}}}},"x-msg-timeout":60000}"""];

    /// <summary>As a shell takes them.</summary>
    public static string Quoted(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quoted));

    private static string Quoted(string argument) =>
        argument.All(character => char.IsAsciiLetterOrDigit(character) || "-_=,./:".Contains(character, StringComparison.Ordinal)) ? argument : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
