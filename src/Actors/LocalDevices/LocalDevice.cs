using System.Buffers.Binary;
using PcieFabric.Engine;

namespace PcieFabric.LocalDevices;

/// <summary>
/// A device beside an endpoint controller, on the local bus of its endpoint: registers that the endpoint's processor reaches at local addresses, and the host
/// through a BAR that is mapped there. Registers are DWs; wider accesses come as several, in the order of their addresses.
/// </summary>
public abstract class LocalDevice : Actor
{
    /// <summary>Inlet of the channel from the controller.</summary>
    public const int BusInlet = 1;

    private readonly long _latencyPs;
    private ActorRef? _controller;

    /// <param name="latency">From an access to its completion.</param>
    protected LocalDevice(SimTime latency) => _latencyPs = latency.Picoseconds;

    public void ConnectController(ActorRef controller) => _controller = controller;

    /// <param name="offset">In the device's slot, a multiple of four.</param>
    protected abstract uint ReadRegister(LocalAccess access, uint offset);

    /// <inheritdoc cref="ReadRegister"/>
    /// <param name="byteEnables">Bit 0 for the byte at <paramref name="offset"/>.</param>
    protected abstract void WriteRegister(LocalAccess access, uint offset, uint value, int byteEnables);

    public override void Receive(ref readonly Message message)
    {
        if (message.Kind != MessageKind.Tlp || message.Inlet != BusInlet) throw new InvalidOperationException($"Invariant: {Context.Path} got a {message.Kind}");
        var access = new LocalAccess(message.Detail);
        ref readonly var request = ref message.Tlp;
        if (request.HasData) Write(access, in request);
        else Read(access, in request);
        request.Release(Context.Payloads);
    }

    private void Write(LocalAccess access, ref readonly Tlp request)
    {
        for (var i = 0; i < request.LengthDw; i++)
        {
            var enables = i == 0 ? request.FirstBe : i == request.LengthDw - 1 ? request.LastBe : 15;
            if (enables != 0) WriteRegister(access, access.Offset + (uint)i * 4, BinaryPrimitives.ReadUInt32LittleEndian(request.Payload[(i * 4)..]), enables);
        }
    }

    private void Read(LocalAccess access, ref readonly Tlp request)
    {
        // The smallest Max_Payload_Size is right for every requester.
        foreach (var part in new CompletionSplitter(in request, 128, 128))
        {
            var completion = Tlp.CompletionWithData(in request, request.Requester, part.OffsetDw, part.LengthDw, Context.Payloads);
            // A zero-length read only asks whether all before it has arrived; it must not have the effects of one.
            for (var i = 0; i < part.LengthDw; i++)
                BinaryPrimitives.WriteUInt32LittleEndian(completion.WritablePayload[(i * 4)..], request.FirstBe == 0 ? 0 : ReadRegister(access, access.Offset + (uint)(part.OffsetDw + i) * 4));
            var message = Message.Of(in completion, access.Detail);
            _controller!.Tell(in message, Context.NowPs + _latencyPs);
        }
    }
}
