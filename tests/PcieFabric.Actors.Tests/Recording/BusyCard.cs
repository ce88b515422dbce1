using PcieFabric.EndpointFunctions;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Recording;

/// <summary>A function with a little of everything: writing register 0 has it read host memory, write it back elsewhere after a while, and interrupt.</summary>
internal sealed class BusyCard(SimTime thinks) : EndpointFunction
{
    public const ulong Address = 8;
    public const int CopiedBytes = 600;
    private readonly uint[] _registers = new uint[4];

    protected internal override bool OwnsBar(int bar) => bar == 0;

    protected internal override uint ReadRegister(int bar, ulong offset) => offset < 16 ? _registers[offset / 4] : 0;

    protected internal override void WriteRegister(int bar, ulong offset, uint value, int byteEnables)
    {
        _registers[offset % 16 / 4] = value;
        if (offset == 0 && value != 0) Start(CopyAsync);
    }

    private async Task CopyAsync()
    {
        var data = new byte[CopiedBytes];
        await DmaReadAsync(_registers[2], data);
        await DelayAsync(thinks);
        for (var i = 0; i < data.Length; i++) data[i] ^= (byte)Random.Next(256);
        await DmaWriteAsync(_registers[2] + 0x1000, data);
        _registers[0] = 0;
        RaiseInterrupt(0);
    }
}
