using PcieFabric.Addressing;
using PcieFabric.Links;
using PcieFabric.Memory;
using PcieFabric.Tlps;

namespace PcieFabric.Fabric.Tests.Links;

public sealed class TlpWireSizeTests : IDisposable
{
    private const ulong High = 1ul << 32;
    private static readonly Bdf Requester = new(1, 0, 0);

    private readonly PayloadDepot _depot = new();
    private readonly PayloadPool _pool;

    public TlpWireSizeTests() => _pool = new PayloadPool(_depot);

    public void Dispose() => _depot.Dispose();

    [Fact]
    public void TlpsAreAsLongAsThePublishedModelCountsThem()
    {
        Assert.Equal(24 + 256, TlpWireSize.Bytes(Tlp.MemoryWrite(Requester, High, new byte[256], _pool)));
        Assert.Equal(20 + 256, TlpWireSize.Bytes(Tlp.MemoryWrite(Requester, 0, new byte[256], _pool)));
        Assert.Equal(24, TlpWireSize.Bytes(Tlp.MemoryRead(Requester, 0, High, 512)));
        Assert.Equal(20, TlpWireSize.Bytes(Tlp.MemoryRead(Requester, 0, 0, 512)));
        Assert.Equal(20, TlpWireSize.Bytes(Tlp.ConfigRead(0, Requester, 0, Requester, 0)));
        Assert.Equal(24, TlpWireSize.Bytes(Tlp.ConfigWrite(0, Requester, 0, Requester, 0, 1)));
        Assert.Equal(24, TlpWireSize.Bytes(Tlp.Message(MessageRouting.Local, 0x20, Requester)));
        var read = Tlp.MemoryRead(Requester, 0, High, 64);
        Assert.Equal(20 + 64, TlpWireSize.Bytes(Tlp.CompletionWithData(read, Requester, 0, 16, _pool)));
        Assert.Equal(20, TlpWireSize.Bytes(Tlp.CompletionFor(read, Requester, CompletionStatus.UnsupportedRequest)));
    }

    [Fact]
    public void PayloadTravelsInWholeDws() =>
        Assert.Equal(24 + 4, TlpWireSize.Bytes(Tlp.MemoryWrite(Requester, High + 1, new byte[2], _pool)));

    [Fact]
    public void AnEcrcAndAPasidPrefixAddADwEach()
    {
        var write = Tlp.MemoryWrite(Requester, High, new byte[64], _pool);
        write.HasDigest = true;
        Assert.Equal(24 + 64 + 4, TlpWireSize.Bytes(write));
        write.SetPasid(7);
        Assert.Equal(24 + 64 + 8, TlpWireSize.Bytes(write));
    }
}
