using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Engine;
using PcieFabric.Links;
using PcieFabric.Ports;
using PcieFabric.Switches;

namespace PcieFabric.Actors.Tests.Switches;

/// <summary>
/// A switch between ends that a test plays. Bus 1 is above it, bus 2 inside, bus 3 below its first downstream port, and so on; each
/// downstream port has a MiB of memory space. It is set up when <see cref="Ready"/> is past.
/// </summary>
internal sealed class SwitchBench : IDisposable
{
    public static readonly SimTime Ready = SimTime.FromMicroseconds(100);

    /// <summary>Base above limit; after reset a window is open from address zero.</summary>
    private const uint ClosedWindow = 0x0000_FFF0;

    private static readonly FunctionIdentity Identity = new(0x10B5, 0x8747, BridgeLayout.ClassCode);

    private readonly BridgePort[] _ports;

    public SwitchBench(LinkSettings up, LinkSettings[] down, SimTime latency, bool cutsThrough = true)
    {
        LinkSettings[] links = [up, .. down];
        Ends = [.. links.Select(link => new LinkEnd(link, cutsThrough))];
        _ports = [.. links.Select((link, i) => MakePort(i, link, links.Length, latency, cutsThrough))];
        for (var i = 0; i < links.Length; i++)
        {
            Engine.Spawn(new Props(new ActorPath($"port{i}"), _ports[i]));
            Engine.Spawn(new Props(new ActorPath($"end{i}"), Ends[i]));
        }
        for (var i = 0; i < links.Length; i++)
        {
            var propagation = links[i].Propagation;
            Ends[i].Connect(Engine.Connect(Ends[i], _ports[i], BridgePort.LinkInlet, propagation), Engine.Connect(Ends[i], _ports[i], BridgePort.LinkInlet, propagation));
            _ports[i].Link.Connect(Engine.Connect(_ports[i], Ends[i], LinkEnd.LinkInlet, propagation), Engine.Connect(_ports[i], Ends[i], LinkEnd.LinkInlet, propagation));
        }
        for (var from = 0; from < links.Length; from++)
        {
            for (var to = 0; to < links.Length; to++)
            {
                if (from == to) continue;
                var way = new InsideWay(
                    Engine.Connect(_ports[from], _ports[to], BridgePort.InletOfPeer(from), latency),
                    Engine.Connect(_ports[from], _ports[to], BridgePort.InletOfPeer(from), new SimTime(1)));
                _ports[from].ConnectPeer(to, way, links[to].Credits, links[to].MaxPayloadSize, links.Length - 1);
            }
        }
        Ends[0].At(SimTime.FromNanoseconds(500), SetUp);
    }

    public DeterministicEngine Engine { get; } = new();

    public LinkEnd[] Ends { get; }

    public LinkEnd Up => Ends[0];

    public IReadOnlyList<BridgePort> Ports => _ports;

    /// <summary>In the memory space of a downstream port, the first being 1.</summary>
    public static ulong AddressBelow(int port) => 0x8000_0000ul + (ulong)(port - 1) * 0x10_0000;

    /// <summary>Of whom a test plays at an end.</summary>
    public static Bdf IdOf(int end) => end == 0 ? new Bdf(0, 0, 0) : new Bdf(2 + end, 0, 0);

    public void At(SimTime afterReady, int end, Action action) => Ends[end].At(Ready + afterReady, action);

    /// <summary>To the end; what set the switch up is forgotten.</summary>
    public void Run()
    {
        Engine.Run(Ready);
        foreach (var end in Ends) end.Received.Clear();
        Engine.Run();
    }

    private static BridgePort MakePort(int number, LinkSettings link, int peers, SimTime latency, bool cutsThrough)
    {
        var settings = new BridgePortSettings
        {
            Layout = new BridgeLayout(number == 0 ? PortType.UpstreamSwitchPort : PortType.DownstreamSwitchPort, Identity),
            Link = link,
            Device = (byte)Math.Max(0, number - 1),
            Peers = peers,
            Latency = latency,
            PartnerCutsThrough = cutsThrough,
        };
        return number == 0 ? new UpstreamPort(settings) : new DownstreamPort(settings);
    }

    private void SetUp()
    {
        var last = Ends.Length - 1;
        Write(0, new Bdf(1, 0, 0), 0x18, (uint)(2 + last << 16 | 0x0201));
        Write(0, new Bdf(1, 0, 0), 0x20, 0x80F0_8000);
        Write(0, new Bdf(1, 0, 0), 0x24, ClosedWindow);
        Write(0, new Bdf(1, 0, 0), 0x04, 0x0106);
        for (var i = 1; i <= last; i++)
        {
            var port = new Bdf(2, i - 1, 0);
            Write(1, port, 0x18, (uint)(2 + i << 16 | 2 + i << 8 | 2));
            Write(1, port, 0x20, (uint)(AddressBelow(i) >> 16 | AddressBelow(i)));
            Write(1, port, 0x24, ClosedWindow);
            Write(1, port, 0x04, 0x0106);
        }
    }

    private void Write(int type, Bdf target, int register, uint value) => Up.Send(Tlp.ConfigWrite(type, IdOf(0), 0, target, register, value));

    public void Dispose() => Engine.Dispose();
}
