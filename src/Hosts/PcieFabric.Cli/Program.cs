using PcieFabric.Cli.CommandLine;

var streams = CommandStreams.OfProcess();
using var interruption = new Interruption();
return await interruption.RunAsync(cancellation => PcieFabricCommand.WithEverything().InvokeAsync(args, streams, cancellation));
