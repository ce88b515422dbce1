using System.Globalization;
using System.Text.RegularExpressions;

namespace PcieFabric.Cli.Doctor;

/// <summary>Everything that some part of our work needs of a machine, the indispensable first.</summary>
internal static partial class Requirements
{
    private const int DotnetMajor = 10;
    private const long MiB = 1L << 20, GiB = 1L << 30;

    /// <summary>The first QEMU that has the <c>vfio-user-pci</c> device.</summary>
    private static readonly Version QemuWithVfioUser = new(10, 1);

    /// <summary>A guest with 64 functions holds a socket, memory and up to 32 interrupt descriptors for each.</summary>
    private const long LeastOpenFiles = 4096;

    /// <summary>A fabric with real shared memory keeps BARs and host memory there.</summary>
    private const long LeastSharedMemory = 64 * MiB;

    /// <summary>A kernel while it is built, QEMU and a root file system.</summary>
    private const long LeastCache = 4 * GiB;

    public static IReadOnlyList<Requirement> All { get; } =
    [
        new("dotnet", "running everything", "https://dot.net/download, or 'apt-get install dotnet-runtime-10.0'", Runtime) { Always = true },
        new("sdk", "building from source, tests", "https://dot.net/download, or 'apt-get install dotnet-sdk-10.0'", Sdk),
        new("lspci", "reading what 'tree --dump' writes", "apt-get install pciutils", Tool("lspci", ["--version"])),
        new("tshark", "looking into exported pcapng files", "apt-get install tshark", Tool("tshark", ["--version"])),
        new("qemu", "Linux guests over vfio-user", "tests/Guests/kit/provide fetches one for guests; or apt-get install -t trixie-backports qemu-system-x86 (Debian 13)", Qemu),
        new("kvm", "fast guests; without it they are emulated", "modprobe kvm_intel (or kvm_amd), and join the group 'kvm'", Kvm),
        new("memfd", "memory shared with guests and processes", "Linux 3.17 or newer", Memfd),
        new("shm", "shared memory that has a name", "mount -o remount,size=1G /dev/shm", Shm),
        new("files", "many devices in one process", "ulimit -n 65536", OpenFiles),
        new("guest-kit", "building a kernel and a root file system for guests", GuestTools.Remedy, GuestTools.Probe),
        new("cache", "keeping guest kernels and images", "free some space, or set XDG_CACHE_HOME to a folder on another disk", Cache),
    ];

    private static Task<Finding> Runtime(IMachine machine, CancellationToken cancellation) => Task.FromResult(
        machine.Runtime.Major >= DotnetMajor ? Finding.Has(machine.Runtime.ToString()) : Finding.Lacks($"{machine.Runtime} is older than {DotnetMajor}"));

    private static async Task<Finding> Sdk(IMachine machine, CancellationToken cancellation)
    {
        var listed = await machine.RunAsync("dotnet", ["--list-sdks"], cancellation) ?? "";
        var versions = VersionAtLineStart().Matches(listed).Select(match => Version.Parse(match.Value)).Order().ToList();
        return versions switch
        {
            [] => Finding.Lacks("not found"),
            [.., var newest] when newest.Major < DotnetMajor => Finding.Lacks($"{newest} is older than {DotnetMajor}"),
            [.., var newest] => Finding.Has(newest.ToString()),
        };
    }

    private static Func<IMachine, CancellationToken, Task<Finding>> Tool(string program, string[] arguments) => async (machine, cancellation) =>
        await machine.RunAsync(program, arguments, cancellation) is not { } printed ? Finding.Lacks("not found")
        : VersionIn(printed) is { } version ? Finding.Has(version)
        : Finding.Lacks($"it starts, but prints no version: {FirstLine(printed)}");

    private static async Task<Finding> Qemu(IMachine machine, CancellationToken cancellation)
    {
        const string program = "qemu-system-x86_64";
        if (await machine.RunAsync(program, ["--version"], cancellation) is not { } printed)
            return Finding.Lacks("not found");
        if (VersionIn(printed) is not { } version)
            return Finding.Lacks($"it starts, but prints no version: {FirstLine(printed)}");
        if (Version.Parse(version) < QemuWithVfioUser)
            return Finding.Lacks($"{version} is older than {QemuWithVfioUser}");
        var devices = await machine.RunAsync(program, ["-device", "help"], cancellation) ?? "";
        return devices.Contains("\"vfio-user-pci\"", StringComparison.Ordinal)
            ? Finding.Has($"{version} with vfio-user-pci")
            : Finding.Lacks($"{version} was built without vfio-user-pci");
    }

    private static Task<Finding> Kvm(IMachine machine, CancellationToken cancellation) => Task.FromResult(
        machine.CanOpen("/dev/kvm") ? Finding.Has("/dev/kvm opens") : Finding.Lacks("/dev/kvm does not open"));

    private static Task<Finding> Memfd(IMachine machine, CancellationToken cancellation) => Task.FromResult(
        machine.HasMemfd() ? Finding.Has("works") : Finding.Lacks("memfd_create fails"));

    private static Task<Finding> Shm(IMachine machine, CancellationToken cancellation) => Task.FromResult(Room(machine, "/dev/shm", LeastSharedMemory));

    private static Task<Finding> Cache(IMachine machine, CancellationToken cancellation) => Task.FromResult(Room(machine, machine.CacheFolder, LeastCache));

    private static Task<Finding> OpenFiles(IMachine machine, CancellationToken cancellation)
    {
        var limits = machine.Read("/proc/self/limits") ?? "";
        var soft = OpenFilesLimit().Match(limits).Groups[1].Value;
        return Task.FromResult(
            soft == "unlimited" ? Finding.Has(soft)
            : !long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var files) ? Finding.Lacks("the limit cannot be read")
            : files < LeastOpenFiles ? Finding.Lacks($"{files} open files, fewer than {LeastOpenFiles}")
            : Finding.Has($"{files} open files"));
    }

    private static Finding Room(IMachine machine, string folder, long least) => machine.FreeBytes(folder) switch
    {
        null => Finding.Lacks($"{folder}: no such folder"),
        { } free when free < least => Finding.Lacks($"{folder}: {Size(free)} free, less than {Size(least)}"),
        { } free => Finding.Has($"{folder}: {Size(free)} free"),
    };

    private static string Size(long bytes) => bytes < GiB ? $"{bytes / MiB} MiB" : $"{bytes / (double)GiB:0.#} GiB";

    private static string? VersionIn(string printed) => AnyVersion().Match(printed) is { Success: true } match ? match.Value : null;

    private static string FirstLine(string printed) => printed.AsSpan().Trim().ToString().Split('\n')[0];

    [GeneratedRegex(@"\d+(\.\d+){1,3}")]
    private static partial Regex AnyVersion();

    [GeneratedRegex(@"^\d+\.\d+\.\d+", RegexOptions.Multiline)]
    private static partial Regex VersionAtLineStart();

    [GeneratedRegex(@"^Max open files\s+(\d+|unlimited)", RegexOptions.Multiline)]
    private static partial Regex OpenFilesLimit();
}
