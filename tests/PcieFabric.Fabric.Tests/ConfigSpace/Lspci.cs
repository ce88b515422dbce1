using System.Diagnostics;
using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

/// <summary>The installed lspci, reading our dump.</summary>
internal static class Lspci
{
    private const string Program = "/usr/bin/lspci";

    public static bool IsInstalled => File.Exists(Program);

    /// <summary>What <c>lspci -F dump -vvv -n</c> says, which does not depend on the ID database; fails if lspci complains.</summary>
    public static string Decode(params (Bdf Id, ConfigSpace Space)[] functions)
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var writer = new StreamWriter(path))
                foreach (var (id, space) in functions) LspciDump.Write(writer, id, space);
            return Read(path, "-vvv", "-n");
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>What <c>lspci -F dump</c> says; fails if lspci complains.</summary>
    public static string Read(string dump, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Program, ["-F", dump, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        // The machine may have no kernel modules to name drivers from; that says nothing of the dump.
        Assert.DoesNotContain(errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => !line.Contains("libkmod"));
        Assert.Equal(0, process.ExitCode);
        return text;
    }

    /// <summary>Nothing that lspci could not make sense of. It decodes no vendor's own structure, and says so with the length: these lines alone are let through.</summary>
    public static void AssertUnderstood(string text)
    {
        foreach (var line in text.Split('\n').Where(l => !l.Contains("Vendor Specific Information: Len=") && !l.Contains("Designated Vendor-Specific:")))
            foreach (var complaint in (string[])["<?>", "unknown", "Unknown", "broken", "#ff", "access denied", "!!!", "rror in", "Reserved"])
                Assert.False(line.Contains(complaint), $"'{complaint}' in: {line}");
    }
}
