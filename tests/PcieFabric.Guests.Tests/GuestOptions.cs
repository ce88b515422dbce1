namespace PcieFabric.Guests.Tests;

/// <summary>What a guest is started with.</summary>
internal sealed record GuestOptions
{
    /// <summary>vfio-user sockets, each behind a root port of its own, in this order.</summary>
    public IReadOnlyList<string> Sockets { get; init; } = [];

    /// <summary>A processor has some 200 vectors for devices, and the kselftest wants 2048 of one function.</summary>
    public const int CpusForAllVectors = 12;

    public int MemoryMib { get; init; } = 256;

    public int Cpus { get; init; } = 1;

    /// <summary>More of the kernel's command line.</summary>
    public string KernelOptions { get; init; } = "";

    /// <summary>More arguments for QEMU.</summary>
    public IReadOnlyList<string> QemuArguments { get; init; } = [];

    /// <summary>Whether a restart of the guest starts it again, rather than ending it.</summary>
    public bool Restarts { get; init; }

    /// <summary>From the start of QEMU to the first command. A guest is up within 5 s on an idle machine.</summary>
    public TimeSpan BootLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The arguments of <c>tests/Guests/boot</c>.</summary>
    public IEnumerable<string> Arguments(string agent) =>
    [
        .. Sockets.SelectMany(socket => (string[])["--socket", socket]),
        "--agent", agent,
        "--memory", $"{MemoryMib}",
        "--cpus", $"{Cpus}",
        "--append", KernelOptions,
        "--",
        .. Restarts ? (string[])["-action", "reboot=reset"] : [],
        .. QemuArguments,
    ];
}
