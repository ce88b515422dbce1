namespace PcieFabric.Cli.Benchmarks;

/// <summary>Which of the machine's bounds a figure is set against, by its unit; and what it costs in that bound's terms, where less is always better.</summary>
internal static class MachineBound
{
    /// <summary>Null where no machine bounds it: bytes and counts are the same everywhere.</summary>
    public static string? Of(string unit) => unit switch
    {
        "1/s" or "messages/s" or "ns" or "µs" or "ms" or "s" => "queue",
        "GB/s" => "memcpy",
        _ => null,
    };

    /// <summary>Messages of the bare queue, or copies of as many bytes, in the time that the figure speaks of. Without a bound the figure itself, or its inverse where more is better.</summary>
    public static double Cost(Figure figure, MachineSpeed speed)
    {
        if (figure is { MoreIsBetter: true, Value: <= 0 }) throw new InvalidOperationException($"Invariant: '{figure.Name}' is measured, so it is more than {figure.Value}");
        return figure.Unit switch
        {
            "1/s" or "messages/s" => speed.MessagesPerSecond / figure.Value,
            "ns" => figure.Value * 1e-9 * speed.MessagesPerSecond,
            "µs" => figure.Value * 1e-6 * speed.MessagesPerSecond,
            "ms" => figure.Value * 1e-3 * speed.MessagesPerSecond,
            "s" => figure.Value * speed.MessagesPerSecond,
            "GB/s" => speed.BytesPerSecond / (figure.Value * 1e9),
            _ => figure.MoreIsBetter == true ? 1 / figure.Value : figure.Value,
        };
    }
}
