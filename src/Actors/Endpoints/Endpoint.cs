using PcieFabric.Engine;
using PcieFabric.Links;
using PcieFabric.Ports;

namespace PcieFabric.Endpoints;

/// <summary>
/// An endpoint: one link, and behind it the registers and BARs of its functions. What a BAR has memory for it answers itself; the rest,
/// and everything that a function does of its own accord, belongs to the actors that model the functions.
/// </summary>
public sealed class Endpoint : Actor, IPortOwner, ITrainStop
{
    /// <summary>Inlet of the link: TLPs and DLLPs.</summary>
    public const int LinkInlet = 1;

    /// <summary>Inlet of a channel from the endpoint to itself, on which reads wait for their data.</summary>
    public const int ReadInlet = 2;

    private const int FirstModelInlet = 3;

    private readonly DeviceFunctions _device;

    public Endpoint(EndpointSettings settings)
    {
        Link = new LinkPort(this, settings.Link, settings.PartnerCutsThrough);
        _device = new DeviceFunctions(Link, new DeviceTiming(settings.ReadLatency, settings.FunctionLatency), settings.Ari, settings.Functions.Count, settings.Functions.Sum(VirtualModels));
        _device.Install([.. settings.Functions.Select((f, i) => f is null ? null : new Function(f, i))]);
    }

    public LinkPort Link { get; }

    /// <summary>By function number; null where there is none.</summary>
    public IReadOnlyList<Function?> Functions => _device.All;

    /// <summary>Requests that reached no function at all.</summary>
    public PortCounters Counters => _device.Counters;

    /// <param name="place">Of the model: the function's number, and behind those as <see cref="VirtualFunctionSettings.FirstModel"/> says.</param>
    public static int InletOfModel(int place) => FirstModelInlet + place;

    public void ConnectReads(ActorRef reads) => _device.ConnectReads(reads);

    /// <summary>Gives a function the actor that models it.</summary>
    /// <param name="place">As for <see cref="InletOfModel"/>.</param>
    /// <param name="credits">What the endpoint buffers for it, ahead of the link.</param>
    public void ConnectModel(int place, InsideWay toModel, in CreditLimits credits)
    {
        if (place < Functions.Count) Functions[place]!.Model = toModel.Tlps;
        else _device.ConnectVirtualModel(place, toModel.Tlps);
        _device.ConnectSource(place, toModel.Credits, in credits, Link.Link.MaxPayloadSize);
    }

    /// <summary>Functions whose models are made when something first reaches their registers, by <see cref="ConnectModel"/>.</summary>
    /// <inheritdoc cref="Function.LetModelSleep"/>
    internal void LetModelsSleep(int first, int count, Action<int> make)
    {
        for (var number = first; number < first + count; number++) Functions[number]!.LetModelSleep(make);
    }

    protected override void Started() => _device.Attach(Context);

    public override void Receive(ref readonly Message message)
    {
        if (message.Kind == MessageKind.Tlp && message.Inlet == LinkInlet)
        {
            if (Link.Received(in message.Tlp, Context.NowPs)) _device.FromLink(in message.Tlp);
            else message.Tlp.Release(Context.Payloads);
            return;
        }
        ReceiveOther(in message);
    }

    /// <summary>What is no TLP of the link's.</summary>
    private void ReceiveOther(ref readonly Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Tlp or MessageKind.OwnTlp when message.Inlet == ReadInlet:
                _device.AnswerRead(in message.Tlp, holdsCredits: message.Kind == MessageKind.Tlp);
                break;
            case MessageKind.Tlp:
                _device.FromModel(message.Inlet - FirstModelInlet, in message.Tlp);
                break;
            case MessageKind.CreditReturn:
                Link.Returned(message.Read<CreditReturn>(), Context.NowPs);
                break;
            case MessageKind.LinkTraining:
                if (Link.Hear(message.Read<LinkTraining>(), Context.NowPs) is LinkChange.WentDown or LinkChange.HotReset) _device.LinkWentDown();
                break;
            default:
                throw new InvalidOperationException($"Invariant: {Context.Path} got a {message.Kind}");
        }
    }

    bool ITrainStop.TryPass(TrainRoute route, int inlet) =>
        inlet == LinkInlet ? _device.TryEnd(route) : inlet >= FirstModelInlet && _device.TryLetPass(_device.BySource(inlet - FirstModelInlet), inlet - FirstModelInlet, route);

    private static int VirtualModels(FunctionSettings? function) =>
        function is { VirtualFunctions.FirstModel: not null, Layout.SrIov: { } capability } ? capability.Options.TotalVfs : 0;

    void IPortOwner.Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs) =>
        _device.Departed(source, flowControlClass, dataCredits, atPs);
}
