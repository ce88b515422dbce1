namespace PcieFabric.Cli.Plots;

/// <summary>Colours that people tell apart who see few of them (Okabe and Ito), a shade darker on white and lighter on black; and dashes once they are used up.</summary>
internal static class SvgPalette
{
    private static readonly (string Light, string Dark)[] Colours =
    [
        ("#0072b2", "#56b4e9"),
        ("#d55e00", "#ff8a3d"),
        ("#00805c", "#2bc99b"),
        ("#b0487f", "#e58fbb"),
        ("#8a6d00", "#f0d25a"),
        ("#4b4fc4", "#a5a8ff"),
        ("#7a5230", "#cfa27a"),
        ("#5c6673", "#aab4c0"),
    ];

    private static readonly string[] Dashes = ["", "7 4", "2 3"];

    /// <summary>Of the colour and dash of a series.</summary>
    public static string ClassOf(int series) => $"c{series % Colours.Length} d{series / Colours.Length % Dashes.Length}";

    public static IEnumerable<string> Rules()
    {
        yield return "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;font-size:12px;fill:#1f2430}";
        yield return ".title{font-size:16px;font-weight:600}.name{font-weight:600}.value{font-size:10px}";
        yield return ".paper{fill:#fff}.axis{stroke:#7b8494;stroke-width:1}.grid{stroke:#e3e6eb;stroke-width:1}.line{fill:none;stroke-width:2}";
        for (var i = 0; i < Colours.Length; i++) yield return $".c{i}{{stroke:{Colours[i].Light};stroke-width:2}}.f{i}{{fill:{Colours[i].Light}}}";
        for (var i = 1; i < Dashes.Length; i++) yield return $".d{i}{{stroke-dasharray:{Dashes[i]}}}";
        yield return "@media(prefers-color-scheme:dark){";
        yield return "text{fill:#dfe3ea}.paper{fill:#14171d}.axis{stroke:#8791a3}.grid{stroke:#2b313c}";
        for (var i = 0; i < Colours.Length; i++) yield return $".c{i}{{stroke:{Colours[i].Dark}}}.f{i}{{fill:{Colours[i].Dark}}}";
        yield return "}";
    }

    /// <summary>Of the inside of marks and bars.</summary>
    public static string FillOf(int series) => $"f{series % Colours.Length}";
}
