using PcieFabric.Cli.Doctor;

namespace PcieFabric.Cli.Tests.Doctor;

/// <summary>A machine that has everything, until a test takes something away.</summary>
internal sealed class PlayedMachine : IMachine
{
    /// <summary>What programs print, by their command line.</summary>
    public Dictionary<string, string> Programs { get; } = new()
    {
        ["dotnet --list-sdks"] = "8.0.100 [/sdk]\n10.0.401 [/sdk]\n9.0.300 [/sdk]\n",
        ["lspci --version"] = "lspci version 3.13.0\n",
        ["tshark --version"] = "Running as user \"root\" and group \"root\". This could be dangerous.\nTShark (Wireshark) 4.4.7 (Git v4.4.7).\n",
        ["qemu-system-x86_64 --version"] = "QEMU emulator version 11.1.3 (Debian 1:11.1.3+ds-1~bpo13+1)\nCopyright (c) 2003-2026\n",
        ["qemu-system-x86_64 -device help"] = "Misc devices:\nname \"vfio-user-pci\", bus PCI, desc \"VFIO over socket PCI device assignment\"\n",
        ["apt-get --version"] = "apt 3.0.3 (amd64)\n",
        ["gcc --version"] = "gcc (Debian 14.2.0-19) 14.2.0\n",
        ["gcc -print-file-name=libc.a"] = "/usr/lib/gcc/x86_64-linux-gnu/14/../../../x86_64-linux-gnu/libc.a\n",
        ["make --version"] = "GNU Make 4.4.1\n",
        ["flex --version"] = "flex 2.6.4\n",
        ["bison --version"] = "bison (GNU Bison) 3.8.2\n",
        ["bc --version"] = "bc 1.07.1\n",
        ["xz --version"] = "xz (XZ Utils) 5.8.1\n",
    };

    /// <summary>Programs that start and never end.</summary>
    public HashSet<string> Hanging { get; } = [];

    public Dictionary<string, long?> Free { get; } = new() { ["/dev/shm"] = 1L << 30, ["/cache"] = 50L << 30 };

    public string? Limits { get; set; } = "Limit                     Soft Limit           Hard Limit           Units\nMax open files            524288               524288               files\n";

    public string? LibelfHeader { get; set; } = "/* Interface for libelf. */\n";

    public bool IsRoot { get; set; } = true;
    public bool Kvm { get; set; } = true;
    public bool Memfd { get; set; } = true;
    public string CacheFolder => "/cache";
    public Version Runtime { get; set; } = new(10, 0, 12);

    public async Task<string?> RunAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        if (Hanging.Contains(program))
            await Task.Delay(Timeout.Infinite, cancellation);
        return Programs.GetValueOrDefault($"{program} {string.Join(' ', arguments)}");
    }

    public string? Read(string path) => path switch
    {
        "/proc/self/limits" => Limits,
        "/usr/include/libelf.h" => LibelfHeader,
        _ => null,
    };

    public bool CanOpen(string device) => device == "/dev/kvm" && Kvm;
    public long? FreeBytes(string path) => Free[path];
    public bool HasMemfd() => Memfd;
}
