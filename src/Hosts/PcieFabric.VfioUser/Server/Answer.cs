using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Server;

/// <summary>What to reply: a payload of some length, with a descriptor perhaps that stays whose it is, or an error.</summary>
internal readonly record struct Answer(Errno Error, int PayloadBytes, Descriptor? Descriptor)
{
    public static Answer Of(int payloadBytes, Descriptor? descriptor = null) => new(Errno.None, payloadBytes, descriptor);

    public static implicit operator Answer(Errno error) => new(error, 0, null);
}
