using System.Text;
using PcieFabric.Documents;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Actors.Tests.FaultSchedules;

/// <summary>Draws a fabric of one host: switches, links of every kind, controllers of many profiles with every function that there is, virtual functions, IOMMU, ACS, allow-lists.</summary>
internal sealed class DrawnTopology(Random random)
{
    /// <summary>Device IDs tell the host's software what a function is; those of test functions are the kernel's.</summary>
    public const ushort Vendor = 0x1D0F, Bells = 0x10, BoundDma = 0x11, Dma = 0x12, Rogue = 0x13, Store = 0x14, StoreVirtual = 0x15, Bridge = 0x16;

    private const string AllAcs = "[source-validation, translation-blocking, request-redirect, completion-redirect, upstream-forwarding, egress-control, direct-translated]";

    /// <summary>Controllers with an interrupt controller or none, with a DMA engine of either kind or none, with few windows and many, whose BARs move and whose do not.</summary>
    private static readonly string[] Controllers = ["qemu-epc", "rk3588", "tegra194", "imx8m", "imx95", "am654", "rcar-gen3", "keembay", "uniphier-nx1", "tight"];

    private readonly StringBuilder _functions = new();
    private readonly StringBuilder _endpoints = new();
    private readonly StringBuilder _switches = new();
    private int _parts;

    public TopologyDefinition Draw() => TopologyReader.Read(new SourceText("drawn.yaml", Text()));

    public string Text()
    {
        var ports = string.Join(", ", Enumerable.Range(0, random.Next(1, 3)).Select(_ => Port(random.Next(3) > 0 ? Switch() : Endpoint())));
        var iommu = random.Next(3) == 0 ? $"iommu: {{ entries: 8, ways: 2, fault-records: 4, invalidate-timeout: 500 us{Pick("", ", peer-to-peer: bypass")} }}," : "";
        var acs = random.Next(2) == 0 ? $"acs: {AllAcs}," : "";
        var allow = random.Next(3) == 0 ? ", allow: [['host0/**', 'host0/**']]" : "";
        return $$"""
            name: drawn
            defaults: { link: { mps: 256 B, mrrs: 512 B } }
            controllers:
              tight:
                host-id: { vendor: 0x104c, device: 0xb500 }
                interrupts: { msi: true, msix: true, intx: declared }
                inbound: { windows: 12, dynamic: true, subranges: true, alignment: 4 KiB }
                outbound: { windows: 5, page: 4 KiB, largest: 256 KiB, aligns-addresses: true }
                functions: 4
                dma: { kind: edma, write-channels: 1, read-channels: 1 }
                interrupt-controller: { kinds: [its, ims], doorbells: 40 }
                bars: [programmable, programmable, programmable, programmable, { use: reserved, size: 64 KiB, resources: [{ kind: dma-control, offset: 0, size: 4 KiB }] }, programmable]
            functions:
            {{_functions}}
            endpoints:
            {{_endpoints}}
            {{(_switches.Length == 0 ? "" : $"switches:\n{_switches}")}}
            hosts:
              host0: { memory: 32 MiB, {{iommu}} {{acs}} peer-to-peer: { policy: {{Pick("full", "full", "writes-only", "same-bridge", "none")}}{{allow}} }, ports: [{{ports}}] }
            """;
    }

    private string Port(string part)
    {
        var (mps, credits) = (Pick(128, 256, 512), random.Next(3) == 0);
        var limits = credits ? $", credits: {{ posted: {Least(mps)}, non-posted: {Least(128)}, completion: {Least(mps)} }}" : "";
        return $"{{ attach: {part}, link: {{ generation: {random.Next(1, 5)}, width: {Pick(1, 2, 4)}, latency: {random.Next(5, 400)} ns, mps: {mps} B, mrrs: {Pick(128, 512, 1024)} B, dllp: {Pick("factor", "real", "none")}{limits} }} }}";
    }

    private static string Least(int mps) => $"{{ headers: 1, data: {mps / 16} }}";

    private string Switch()
    {
        var name = $"sw{_parts++}";
        var ports = string.Join(", ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => Port(Endpoint())));
        var acs = random.Next(2) == 0 ? $"acs: {AllAcs}," : "";
        _switches.AppendLine($"  {name}: {{ forwarding: {Pick("cut-through", "store-and-forward")}, latency: {random.Next(5, 200)} ns, {acs} ports: [{ports}] }}");
        return name;
    }

    private string Endpoint()
    {
        var name = $"ep{_parts++}";
        _endpoints.AppendLine($"  {name}: {Composition()}");
        return name;
    }

    private string Composition() => random.Next(7) switch
    {
        0 => $"{{ functions: [{DmaFunction()}, {RogueFunction()}] }}",
        1 => $"{{ functions: [{RogueFunction()}] }}",
        2 => $"{{ ari: true, functions: [{StoreFunction()}] }}",
        3 => VirtualController(),
        4 => $"{{ controller: {Pick("qemu-epc", "tight")}, functions: [{TestFunction("tight")}, {BellsFunction()}, {BridgeFunction()}, {BellsFunction()}] }}",
        5 => $"{{ controller: {Pick("qemu-epc", "rk3588", "tight")}, functions: [{BoundDmaFunction()}] }}",
        _ => OneController(),
    };

    private string OneController()
    {
        var controller = Pick<string>(Controllers);
        return $"{{ controller: {controller}, functions: [{(random.Next(3) == 0 ? BridgeFunction() : TestFunction(controller))}] }}";
    }

    private string VirtualController()
    {
        var kind = TestFunction("cadence");
        return $"{{ controller: cadence, functions: [{{ kind: {kind}, virtual-functions: {{ kind: {kind}, count: {random.Next(1, 4)} }} }}] }}";
    }

    private string TestFunction(string controller)
    {
        var profile = ControllerProfiles.Find(controller);
        var pin = profile?.Interrupts.Intx == IntxSupport.None ? "none" : "a";
        return Function($"model: epf-test, vendor: 0x{profile?.VendorId ?? 0x104C:x}, device: 0x{profile?.DeviceId ?? 0xB500:x}, interrupt-pin: {pin}, settings: {{ msi-interrupts: 4, msix-interrupts: 8 }}");
    }

    private string BellsFunction() =>
        Function($"model: epf-doorbell, {Id(Bells)}, settings: {{ kind: {Pick("its", "ims", "embedded", "polled")}, doorbells: {random.Next(1, 12)}, poll-interval: 50 us }}");

    private string BridgeFunction() =>
        Function($"model: epf-vntb, {Id(Bridge)}, class: 0x050000, settings: {{ mw1: {Pick("64 KiB", "256 KiB")}, db-count: {random.Next(4, 10)}, spad-count: 4, doorbells: {Pick("its", "ims", "polled")}, poll-interval: 100 us }}");

    private string BoundDmaFunction() => Function($"model: dma-test, {Id(BoundDma)}, bars: [{{ index: 0, size: 1 MiB, type: memory32 }}]");

    private string DmaFunction() =>
        Function($"model: dma-test, {Id(Dma)}, bars: [{{ index: 0, size: 64 KiB, prefetchable: true }}], capabilities: {{ msi: {{ vectors: 1 }}, aer: true{Pick("", ", ats: {}")} }}, settings: {{ tags: {Pick(1, 8, 64)} }}");

    private string RogueFunction() =>
        Function($"model: rogue, {Id(Rogue)}, interrupt-pin: {Pick("none", "a", "c")}, bars: [{{ index: 0, size: 4 KiB, type: memory32 }}, {{ index: 2, size: 64 KiB, prefetchable: true }}, {{ index: 4, size: 4 KiB, type: memory32 }}], capabilities: {{ msi: {{ vectors: 8 }}, msix: {{ vectors: 16, bar: 4, table: 0x100, pba: 0x800 }}, aer: true{Pick("", ", ats: {}, pasid: {}")}, power-management: {{ no-soft-reset: {Pick("true", "false")} }} }}");

    private string StoreFunction() =>
        Function($"model: memory, {Id(Store)}, bars: [{{ index: 0, size: 64 KiB }}], capabilities: {{ aer: true, msix: {{ vectors: 4, bar: 0, table: 0x0, pba: 0x1000 }}, sr-iov: {{ model: dma-test, total-vfs: 4, vf-device: 0x{StoreVirtual:x}, first-vf-offset: 1, bars: [{{ index: 0, size: 64 KiB }}], msix: {{ vectors: 2, bar: 0, table: 0x0, pba: 0x1000 }}, aer: true }} }}");

    private static string Id(ushort device) => $"vendor: 0x{Vendor:x}, device: 0x{device:x}";

    private string Function(string keys)
    {
        var name = $"f{_parts++}";
        _functions.AppendLine($"  {name}: {{ {keys} }}");
        return name;
    }

    private T Pick<T>(params ReadOnlySpan<T> of) => of[random.Next(of.Length)];
}
