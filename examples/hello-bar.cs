#!/usr/bin/env -S dotnet run
#:project ../src/Hosts/PcieFabric.VfioUser/PcieFabric.VfioUser.csproj
#:property PublishAot=false

// The smallest device that a guest can drive, one register that prints what is written to it: dotnet run examples/hello-bar.cs /tmp/hello/bar.sock
using PcieFabric.Documents;
using PcieFabric.EndpointFunctions;
using PcieFabric.VfioUser.Live;
using PcieFabric.VfioUser.Server;

var topology = new SourceText("hello.yaml", """
    name: hello
    functions:
      hello: { model: hello, vendor: 0x1d0f, device: 0x0e11, class: 0x088000, bars: [{ index: 0, size: 4 KiB, type: memory32 }] }
    endpoints:
      card: { functions: [hello] }
    hosts:
      host0: { memory: 64 MiB, ports: [{ attach: card }] }
    """);

using var live = LiveFabric.Start(topology, new LiveOptions { Models = { ["hello"] = _ => new Hello() } });
var (host, function) = live.Functions.Single();
using var server = new VfioUserServer(args[0], new FunctionDevice(live, host, function));
Console.WriteLine($"{function.Path} is at {args[0]}");
await server.Completion;

internal sealed class Hello : EndpointFunction
{
    protected override void WriteRegister(int bar, ulong offset, uint value, int byteEnables)
    {
        for (var lane = 0; lane < 4; lane++)
            if ((byteEnables >> lane & 1) != 0) Console.Write((char)(byte)(value >> (8 * lane)));
    }
}
