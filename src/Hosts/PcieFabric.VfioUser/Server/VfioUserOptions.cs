namespace PcieFabric.VfioUser.Server;

/// <summary>How a function is served.</summary>
public sealed record VfioUserOptions
{
    /// <summary>
    /// How long to look for the next message before sleeping until it comes: answers come sooner by the time that waking a thread takes, for as much work of a
    /// processor. Zero for never. It adapts: a client that has not asked for this long is slept for.
    /// </summary>
    public TimeSpan Poll { get; init; }

    /// <summary>How long a client may take nothing while something waits for it; then it is cut off. QEMU gives us as long to reply.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets a line about each client that comes and leaves, on the thread that serves it.</summary>
    public Action<string>? Log { get; init; }
}
