using System.Text.RegularExpressions;

namespace PcieFabric.Cli.Profiles;

/// <summary>A method on a sampled stack.</summary>
/// <param name="Name">As a reader knows it: <c>BridgePort.Receive</c>.</param>
/// <param name="Folder">Of ours that it is in, such as <c>Switches</c>; <see cref="DotNet"/> for what is not ours.</param>
internal readonly partial record struct StackFrame(string Name, string Folder)
{
    public const string DotNet = ".NET";

    public bool IsOurs => Folder != DotNet;

    /// <param name="symbol">As the runtime writes it for <c>perf</c>: <c>instance void [Module] Namespace.Type::Method(types)[Tier]</c>; or of native code.</param>
    public static StackFrame Of(string symbol)
    {
        if (Method().Match(symbol) is not { Success: true } method) return new StackFrame(symbol == "[unknown]" ? "runtime" : symbol, DotNet);
        var (space, type, name) = (method.Groups["namespace"].Value, method.Groups["type"].Value, method.Groups["method"].Value);
        var parts = space.Split('.');
        // What the compiler makes of lambdas and of async methods names the method that it was made of.
        if (Made().Match($"{type}::{name}") is { Success: true } made) (type, name) = (type.Split('+')[0], made.Groups[1].Value);
        return new StackFrame($"{Arity().Replace(type, "").Replace('+', '.')}.{name}", parts is ["PcieFabric", var folder, ..] ? folder : DotNet);
    }

    [GeneratedRegex(@"\[[\w.]+\] (?:(?<namespace>[\w.]+)\.)?(?<type>[^\s.\[\]:]+)(?:\[.*\])?::(?<method>[^\s(]+)\(")]
    private static partial Regex Method();

    [GeneratedRegex(@"<(\w+)>")]
    private static partial Regex Made();

    [GeneratedRegex(@"`\d+")]
    private static partial Regex Arity();
}
