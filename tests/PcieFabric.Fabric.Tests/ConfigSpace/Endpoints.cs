using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

/// <summary>Functions that several tests look at.</summary>
internal static class Endpoints
{
    public const ulong MiB = 1 << 20;

    public static readonly FunctionIdentity Nvme = new(0x1B36, 0x0010, 0x010802, 2, 0x1AF4, 0x1100);

    /// <summary>Five lines: all that a small device needs.</summary>
    public static EndpointFunctionLayout Minimal() => new(
        Nvme,
        [BarDefinition.Memory64(0, 16384)],
        [new MsiXCapability(32, tableBar: 0, tableOffset: 8192), new AerCapability()]);

    public static EndpointFunctionLayout Everything() => new(
        Nvme,
        [BarDefinition.Memory64(0, 64 * 1024), BarDefinition.Resizable(2, 256 * MiB, 64 * MiB, 128 * MiB, 512 * MiB), BarDefinition.Memory32(4, 4096), BarDefinition.Io(5, 64)],
        [
            new MsiCapability(8, extendedData: true),
            new MsiXCapability(64, tableBar: 0),
            new VendorSpecificCapability(0x42, [0x11223344, 0x55667788], Access.ReadWrite),
            new AerCapability(),
            new AcsCapability(AcsControls.PeerRequestRedirect | AcsControls.PeerCompletionRedirect | AcsControls.PeerEgressControl | AcsControls.DirectTranslatedPeer, 8),
            new AriCapability(),
            new DeviceSerialNumberCapability(),
            new SrIovCapability(new SrIovOptions { TotalVfs = 16, VfDeviceId = 0x0011, FirstVfOffset = 8, VfBars = [BarDefinition.Memory64(0, 16384, true)] }),
            new AtsCapability(),
            new PasidCapability(),
            new LtrCapability(),
            new DvsecCapability(0x1AF4, 0x0007, 1, [0xCAFEF00D]),
        ],
        new PciExpressOptions
        {
            MaxLinkSpeed = 4,
            MaxLinkWidth = 16,
            TenBitTagRequester = true,
            Atomics = AtomicSupport.Completer32 | AtomicSupport.Completer64,
            LatencyToleranceReporting = true,
            OptimizedBufferFlush = true,
            EndEndTlpPrefixes = true,
        },
        expansionRomSize: 65536);
}
