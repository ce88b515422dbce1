using System.Buffers.Binary;
using PcieFabric.Requests;

namespace PcieFabric.DmaEngines;

/// <summary>
/// Registers as the endpoint's processor reaches them. A reset of its function ends accesses that are under way, of which the register knows nothing: they are made again.
/// </summary>
internal sealed class ProcessorBus(ulong registers, Func<Requester> requester) : IEmbeddedDmaBus
{
    public async ValueTask<uint> LoadAsync(uint offset)
    {
        var value = new byte[sizeof(uint)];
        while (!(await requester().ReadAsync(registers + offset, value)).IsSuccess)
        {
        }
        return BinaryPrimitives.ReadUInt32LittleEndian(value);
    }

    public async ValueTask StoreAsync(uint offset, Memory<byte> dwords)
    {
        while (!(await requester().WriteAsync(registers + offset, dwords)).IsSuccess)
        {
        }
    }
}
