using PcieFabric.Links;
using PcieFabric.Ports;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Actors.Tests.Fabrics;

/// <summary>What holds of every fabric in which nothing is left to deliver.</summary>
internal static class AtRest
{
    public static void Check(Fabric fabric)
    {
        Assert.Empty(fabric.Engine.Stopped);
        Assert.All(fabric.Hosts, host =>
        {
            Assert.True(host.Value.SoftwareFinished, $"software of {host.Key} waits for what will never happen");
            Assert.All(host.Value.Host.Requesters, r => Assert.True(r.IsIdle, $"a requester of {host.Key} has {r.Outstanding} requests out"));
        });
        Assert.All(fabric.Functions, function => Assert.True(function.Value.Requester.IsIdle, $"{function.Key} has {function.Value.Requester.Outstanding} requests out"));
        CheckTraffic(fabric);
    }

    /// <summary>The part that also holds where software still waits, or a function has failed.</summary>
    public static void CheckTraffic(Fabric fabric)
    {
        Assert.Equal(0, fabric.Engine.PayloadsOutstanding);
        foreach (var (path, port) in fabric.Ports) Check(path, port.Link);
        foreach (var (path, endpoint) in fabric.Endpoints) Check(path, endpoint.Link);
        Assert.Equal(Sum(fabric, l => l.Transmitter.TlpsSent), Sum(fabric, l => l.TlpsReceived));
        foreach (var flowControlClass in Enum.GetValues<FlowControlClass>())
        {
            Assert.Equal(Sum(fabric, l => l.Transmitter.CreditsOut(flowControlClass).Headers), Sum(fabric, l => l.CreditsTaken(flowControlClass).Headers));
            Assert.Equal(Sum(fabric, l => l.Transmitter.CreditsOut(flowControlClass).Data), Sum(fabric, l => l.CreditsTaken(flowControlClass).Data));
        }
    }

    /// <summary>Nothing waits, and of each class enough credits are back for the largest TLP.</summary>
    private static void Check(string path, LinkPort link)
    {
        Assert.Equal(0, link.Transmitter.Waiting);
        foreach (var flowControlClass in Enum.GetValues<FlowControlClass>())
        {
            var granted = link.Link.Credits[flowControlClass];
            var taken = link.Transmitter.CreditsOut(flowControlClass);
            var largest = CreditLimits.LargestPayloadCredits(flowControlClass, link.Link.MaxPayloadSize);
            Assert.True(granted.HasInfiniteHeaders ? taken.Headers == 0 : taken.Headers < granted.Headers, $"{path}: {taken.Headers} of {granted.Headers} {flowControlClass} header credits are out");
            Assert.True(granted.HasInfiniteData ? taken.Data == 0 : taken.Data <= granted.Data - largest, $"{path}: {taken.Data} of {granted.Data} {flowControlClass} data credits are out");
        }
    }

    private static long Sum(Fabric fabric, Func<LinkPort, long> value) => fabric.Ports.Values.Sum(p => value(p.Link)) + fabric.Endpoints.Values.Sum(e => value(e.Link));
}
