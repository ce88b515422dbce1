using System.Text.Json;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Doctor;
using PcieFabric.Cli.Tests.CommandLine;

namespace PcieFabric.Cli.Tests.Doctor;

public class DoctorTests
{
    private const string Qemu = "qemu-system-x86_64";

    private readonly PlayedMachine _machine = new();

    [Fact]
    public async Task AMachineWithEverythingPassesEveryRequirement()
    {
        var run = await Doctor(new PlayedMachine(), "--require", string.Join(',', Requirements.All.Select(requirement => requirement.Name)));

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Empty(run.Error);
    }

    [Theory]
    [InlineData("dotnet", "10.0.12")]
    [InlineData("sdk", "10.0.401")]
    [InlineData("lspci", "3.13.0")]
    [InlineData("tshark", "4.4.7")]
    [InlineData("qemu", "11.1.3 with vfio-user-pci")]
    [InlineData("files", "524288 open files")]
    [InlineData("guest-kit", "all tools")]
    [InlineData("cache", "/cache: 50 GiB free")]
    [InlineData("shm", "/dev/shm: 1 GiB free")]
    public async Task WhatIsFoundIsNamedWithItsVersion(string name, string detail) =>
        Assert.Equal(Finding.Has(detail), await Examine(name));

    [Fact]
    public async Task AnOldRuntimeAloneFailsTheDefaultExamination()
    {
        _machine.Runtime = new Version(9, 0, 4);

        var run = await Doctor(_machine);

        Assert.Equal(ExitCode.EnvironmentLacks, run.ExitCode);
        Assert.Equal("doctor: this machine lacks dotnet\n", run.Error);
    }

    [Fact]
    public async Task AMachineWithNothingIsStillGoodForTheDefaultWork()
    {
        _machine.Programs.Clear();
        (_machine.IsRoot, _machine.Kvm, _machine.Memfd, _machine.Limits) = (false, false, false, null);
        _machine.Free["/dev/shm"] = _machine.Free["/cache"] = null;

        var run = await Doctor(_machine, "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        using var report = JsonDocument.Parse(run.Output);
        Assert.True(report.RootElement.GetProperty("ready").GetBoolean());
        var found = report.RootElement.GetProperty("requirements").EnumerateArray()
            .Where(entry => entry.GetProperty("found").GetBoolean()).Select(entry => entry.GetProperty("name").GetString());
        Assert.Equal(["dotnet"], found);
    }

    [Fact]
    public async Task ARequiredToolThatIsMissingIsExitCodeThreeAndSaysHowToGetIt()
    {
        _machine.Programs.Remove("lspci --version");

        var run = await Doctor(_machine, "--require", "lspci,qemu");

        Assert.Equal(ExitCode.EnvironmentLacks, run.ExitCode);
        Assert.Equal("doctor: this machine lacks lspci\n", run.Error);
        Assert.Contains("apt-get install pciutils", run.Output);
    }

    [Fact]
    public async Task WithJsonTheReportIsOneObjectAlsoWhereSomethingIsMissing()
    {
        _machine.Programs.Remove("lspci --version");

        var run = await Doctor(_machine, "--require", "lspci", "--json");

        Assert.Equal(ExitCode.EnvironmentLacks, run.ExitCode);
        using var report = JsonDocument.Parse(run.Output);
        Assert.False(report.RootElement.GetProperty("ready").GetBoolean());
        var lspci = report.RootElement.GetProperty("requirements").EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == "lspci");
        Assert.True(lspci.GetProperty("required").GetBoolean());
        Assert.Equal("not found", lspci.GetProperty("detail").GetString());
        Assert.Equal(["name", "required", "found", "detail", "purpose", "remedy"], lspci.EnumerateObject().Select(property => property.Name));
    }

    [Theory]
    [InlineData("qmu", "--require: unknown name 'qmu' (did you mean 'qemu'?)")]
    [InlineData("lspci,frobnicator", "--require: unknown name 'frobnicator' (known: dotnet, sdk, lspci")]
    public async Task AnUnknownNameIsWrongInput(string names, string explanation)
    {
        var run = await Doctor(_machine, "--require", names);

        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.StartsWith(explanation, run.Error);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task AToolThatHangsIsGivenUpAfterTheLimit()
    {
        _machine.Hanging.Add("tshark");

        var run = await Doctor(_machine, "--require", "tshark");

        Assert.Equal(ExitCode.EnvironmentLacks, run.ExitCode);
        Assert.Contains("no answer within 0.2 s", run.Output);
    }

    [Theory]
    [InlineData("QEMU emulator version 7.2.17 (Debian 1:7.2+dfsg-7)", "7.2.17 is older than 10.1")]
    [InlineData("QEMU emulator version 10.0.2", "10.0.2 is older than 10.1")]
    [InlineData("cannot start", "it starts, but prints no version: cannot start")]
    public async Task AQemuThatWillNotDoSaysWhy(string version, string reason)
    {
        _machine.Programs[Qemu + " --version"] = version;

        Assert.Equal(Finding.Lacks(reason), await Examine("qemu"));
    }

    [Fact]
    public async Task AQemuBuiltWithoutVfioUserWillNotDo()
    {
        _machine.Programs[Qemu + " -device help"] = "name \"vfio-pci\", bus PCI, desc \"VFIO-based PCI device assignment\"\n";

        Assert.Equal(Finding.Lacks("11.1.3 was built without vfio-user-pci"), await Examine("qemu"));
    }

    [Theory]
    [InlineData("Max open files            1024                 4096                 files", "1024 open files, fewer than 4096")]
    [InlineData("nothing that we know", "the limit cannot be read")]
    public async Task TooFewOpenFilesAreSaidInNumbers(string limits, string reason)
    {
        _machine.Limits = limits;

        Assert.Equal(Finding.Lacks(reason), await Examine("files"));
    }

    [Theory]
    [InlineData(true, true, "root, who installs flex, xz-utils, libelf-dev, libc6-dev")]
    [InlineData(false, false, "no flex, xz-utils, libelf-dev, libc6-dev")]
    public async Task MissingToolsOfTheGuestKitAreNamedAndRootInstallsThem(bool root, bool found, string detail)
    {
        _machine.Programs.Remove("flex --version");
        _machine.Programs.Remove("xz --version");
        _machine.Programs["gcc -print-file-name=libc.a"] = "libc.a\n";
        (_machine.IsRoot, _machine.LibelfHeader) = (root, null);

        Assert.Equal(new Finding(found, detail), await Examine("guest-kit"));
    }

    [Fact]
    public async Task WithoutAptGetThereIsNoGuestKitEvenForRoot()
    {
        _machine.Programs.Remove("apt-get --version");

        Assert.Equal(Finding.Lacks("no apt-get: the kit is made from Debian packages"), await Examine("guest-kit"));
    }

    [Fact]
    public async Task AFullCacheDiskIsSaidInNumbers()
    {
        _machine.Free["/cache"] = 300L << 20;

        Assert.Equal(Finding.Lacks("/cache: 300 MiB free, less than 4 GiB"), await Examine("cache"));
    }

    [Fact]
    public async Task AnSdkOfAnOlderReleaseWillNotDo()
    {
        _machine.Programs["dotnet --list-sdks"] = "8.0.100 [/sdk]\n9.0.300 [/sdk]\n";

        Assert.Equal(Finding.Lacks("9.0.300 is older than 10"), await Examine("sdk"));
    }

    [Fact]
    public async Task ThisMachineAnswersEveryProbeWithinItsLimit()
    {
        var run = await CommandRun.Of("doctor", "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.DoesNotContain("no answer", run.Output);
    }

    [Fact]
    public async Task ThisMachineEndsAProgramThatNobodyWaitsForAnyMore()
    {
        var folder = Directory.CreateTempSubdirectory("pciefabric-test");
        var pidFile = Path.Combine(folder.FullName, "pid");
        using var limit = new CancellationTokenSource();
        var running = new ThisMachine().RunAsync("sh", ["-c", $"echo $$ >'{pidFile}.new'; mv '{pidFile}.new' '{pidFile}'; exec sleep 60"], limit.Token);
        await Until(() => File.Exists(pidFile));
        var process = $"/proc/{File.ReadAllText(pidFile).Trim()}";
        Assert.True(Directory.Exists(process));

        await limit.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Until(() => !Directory.Exists(process));
        folder.Delete(recursive: true);
    }

    private static async Task Until(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 6000, "waited a minute in vain");
            await Task.Delay(10);
        }
    }

    private Task<Finding> Examine(string name) =>
        Requirements.All.Single(requirement => requirement.Name == name).ExamineAsync(_machine, TimeSpan.FromSeconds(5), CancellationToken.None);

    private static Task<CommandRun> Doctor(PlayedMachine machine, params string[] args) =>
        CommandRun.Of(new PcieFabricCommand(DoctorCommand.Create(machine, TimeSpan.FromMilliseconds(200))), ["doctor", .. args]);
}
