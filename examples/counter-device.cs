#!/usr/bin/env -S dotnet run
#:project ../src/Actors/PcieFabric.Actors.csproj
#:property PublishAot=false

// A device of one register, and a driver that reads it: dotnet run examples/counter-device.cs
using PcieFabric.Documents;
using PcieFabric.EndpointFunctions;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Reading;

var topology = TopologyReader.Read(new SourceText("counter.yaml", """
    name: counter
    functions:
      counter: { model: counter, vendor: 0x1d0f, device: 0xc001, class: 0x088000, bars: [{ index: 0, size: 4 KiB, type: memory32 }] }
    endpoints:
      card: { functions: [counter] }
    hosts:
      host0: { memory: 64 MiB, ports: [{ attach: card }] }
    """));

using var fabric = FabricBuilder.Build(topology, new FabricOptions { Models = { ["counter"] = _ => new Counter() } });
fabric.Hosts["host0"].Run(async host =>
{
    var window = host.Hierarchies[0];
    var found = await new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = window.Memory }).RunAsync();
    var register = found.Functions.Single(f => !f.IsBridge).FindBar(0)!.Range.Base;
    for (var i = 0; i < 3; i++)
    {
        var started = host.Now;
        Console.WriteLine($"{host.Now,12}: read {await host.Read32Async(register)} in {host.Now - started}");
    }
});
fabric.Engine.Run();

internal sealed class Counter : EndpointFunction
{
    private uint _reads;

    protected override uint ReadRegister(int bar, ulong offset) => _reads++;
}
