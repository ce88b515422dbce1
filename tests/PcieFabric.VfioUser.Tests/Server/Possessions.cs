namespace PcieFabric.VfioUser.Tests.Server;

/// <summary>
/// What a server could leave behind in the process: descriptors of the kinds that it makes or is sent, by what /proc says that they are, and mappings of guests' memory. Not counted is
/// what the runtime opens whenever it likes, and keeps: it has a descriptor for each assembly, which it loads when code first needs it, and tests, their host and its timers need some late.
/// </summary>
internal sealed class Possessions
{
    /// <summary>A socket has its number in its name; of event counters and memory there may be more than there were.</summary>
    private static readonly string[] Kinds = ["socket:[", "anon_inode:[eventfd]", GuestMemory];

    private const string GuestMemory = "/memfd:guest";

    /// <summary>A leak is for ever: a slow machine has time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, int> _counts;

    private Possessions(Dictionary<string, int> counts) => _counts = counts;

    public static Possessions Now()
    {
        // Handles that a test dropped are not the server's leaks.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var descriptors = new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Select(LinkOf).Where(link => Kinds.Any(kind => link.StartsWith(kind, StringComparison.Ordinal)));
        var mappings = File.ReadLines("/proc/self/maps").Where(line => line.Contains(GuestMemory, StringComparison.Ordinal)).Select(_ => "mapping of " + GuestMemory);
        return new Possessions(descriptors.Concat(mappings).CountBy(name => name).ToDictionary());
    }

    /// <summary>Nothing is there that was not, soon: a connection's end is noticed by its own thread.</summary>
    public static void AssertBackTo(Possessions before)
    {
        List<string> added = [];
        SpinWait.SpinUntil(() => (added = Now().Beyond(before)).Count == 0, Patience);
        Assert.True(added.Count == 0, $"more than before: {string.Join(", ", added)}");
    }

    /// <summary>What there is more of than there was, in words.</summary>
    public List<string> Beyond(Possessions before) =>
        [.. from one in _counts let more = one.Value - before._counts.GetValueOrDefault(one.Key) where more > 0 select $"{more} × {one.Key}"];

    /// <summary>Whoever closes it meanwhile has it no more.</summary>
    private static string LinkOf(FileSystemInfo descriptor)
    {
        try
        {
            return descriptor.LinkTarget ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
