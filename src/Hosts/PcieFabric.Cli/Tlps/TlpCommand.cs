using System.CommandLine;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Input;

namespace PcieFabric.Cli.Tlps;

/// <summary><c>pciefabric tlp decode</c> and <c>tlp encode</c>: single TLPs between hex and fields.</summary>
internal static class TlpCommand
{
    public static Command Create() => new FabricCommand("tlp", "Decodes and encodes single TLPs",
        "pciefabric tlp decode 400000010000000ffee0000041000000",
        "pciefabric tlp decode --json < tlps.txt | pciefabric tlp encode") { CreateDecode(), CreateEncode() };

    private static FabricCommand CreateDecode()
    {
        var hex = new Argument<string[]>("HEX") { Description = "TLPs in hex; standard input if there are none", Arity = ArgumentArity.ZeroOrMore };
        var command = new FabricCommand("decode",
            """
            Shows the fields of TLPs that are given in hex.

            One TLP an argument, or one a line on standard input: byte 0 first, as analysers and the kernel's AER header log write it. Spaces,
            0x and comments from # on are allowed. The bytes are those of the transaction layer: prefix, header, payload, ECRC if TD is set.
            """,
            "pciefabric tlp decode 400000010000000ffee0000041000000",
            "pciefabric tlp decode \"40000001 0000000f fdaff040 12345678\" --json",
            "pciefabric tlp decode --json < tlps.txt | pciefabric tlp encode") { hex, new JsonOption() };
        command.SetAction(context => Run(context, context.Arguments.GetValue(hex), context.Json ? TlpDecoder.WriteJson : TlpDecoder.WriteTables));
        return command;
    }

    private static FabricCommand CreateEncode()
    {
        var json = new Argument<string[]>("JSON") { Description = "TLPs as JSON objects; standard input if there are none", Arity = ArgumentArity.ZeroOrMore };
        var command = new FabricCommand("encode",
            """
            Writes TLPs in hex from their fields, which are named as `tlp decode --json` prints them.

            One JSON object an argument, or one a line on standard input. Left out fields are zero, byte enables all set, the length that of the data.
            """,
            """pciefabric tlp encode '{"type":"CfgRd0","requester":"00:00.0","tag":1,"target":"01:00.0","register":0}'""",
            """pciefabric tlp encode '{"type":"MWr64","requester":"01:00.0","address":"0x380000000000","data":"41000000"}'""") { json };
        command.SetAction(context => Run(context, context.Arguments.GetValue(json), TlpEncoder.WriteHex));
        return command;
    }

    private static ExitCode Run(CommandContext context, string[]? arguments, Action<IEnumerable<InputLine>, TextWriter> write)
    {
        if (arguments is not { Length: > 0 } && context.InputIsTerminal)
            throw new InputException("no TLP given", "as an argument, or one a line on standard input");
        // All or nothing: a wrong line must not leave half an answer behind.
        using var answer = new StringWriter();
        write(InputLine.From(arguments ?? [], context.Input), answer);
        context.Output.Write(answer.ToString());
        return ExitCode.Done;
    }
}
