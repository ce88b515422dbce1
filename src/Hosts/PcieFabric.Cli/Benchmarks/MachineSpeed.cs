namespace PcieFabric.Cli.Benchmarks;

/// <summary>What the machine can do at most, whatever we do: the bound that figures of any machine and any hour are set against.</summary>
/// <param name="MessagesPerSecond">Of 64 bytes, through a queue that nothing else is done with.</param>
/// <param name="BytesPerSecond">Copied by one <c>memcpy</c> after another, over more memory than a cache has.</param>
internal sealed record MachineSpeed(double MessagesPerSecond, double BytesPerSecond);

/// <summary>The machine's speed, twice.</summary>
/// <param name="Sustained">Waiting for a processor included: what a throughput is set against, which waits as much.</param>
/// <param name="Best">Of many moments the best: what a figure is set against that no waiting disturbs.</param>
internal sealed record MachineSpeeds(MachineSpeed Sustained, MachineSpeed Best)
{
    /// <summary>Of a run, from before and after it: what else the machine does meets both.</summary>
    public static MachineSpeeds Around(MachineSpeeds before, MachineSpeeds after) => new(
        new((before.Sustained.MessagesPerSecond + after.Sustained.MessagesPerSecond) / 2, (before.Sustained.BytesPerSecond + after.Sustained.BytesPerSecond) / 2),
        new(Math.Max(before.Best.MessagesPerSecond, after.Best.MessagesPerSecond), Math.Max(before.Best.BytesPerSecond, after.Best.BytesPerSecond)));
}
