using System.Diagnostics;

namespace PcieFabric.Guests.Tests.Attached;

/// <summary>The <c>pciefabric</c> command as it was built with these tests, in a process of its own.</summary>
internal static class PcieFabricCommand
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "pciefabric.dll");

    public static Process Start(params IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo("dotnet", [Program, .. arguments])
    {
        WorkingDirectory = Repository.Root,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    /// <summary>What a command that succeeds prints.</summary>
    public static async Task<string> OutputOfAsync(params IEnumerable<string> arguments)
    {
        using var process = Start(arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"pciefabric ended with exit code {process.ExitCode}:\n{output}{await error}");
        return output;
    }
}
