namespace PcieFabric.EndpointFunctions;

/// <summary>
/// A function that does DMA on demand, for experiments: the host fills in its registers in BAR 0 and starts it, it performs the operations, keeps
/// when each began and ended, and raises interrupt 0. Other BARs are memory.
/// </summary>
/// <remarks>
/// Registers: 0x00 control (bit 0 start, bit 1 write to memory, bit 2 read from memory), 0x04 status (bit 0 busy, bit 1 done), 0x08 and 0x0C bus address, 0x10
/// bytes of an operation, 0x14 operations, 0x18 operations under way at once, 0x1C bytes after which the address starts again,
/// 0x20 operations that failed.
/// </remarks>
public sealed class DmaTest : EndpointFunction
{
    public const ulong Control = 0x00, Status = 0x04, AddressLow = 0x08, AddressHigh = 0x0C, OperationBytes = 0x10, Operations = 0x14, UnderWay = 0x18, WrapBytes = 0x1C, Failed = 0x20;
    public const uint Start1 = 1, WritesMemory = 2, ReadsMemory = 4, Busy = 1, Done = 2;

    private readonly uint[] _registers = new uint[9];

    protected internal override bool OwnsBar(int bar) => bar == 0;

    protected internal override uint ReadRegister(int bar, ulong offset) => offset < Failed + 4 ? _registers[offset / 4] : 0;
}
