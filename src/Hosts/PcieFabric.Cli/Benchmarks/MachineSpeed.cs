namespace PcieFabric.Cli.Benchmarks;

/// <summary>What the machine can do at most, whatever we do: the bound that figures of any machine and any hour are set against.</summary>
/// <param name="MessagesPerSecond">Of 64 bytes, through a queue that nothing else is done with.</param>
/// <param name="BytesPerSecond">Copied by one <c>memcpy</c> after another, over more memory than a cache has.</param>
internal sealed record MachineSpeed(double MessagesPerSecond, double BytesPerSecond)
{
    /// <summary>Of a run, from before and after it: what else the machine does meets both.</summary>
    public static MachineSpeed Around(MachineSpeed before, MachineSpeed after) =>
        new((before.MessagesPerSecond + after.MessagesPerSecond) / 2, (before.BytesPerSecond + after.BytesPerSecond) / 2);
}
