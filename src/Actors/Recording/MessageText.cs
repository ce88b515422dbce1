using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.EndpointControllers;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.Gateways;
using PcieFabric.InterruptControllers;
using PcieFabric.Iommus;
using PcieFabric.LocalDevices;
using PcieFabric.Ports;

namespace PcieFabric.Recording;

/// <summary>A message in one line for people: a TLP as <see cref="TlpText"/> has it, and what the other kinds say.</summary>
public static class MessageText
{
    public static string Describe(in Message message) => message.Kind switch
    {
        MessageKind.Tlp => TlpText.Describe(in message.Tlp) + TailOf(in message),
        MessageKind.OwnTlp => $"own {TlpText.Describe(in message.Tlp)}",
        MessageKind.RefusedTlp => $"refused as {(UncorrectableError)message.Detail}: {TlpText.Describe(in message.Tlp)}",
        MessageKind.CreditReturn => Describe(message.Read<CreditReturn>()),
        MessageKind.Timer => Describe(message.Read<Engine.Timer>()),
        MessageKind.RouteUpdate => Describe(message.Read<Route>()),
        MessageKind.Interrupt => Describe(message.Read<Interrupt>()),
        MessageKind.FunctionState => Describe(message.Read<FunctionState>()),
        MessageKind.HotReset => "hot reset",
        MessageKind.LinkTraining => Describe(message.Read<LinkTraining>()),
        MessageKind.ControllerCall => $"controller call {message.Read<ControllerCall>()}",
        MessageKind.ControllerReply => $"controller reply {message.Read<ControllerReply>()}",
        MessageKind.ControllerEvent => $"controller event {message.Read<ControllerEvent>().Kind}",
        MessageKind.DeviceRequestRefused => Describe(message.Read<DeviceRequest>()),
        MessageKind.IommuCommand => Describe(message.Read<IommuCommand>()),
        MessageKind.Input => $"input {message.Read<GatewayInput>()}",
        MessageKind.IommuReport => Describe(message.Read<IommuReport>()),
        _ => $"{message.Kind}",
    };

    private static string TailOf(in Message message) => message.Detail == 0 ? "" : $" +{message.Detail}";

    private static string Describe(CreditReturn credits) => $"credits {credits.FlowControlClass} headers={credits.Headers} data={credits.Data}";

    private static string Describe(Engine.Timer timer) => $"timer {timer.Id} argument=0x{timer.Argument:x}";

    private static string Describe(Route route)
    {
        var prefetchable = new AddressRange(route.PrefetchableBase, route.PrefetchableSize);
        var io = new AddressRange(route.IoBase, route.IoSize);
        return $"route buses {route.SecondaryBus:x2}-{route.SubordinateBus:x2} memory {route.Memory} prefetchable {prefetchable} io {io} mps={route.MaxPayloadSize}{(route.Legacy == default ? "" : $" {route.Legacy.Decodes}")}";
    }

    private static string Describe(LinkTraining training) => training.IsReady
        ? $"link ready, attempt {training.Attempt}{(training.InReplyTo > 0 ? $" in reply to {training.InReplyTo}" : "")}"
        : $"link {(training.IsHotReset ? "hot reset" : "down")}, attempt {training.Attempt}";

    private static string Describe(DeviceRequest request) => $"refused a write of channel {request.Channel} for function {request.Function}";

    private static string Describe(Interrupt interrupt) => interrupt.IsLine
        ? $"interrupt line {interrupt.Vector} {(interrupt.Asserted ? "asserted" : "deasserted")}"
        : $"interrupt vector {interrupt.Vector}";

    private static string Describe(IommuCommand command)
    {
        var pasid = command.Pasid == DeviceId.NoPasid ? "" : $" pasid=0x{command.Pasid:x}";
        return command.Operation switch
        {
            IommuOperation.Attach or IommuOperation.Detach => $"iommu #{command.Sequence} {command.Operation} {command.Device}{pasid} domain={command.Domain} ats={command.InvalidateDepth}",
            IommuOperation.Map => $"iommu #{command.Sequence} Map {command.Range} to 0x{command.Address:x} {command.Permissions} domain={command.Domain}",
            IommuOperation.Unmap or IommuOperation.Invalidate => $"iommu #{command.Sequence} {command.Operation} {command.Range} domain={command.Domain}",
            _ => $"iommu #{command.Sequence} {command.Operation}",
        };
    }

    private static string Describe(IommuReport report)
    {
        var fault = report.Fault;
        var taken = fault.Kind == IommuFaultKind.None ? "" : $" fault {fault.Kind} {fault.Device} {(fault.IsWrite ? "write" : "read")} 0x{fault.Address:x} at {fault.Time}";
        return $"iommu #{report.Sequence} {report.Status} bytes=0x{report.Bytes:x}{taken}";
    }

    private static string Describe(FunctionState state) =>
        $"function {state.Id} mps={state.MaxPayloadBytes} mrrs={state.MaxReadRequestBytes} tags={state.TagBits}{(state.MayInitiate ? " master" : "")}{(state.WasReset ? " reset" : "")}";
}
