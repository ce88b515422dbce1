namespace PcieFabric.Cli.CommandLine;

/// <summary>What the command tells the shell. Scripts rely on these: a value keeps its meaning for good.</summary>
internal enum ExitCode
{
    /// <summary>Done, and every check met.</summary>
    Done = 0,

    /// <summary>The run itself went well, but a check of the experiment was not met, or a replay diverged.</summary>
    NotMet = 1,

    /// <summary>Something that a person wrote is wrong: an option, a file, a line of hex.</summary>
    WrongInput = 2,

    /// <summary>The machine lacks something: a tool, a device, room on a disk.</summary>
    EnvironmentLacks = 3,

    /// <summary>Our own bug; the value that sysexits.h calls EX_SOFTWARE.</summary>
    Bug = 70,

    /// <summary>Ended by Ctrl-C: 128 + SIGINT, as shells report it.</summary>
    Interrupted = 130,

    /// <summary>Nobody reads standard output any more (<c>| head</c>): 128 + SIGPIPE, what other tools end with.</summary>
    OutputClosed = 141,

    /// <summary>Ended by a supervisor: 128 + SIGTERM.</summary>
    Terminated = 143,
}
