using System.Diagnostics;

namespace PcieFabric.Guests.Tests;

/// <summary>How the kit's cache behaves, with parts that take no time to build.</summary>
public sealed class ProvideTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pciefabric-kit").FullName;

    public ProvideTests()
    {
        Directory.CreateDirectory(Path.Combine(Kit, "parts"));
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "tests/Guests/kit")))
            File.Copy(file, Path.Combine(Kit, Path.GetFileName(file)));
        foreach (var part in (string[])["qemu", "kernel", "initramfs"])
        {
            // The copy is executable; what it does is written over.
            File.Copy(Path.Combine(Repository.Root, "tests/Guests/kit/parts", part), Path.Combine(Kit, "parts", part));
            WritePart(part, "");
        }

        // A mirror that answers, for what asks only that.
        Directory.CreateDirectory(Path.Combine(_folder, "mirror/dists/trixie-backports"));
        File.WriteAllText(Path.Combine(_folder, "mirror/dists/trixie-backports/Release"), "Suite: trixie-backports\n");
    }

    private string Kit => Path.Combine(_folder, "kit");

    private string Store => Path.Combine(_folder, "cache/pciefabric/guests");

    [GuestFact]
    public async Task EveryPartIsBuiltOnceAndItsPlaceIsPrinted()
    {
        var first = await ProvideAsync();
        var second = await ProvideAsync();

        Assert.Equal(0, first.ExitCode);
        Assert.Equal(["qemu", "kernel", "initramfs"], first.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0]));
        Assert.All(first.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.True(File.Exists(line.Split('=')[1]), line));
        Assert.Equal((first.Output, ""), (second.Output, second.Error));
        Assert.Equal((1, 1), (Builds("kernel"), Builds("initramfs")));
    }

    [GuestFact]
    public async Task AChangedInitCostsNoKernelAndAChangedKernelCostsBoth()
    {
        await ProvideAsync();
        File.AppendAllText(Path.Combine(Kit, "init"), "# changed\n");
        await ProvideAsync();
        Assert.Equal((1, 2), (Builds("kernel"), Builds("initramfs")));

        File.AppendAllText(Path.Combine(Kit, "kernel.config"), "# changed\n");
        await ProvideAsync();
        Assert.Equal((2, 3), (Builds("kernel"), Builds("initramfs")));
    }

    [GuestFact]
    public async Task TwoThatBuildAtOnceWaitForOneAnother()
    {
        WritePart("kernel", "sleep 0.5");

        var runs = await Task.WhenAll(ProvideAsync(), ProvideAsync(), ProvideAsync());

        Assert.All(runs, run => Assert.Equal((0, runs[0].Output), (run.ExitCode, run.Output)));
        Assert.Equal((1, 1), (Builds("kernel"), Builds("initramfs")));
        Assert.Contains(runs, run => run.Error.Contains("waiting for another process that builds the"));
    }

    [GuestFact]
    public async Task AnInterruptedBuildLeavesNothingThatLooksBuilt()
    {
        WritePart("kernel", "sleep 60");
        using (var interrupted = Start("provide"))
        {
            while (Builds("kernel") == 0)
                await Task.Delay(10);
            interrupted.Kill(entireProcessTree: true);
            await interrupted.WaitForExitAsync();
        }

        Assert.Empty(Directory.GetDirectories(Store, "kernel-*"));
        Assert.Single(Directory.GetDirectories(Store, ".building-kernel.*"));
        WritePart("kernel", "");
        Assert.Equal(0, (await ProvideAsync()).ExitCode);
        Assert.Empty(Directory.GetDirectories(Store, ".building-*"));
    }

    [GuestFact]
    public async Task APartThatCannotBeBuiltSaysWhyAndLeavesNothing()
    {
        WritePart("kernel", ". \"$1/lacks.sh\"; lack 'no flour'");

        var run = await ProvideAsync();

        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.EndsWith("guest kit: no flour\n", run.Error);
        Assert.Empty(Directory.GetDirectories(Store, "kernel-*"));
        Assert.Empty(Directory.GetDirectories(Store, ".building-*"));
    }

    [Fact]
    public async Task WithoutANetworkOneLineSaysWhatIsMissing()
    {
        var run = await ProvideAsync("--check", "http://127.0.0.1:9");

        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.Matches(@"^guest kit: .*: .*\n$|^guest kit: .* missing.*\n$", run.Error);
        Assert.False(Directory.Exists(Store) && Directory.GetDirectories(Store).Length > 0);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A part that counts its builds, does as told, and puts out every file that is asked for.</summary>
    private void WritePart(string part, string script)
    {
        File.WriteAllText(Path.Combine(Kit, "parts", part), $"""
            #!/bin/bash
            set -e
            echo built >>'{_folder}/{part}.builds'
            {script}
            touch out/qemu-system-x86_64 out/bzImage out/initramfs.cpio

            """);
    }

    private int Builds(string part) => Path.Combine(_folder, $"{part}.builds") is var file && File.Exists(file) ? File.ReadAllLines(file).Length : 0;

    private async Task<(string Output, string Error, int ExitCode)> ProvideAsync(string? argument = null, string? mirror = null)
    {
        using var process = Start("provide", argument, mirror);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (output, await error, process.ExitCode);
    }

    private Process Start(string script, string? argument = null, string? mirror = null) =>
        Process.Start(new ProcessStartInfo(Path.Combine(Kit, script), argument is null ? [] : [argument])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["XDG_CACHE_HOME"] = Path.Combine(_folder, "cache"), ["PCIEFABRIC_DEBIAN_MIRROR"] = mirror ?? $"file://{_folder}/mirror" },
        })!;
}
