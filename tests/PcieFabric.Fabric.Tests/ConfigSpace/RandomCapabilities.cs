using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

/// <summary>Sets of real capabilities, in any order; MSI-X expects a memory BAR 0 of 64 KiB.</summary>
internal static class RandomCapabilities
{
    public static List<Capability> Draw(Random random)
    {
        bool Coin() => random.Next(2) == 0;
        // A function that is none of PCI Express has no extended space for lspci to read.
        var express = new PciExpressCapability(Coin() ? PortType.Endpoint : PortType.LegacyEndpoint, new PciExpressOptions
        {
            MaxLinkSpeed = random.Next(1, 7),
            MaxLinkWidth = 1 << random.Next(5),
            MaxPayloadSizeSupported = 128 << random.Next(6),
            TenBitTagRequester = Coin(),
            LatencyToleranceReporting = Coin(),
            OptimizedBufferFlush = Coin(),
            FunctionLevelReset = Coin(),
            EndEndTlpPrefixes = Coin(),
            Atomics = (AtomicSupport)random.Next(16),
            CompletionTimeoutRanges = Coin() ? CompletionTimeoutRanges.None : CompletionTimeoutRanges.A | CompletionTimeoutRanges.B,
        });
        Func<Capability>[] kinds =
        [
            () => new PowerManagementCapability(Coin()),
            () => new MsiCapability(1 << random.Next(6), Coin(), Coin(), Coin()),
            () => new MsiXCapability(random.Next(1, 2049), 0),
            () => new VendorSpecificCapability((byte)random.Next(256), new uint[random.Next(8)]),
            () => new AerCapability(),
            () => new AcsCapability((AcsControls)random.Next(128), random.Next(1, 257)),
            () => new AriCapability(),
            () => new DeviceSerialNumberCapability(),
            () => new SrIovCapability(new SrIovOptions { TotalVfs = random.Next(1, 257), VfDeviceId = 0x1234, VfBars = [BarDefinition.Memory64(0, 4096ul << random.Next(20), Coin())] }),
            () => new AtsCapability(random.Next(1, 33), Coin()),
            () => new PasidCapability(random.Next(1, 21), Coin(), Coin()),
            () => new LtrCapability(),
            () => new DvsecCapability(0x1AF4, 1, random.Next(16), new uint[random.Next(8)]),
            () => new SecondaryPciExpressCapability(1 << random.Next(6)),
        ];
        random.Shuffle(kinds);
        var drawn = kinds.Take(random.Next(kinds.Length + 1)).Select(make => make()).ToList();
        drawn.Insert(random.Next(drawn.Count + 1), express);
        return drawn;
    }
}
