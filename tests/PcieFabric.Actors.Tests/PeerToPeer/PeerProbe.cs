using PcieFabric.EndpointFunctions;
using PcieFabric.Requests;
using PcieFabric.Tlps;

namespace PcieFabric.Actors.Tests.PeerToPeer;

/// <summary>
/// Does one DMA after the other as the host says. BAR 0: 0x00 and 0x04 address, 0x08 bytes, 0x0C what to do (starts it), 0x10 how it ended: 0 under way,
/// else 1 + the completion status, or <see cref="TimedOut"/>. BAR 2 is memory: writes take their data from its start, reads put theirs there.
/// </summary>
internal sealed class PeerProbe : EndpointFunction
{
    public const string Model = "peer-probe";
    public const uint Write = 1, Relaxed = 2, Translated = 4, TranslationRequest = 8;
    public const uint TimedOut = 0x100;

    private readonly uint[] _registers = new uint[5];

    protected internal override bool OwnsBar(int bar) => bar == 0;

    protected internal override uint ReadRegister(int bar, ulong offset) => offset < 0x14 ? _registers[offset / 4] : 0;

    protected internal override void WriteRegister(int bar, ulong offset, uint value, int byteEnables)
    {
        if (offset >= 0x10) return;
        _registers[offset / 4] = value;
        if (offset != 0x0C) return;
        _registers[4] = 0;
        Start(DmaAsync);
    }

    private async Task DmaAsync()
    {
        var address = _registers[0] | (ulong)_registers[1] << 32;
        var buffer = new byte[_registers[2]];
        var what = _registers[3];
        var attributes = new Tlp
        {
            RelaxedOrdering = (what & Relaxed) != 0,
            AddressType = (what & Translated) != 0 ? AddressType.Translated : (what & TranslationRequest) != 0 ? AddressType.TranslationRequest : AddressType.Untranslated,
        };
        RequestResult result;
        if ((what & Write) != 0)
        {
            BarMemory(2).Read(0, buffer);
            result = await DmaWriteAsync(address, buffer, in attributes);
        }
        else
        {
            result = await DmaReadAsync(address, buffer, in attributes);
            if (result.IsSuccess) BarMemory(2).Write(0, buffer);
        }
        _registers[4] = result.TimedOut ? TimedOut : 1 + (uint)result.Status;
    }
}
