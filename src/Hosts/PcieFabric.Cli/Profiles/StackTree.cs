namespace PcieFabric.Cli.Profiles;

/// <summary>Sampled stacks, put together where they begin alike.</summary>
internal sealed class StackTree
{
    private readonly Dictionary<StackFrame, StackTree> _callees = [];

    private StackTree(StackFrame frame) => Frame = frame;

    public StackFrame Frame { get; }

    /// <summary>With this frame, whatever it called.</summary>
    public int Samples { get; private set; }

    /// <summary>In this frame itself.</summary>
    public int Own => Samples - _callees.Values.Sum(callee => callee.Samples);

    /// <summary>The costliest first, then by name.</summary>
    public IEnumerable<StackTree> Callees => _callees.Values.OrderByDescending(callee => callee.Samples).ThenBy(callee => callee.Frame.Name, StringComparer.Ordinal);

    /// <summary>Levels that have a frame of at least that many samples.</summary>
    public int DepthOf(double samples) => Samples < samples ? 0 : 1 + _callees.Values.Select(callee => callee.DepthOf(samples)).DefaultIfEmpty().Max();

    /// <summary>
    /// Of the stacks that have a frame of this name, what it called. Frames of .NET between ours are left out, since they say only how one of our methods
    /// came to call another; the innermost stays.
    /// </summary>
    /// <param name="stacks">Outermost frame first.</param>
    /// <returns>Null where no stack has that frame.</returns>
    public static StackTree? Below(string name, IEnumerable<IReadOnlyList<StackFrame>> stacks)
    {
        StackTree? root = null;
        foreach (var stack in stacks)
        {
            var start = stack.ToList().FindIndex(frame => frame.Name == name);
            if (start < 0) continue;
            root ??= new StackTree(stack[start]);
            root.Add(stack.Skip(start + 1).Where((frame, i) => frame.IsOurs || start + 1 + i == stack.Count - 1));
        }
        return root;
    }

    /// <summary>Samples by the folder of the innermost frame, most first.</summary>
    public IReadOnlyList<(string Folder, int Samples)> OwnByFolder() =>
    [
        .. All().GroupBy(tree => tree.Frame.Folder)
            .Select(folder => (Folder: folder.Key, Samples: folder.Sum(tree => tree.Own)))
            .OrderByDescending(folder => folder.Samples).ThenBy(folder => folder.Folder, StringComparer.Ordinal),
    ];

    private IEnumerable<StackTree> All() => _callees.Values.SelectMany(callee => callee.All()).Prepend(this);

    private void Add(IEnumerable<StackFrame> callees)
    {
        var at = this;
        at.Samples++;
        foreach (var frame in callees)
        {
            // The same method compiled better, or by itself: one box.
            if (frame == at.Frame) continue;
            if (!at._callees.TryGetValue(frame, out var callee)) at._callees.Add(frame, callee = new StackTree(frame));
            at = callee;
            at.Samples++;
        }
    }
}
