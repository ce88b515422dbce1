using System.Text.Json;
using PcieFabric.Tlps;

namespace PcieFabric.Cli.Tlps;

/// <summary>
/// A TLP for people: its one-line form, then the fields of its JSON form. Two plain columns need no library for tables, which would take longer to start than all the rest.
/// </summary>
internal static class TlpTable
{
    private const int DwDigits = 8;

    /// <summary>As many as fit a line of 80 columns beside the names.</summary>
    private const int DwsPerLine = 7;

    internal static void Write(in Tlp tlp, TextWriter output)
    {
        using var json = JsonDocument.Parse(TlpJson.Format(tlp));
        var rows = json.RootElement.EnumerateObject()
            .SelectMany(field => field.Name == "data" ? DataRows(field.Value.GetString()!) : [(field.Name, AsText(field.Value))])
            .ToList();
        var nameColumns = rows.Max(row => row.Name.Length);
        output.WriteLine(TlpText.Describe(tlp));
        output.WriteLine();
        foreach (var (name, value) in rows) output.WriteLine($"  {name.PadRight(nameColumns)}  {value}");
        output.WriteLine();
    }

    private static string AsText(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static IEnumerable<(string Name, string Value)> DataRows(string hex) => hex
        .Chunk(DwDigits)
        .Select(digits => new string(digits))
        .Chunk(DwsPerLine)
        .Select((dws, line) => (line == 0 ? "data" : "", string.Join(' ', dws)));
}
