using System.Text.Json;
using PcieFabric.Tlps;
using Spectre.Console;

namespace PcieFabric.Cli.Tlps;

/// <summary>A TLP for people: its one-line form, then the fields of its JSON form.</summary>
internal static class TlpTable
{
    private const int DwDigits = 8;

    internal static void Write(in Tlp tlp, TextWriter output)
    {
        var table = new Table { Border = TableBorder.Simple, ShowHeaders = false };
        table.AddColumn("field");
        table.AddColumn("value");
        using var fields = JsonDocument.Parse(TlpJson.Format(tlp));
        foreach (var field in fields.RootElement.EnumerateObject())
            table.AddRow(new Text(field.Name), new Text(field.Name == "data" ? InDwords(field.Value.GetString()!) : AsText(field.Value)));
        if (TlpRules.Check(tlp, new TlpLimits(Limits.MaxPayloadBytes)) is var violation && violation != TlpViolation.None)
            table.AddRow(new Text("malformed"), new Text(violation.ToString()));
        output.WriteLine(TlpText.Describe(tlp));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Write(table);
    }

    private static string AsText(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string InDwords(string hex) => string.Join(' ', hex.Chunk(DwDigits).Select(digits => new string(digits)));
}
