namespace PcieFabric.Cli.Tests.Journals;

/// <summary>A test that needs Wireshark's <c>tshark</c>; skipped without it.</summary>
internal sealed class TsharkFactAttribute : FactAttribute
{
    public TsharkFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "tshark")))) Skip = "tshark is not installed (Debian: apt install tshark)";
    }
}
