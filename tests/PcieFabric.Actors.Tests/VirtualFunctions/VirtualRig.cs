using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Addressing;
using PcieFabric.Documents;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Actors.Tests.VirtualFunctions;

/// <summary>One card below a switch, whose functions have eight virtual functions each: BAR 0 registers of a probe, BAR 2 memory, BAR 4 memory with MSI-X.</summary>
internal sealed class VirtualRig : IDisposable
{
    public const int Vfs = 8;

    public const uint Nobody = ~0u;

    private readonly int _functions;

    /// <param name="keys">Of the host, besides its ports.</param>
    public VirtualRig(int functions = 1, string keys = "", ulong seed = 1)
    {
        _functions = functions;
        Fabric = new TestFabric(TopologyReader.Read(new SourceText("virtual.yaml", $$"""
            name: virtual
            functions:
              pf:
                vendor: 0x1d0f
                device: 0x30
                class: 0x020000
                model: probe
                bars: [{ index: 0, size: 4 KiB }]
                capabilities:
                  aer: true
                  acs: [request-redirect, completion-redirect, egress-control, direct-translated]
                  sr-iov:
                    model: probe
                    total-vfs: {{Vfs}}
                    vf-device: 0x31
                    first-vf-offset: 4
                    vf-stride: {{functions}}
                    bars: [{ index: 0, size: 4 KiB, type: memory32 }, { index: 2, size: 8 KiB, prefetchable: true }, { index: 4, size: 4 KiB, type: memory32 }]
                    msix: { vectors: 16, bar: 4, table: 0x100, pba: 0x800 }
                    aer: true
                    acs: [request-redirect, completion-redirect, egress-control, direct-translated]
            endpoints:
              card: { ari: true, functions: [{ kind: pf, count: {{functions}} }] }
            switches:
              fan: { acs: [source-validation, request-redirect, upstream-forwarding], ports: [{ attach: card }] }
            hosts:
              host0: { memory: 16 MiB, {{keys}} ports: [{ attach: fan }] }
            """)), seed);
    }

    public TestFabric Fabric { get; }

    /// <summary>What has left the card, in the order of arrival.</summary>
    public IEnumerable<Tap.Seen> Sent => Fabric.Tap.Tlps("host0/rp0/fan/dp0/card", "host0/rp0/fan/dp0");

    public Host Host { get; private set; } = null!;

    public Bus Bus { get; private set; } = null!;

    public Enumerator Enumerator { get; private set; } = null!;

    public EnumeratedFunction Physical(int function = 0) => Bus.Endpoints[function];

    public Probe Probe(int function) => Fabric.Probes[function];

    public Probe Probe(int function, int vf) => Fabric.Probes[_functions + function * Vfs + vf];

    public void Run(Func<VirtualRig, Task> test) => Fabric.Run(async (host, bus) =>
    {
        (Host, Bus) = (host, bus);
        Enumerator = new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = host.Hierarchies[0].Memory });
        await test(this);
    });

    public ValueTask<IReadOnlyList<EnumeratedFunction>> EnableAsync(int count, int function = 0) => Enumerator.EnableVirtualFunctionsAsync(Physical(function), count);

    public ValueTask DisableAsync(int function = 0) => Enumerator.DisableVirtualFunctionsAsync(Physical(function));

    public ValueTask<uint> ReadAsync(Bdf function, int register) => Host.Configuration[0].ReadAsync(function, register);

    public ValueTask WriteAsync(Bdf function, int register, uint value, byte byteEnables = 15) => Host.Configuration[0].WriteAsync(function, register, value, byteEnables);

    public async Task ResetAsync(EnumeratedFunction function)
    {
        var control = function.FindCapability(0x10)!.Value + 8;
        await WriteAsync(function.Bdf, control, 0x8000 | await ReadAsync(function.Bdf, control), 0b0011);
    }

    public int SrIovOf(int function = 0) => Physical(function).FindExtendedCapability(0x10)!.Value;

    public void Dispose() => Fabric.Dispose();
}

internal static class VirtualFunctionExtensions
{
    public static ulong Bar(this EnumeratedFunction function, int bar) => function.FindBar(bar)!.Range.Base;
}
