using System.Diagnostics;

namespace PcieFabric.Guests.Tests;

/// <summary>QEMU, a kernel and an initramfs: what <c>tests/Guests/kit/provide</c> finds in the cache or builds.</summary>
internal static class GuestKit
{
    private static readonly Lazy<string?> CheckedLack = new(() => Provide("--check").Lack);

    private static readonly Lazy<string?> BuiltLack = new(() => Provide().Lack);

    /// <summary>The script that boots a guest.</summary>
    public static string Boot { get; } = Path.Combine(Repository.Root, "tests/Guests/boot");

    /// <summary>Why there can be no guests here, or null. Takes part of a second and builds nothing, for it is asked while tests are only listed.</summary>
    public static string? Lack => CheckedLack.Value;

    /// <summary>Builds what the cache lacks, which takes minutes the first time.</summary>
    /// <exception cref="InvalidOperationException">It could not be built; the message says why.</exception>
    public static async Task ProvideAsync()
    {
        if (await Task.Run(() => BuiltLack.Value) is { } lack)
            throw new InvalidOperationException(lack);
    }

    private static (string Output, string? Lack) Provide(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "tests/Guests/kit/provide"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var said = errors.Result.TrimEnd().Split('\n')[^1];
        return (output, process.ExitCode == 0 ? null : said.Length > 0 ? said : $"the guest kit ended with exit code {process.ExitCode}");
    }
}
