using System.Numerics;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions.EpfTests;

namespace PcieFabric.HostDrivers;

public sealed partial class PciEndpointTest
{
    private const int LargestAlignment = 65536;

    private AddressRange _source;
    private AddressRange _target;

    /// <summary>The endpoint reads a buffer of the host: <c>PCITEST_WRITE</c>.</summary>
    public async ValueTask<DriverResult> WriteAsync(int size, bool dma)
    {
        Begin();
        if (_interrupts.Type is null || size <= 0) return Errno.EINVAL;
        var source = PlaceIn(ref _source, size);
        _host.Random.Fill(_host.Memory.Span(source, size));
        await WriteRegisterAsync(EpfTestRegisters.Checksum, Crc32Le.Of(_host.Memory.Span(source, size)));
        await WriteAddressAsync(EpfTestRegisters.SourceLow, source);
        if (!await TransferAsync(EpfTestCommand.Read, size, dma)) return DriverResult.Hung;
        return (await ReadStatusAsync()).HasFlag(EpfTestStatus.ReadSuccess) ? Errno.None : Errno.EIO;
    }

    /// <summary>The endpoint writes a buffer of the host: <c>PCITEST_READ</c>.</summary>
    public async ValueTask<DriverResult> ReadAsync(int size, bool dma)
    {
        Begin();
        if (_interrupts.Type is null || size <= 0) return Errno.EINVAL;
        var target = PlaceIn(ref _target, size);
        _host.Memory.Span(target, size).Clear();
        await WriteAddressAsync(EpfTestRegisters.TargetLow, target);
        if (!await TransferAsync(EpfTestCommand.Write, size, dma)) return DriverResult.Hung;
        return await ReadRegisterAsync(EpfTestRegisters.Checksum) == Crc32Le.Of(_host.Memory.Span(target, size)) ? Errno.None : Errno.EIO;
    }

    /// <summary>The endpoint copies one buffer of the host to another: <c>PCITEST_COPY</c>.</summary>
    public async ValueTask<DriverResult> CopyAsync(int size, bool dma)
    {
        Begin();
        if (_interrupts.Type is null || size <= 0) return Errno.EINVAL;
        var source = PlaceIn(ref _source, size);
        var target = PlaceIn(ref _target, size);
        _host.Random.Fill(_host.Memory.Span(source, size));
        _host.Memory.Span(target, size).Clear();
        await WriteAddressAsync(EpfTestRegisters.SourceLow, source);
        await WriteAddressAsync(EpfTestRegisters.TargetLow, target);
        var checksum = Crc32Le.Of(_host.Memory.Span(source, size));
        if (!await TransferAsync(EpfTestCommand.Copy, size, dma)) return DriverResult.Hung;
        return Crc32Le.Of(_host.Memory.Span(target, size)) == checksum ? Errno.None : Errno.EIO;
    }

    /// <returns>False where the endpoint never interrupted.</returns>
    private async ValueTask<bool> TransferAsync(EpfTestCommand command, int size, bool dma)
    {
        await WriteRegisterAsync(EpfTestRegisters.Size, (uint)size);
        await WriteRegisterAsync(EpfTestRegisters.Flags, dma ? EpfTestRegisters.UseDma : 0);
        await WriteInterruptAsync();
        await WriteRegisterAsync(EpfTestRegisters.Command, (uint)command);
        return await _irqRaised.WaitAsync(HangLimit);
    }

    /// <summary>
    /// Where a kernel's allocator would put a buffer of the size: a multiple of the next power of two, of a page at most, and no better than that. The driver aligns it
    /// further where its table says so.
    /// </summary>
    private ulong PlaceIn(ref AddressRange buffer, int size)
    {
        // Room to move it, and to align it.
        var room = (ulong)size + 2 * LargestAlignment;
        if (buffer.Size < room) buffer = new AddressRange(_host.Memory.Allocate(room, LargestAlignment), room);
        var natural = Math.Clamp(BitOperations.RoundUpToPowerOf2((ulong)size), 8, 4096);
        var place = buffer.Base + natural * (ulong)(2 * _host.Random.Next(8) + 1);
        return (place + (ulong)Alignment - 1) & ~((ulong)Alignment - 1);
    }

    private async ValueTask WriteAddressAsync(int register, ulong address)
    {
        await WriteRegisterAsync(register, (uint)address);
        await WriteRegisterAsync(register + 4, (uint)(address >> 32));
    }
}
