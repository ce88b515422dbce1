using PcieFabric.Requests;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.RootComplexes;

/// <summary>A host's configuration accesses to one hierarchy, as its ECAM would turn them into configuration requests (PCIe 6.0 section 7.2.2).</summary>
public sealed class ConfigurationAccess(Host host, Requester requester) : IConfigurationAccess
{
    private static readonly SimTime RetryDelay = SimTime.FromMilliseconds(1);

    /// <summary>How often a function may ask to be asked again: for the second that it has after a reset (PCIe 6.0 section 6.6.1).</summary>
    private const int MostRetries = 1000;

    /// <returns>All ones where no function answers, as on a PC.</returns>
    public async ValueTask<uint> ReadAsync(Bdf function, int registerOffset)
    {
        for (var attempt = 0; attempt <= MostRetries; attempt++)
        {
            var result = await requester.SendAsync(Tlp.ConfigRead(1, requester.Id, 0, function, registerOffset));
            if (result.Status != CompletionStatus.RequestRetryStatus) return result.IsSuccess ? (uint)result.Value : uint.MaxValue;
            await host.DelayAsync(RetryDelay);
        }
        return uint.MaxValue;
    }

    public async ValueTask WriteAsync(Bdf function, int registerOffset, uint value, byte byteEnables = 15) =>
        await requester.SendAsync(Tlp.ConfigWrite(1, requester.Id, 0, function, registerOffset, value, byteEnables));
}
