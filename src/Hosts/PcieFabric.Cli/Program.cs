using System.CommandLine;
using PcieFabric.Cli.Tlps;
using PcieFabric.Input;

try
{
    return new RootCommand("A deterministic PCI Express fabric.") { TlpCommand.Create() }.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (InputException wrong)
{
    Console.Error.WriteLine(wrong.Line);
    return 2;
}
