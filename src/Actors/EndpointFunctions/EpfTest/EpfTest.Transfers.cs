using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;

namespace PcieFabric.EndpointFunctions.EpfTests;

public sealed partial class EpfTest
{
    /// <summary>The host's buffer is read, and its checksum compared with the one that the host wrote.</summary>
    private async Task<EpfTestStatus> ReadHostAsync(bool dma)
    {
        var (source, size, expected) = (Address(EpfTestRegisters.SourceLow), this[EpfTestRegisters.Size], this[EpfTestRegisters.Checksum]);
        if (!TryAllocateBuffer(size, out var buffer)) return EpfTestStatus.ReadFail;
        var status = await MoveAsync(source, buffer, size, dma, toHost: false);
        if (status == EpfTestStatus.None)
            status = Crc32Le.Of(Memory.Span(buffer, (int)size)) == expected ? EpfTestStatus.ReadSuccess : EpfTestStatus.ReadFail;
        else status = (status & EpfTestStatus.SourceInvalid) | EpfTestStatus.ReadFail;
        FreeBuffer(buffer, size);
        return status;
    }

    /// <summary>Random bytes are written to the host's buffer, and their checksum to the register.</summary>
    private async Task<EpfTestStatus> WriteHostAsync(bool dma)
    {
        var (target, size) = (Address(EpfTestRegisters.TargetLow), this[EpfTestRegisters.Size]);
        if (!TryAllocateBuffer(size, out var buffer)) return EpfTestStatus.WriteFail;
        Random.Fill(Memory.Span(buffer, (int)size));
        this[EpfTestRegisters.Checksum] = Crc32Le.Of(Memory.Span(buffer, (int)size));
        var failed = await MoveAsync(target, buffer, size, dma, toHost: true);
        FreeBuffer(buffer, size);
        if (failed != EpfTestStatus.None) return (failed & EpfTestStatus.SourceInvalid) != 0 ? EpfTestStatus.TargetInvalid | EpfTestStatus.WriteFail : EpfTestStatus.WriteFail;
        // The kernel waits 1 to 2 ms for the last write to arrive.
        await DelayAsync(SimTime.FromMilliseconds(1) + new SimTime(Random.Next(1_000_000_000)));
        return EpfTestStatus.WriteSuccess;
    }

    /// <summary>From one of the host's buffers to the other, piece by piece through two windows.</summary>
    private async Task<EpfTestStatus> CopyHostAsync(bool dma)
    {
        var (source, target, size) = (Address(EpfTestRegisters.SourceLow), Address(EpfTestRegisters.TargetLow), (ulong)this[EpfTestRegisters.Size]);
        while (size > 0)
        {
            var (fromResult, from) = await Controller.MapMemoryAsync(source, size);
            if (!Keep(fromResult).IsSuccess) return EpfTestStatus.SourceInvalid | EpfTestStatus.CopyFail;
            var (toResult, to) = await Controller.MapMemoryAsync(target, size);
            if (!Keep(toResult).IsSuccess)
            {
                await Controller.UnmapMemoryAsync(from);
                return EpfTestStatus.TargetInvalid | EpfTestStatus.CopyFail;
            }
            var piece = Math.Min(from.SizeBytes, to.SizeBytes);
            var moved = dma ? await CopyByDmaAsync(from, to, piece) : await CopyByProcessorAsync(from, to, (uint)piece);
            await Controller.UnmapMemoryAsync(from);
            await Controller.UnmapMemoryAsync(to);
            if (!moved) return EpfTestStatus.CopyFail;
            source += piece;
            target += piece;
            size -= piece;
        }
        return EpfTestStatus.CopySuccess;
    }

    private async Task<bool> CopyByDmaAsync(OutboundMapping from, OutboundMapping to, ulong size)
    {
        // The channels of an embedded engine have no way from the bus to the bus, and the kernel's function does not try.
        if (Controller.Features.Dma.Kind != DmaKind.MemoryCopy) return false;
        return Keep(await Controller.TransferAsync(DmaDirection.MemoryToMemory, from.LocalAddress, to.LocalAddress, size)).IsSuccess;
    }

    private async Task<bool> CopyByProcessorAsync(OutboundMapping from, OutboundMapping to, uint size)
    {
        if (!TryAllocateBuffer(size, out var buffer)) return false;
        await LoadAsync(from.LocalAddress, buffer, (int)size);
        await WriteAsync(to.LocalAddress, Memory.Bytes(buffer, (int)size));
        FreeBuffer(buffer, size);
        return true;
    }

    /// <summary>Between a buffer of the host's and one of the function's own, piece by piece through a window.</summary>
    /// <returns>None, or what failed; an address that has no window shows as an invalid source here.</returns>
    private async Task<EpfTestStatus> MoveAsync(ulong host, ulong local, ulong size, bool dma, bool toHost)
    {
        while (size > 0)
        {
            var (result, window) = await Controller.MapMemoryAsync(host, size);
            if (!Keep(result).IsSuccess) return EpfTestStatus.SourceInvalid;
            var piece = (int)window.SizeBytes;
            var moved = true;
            if (dma) moved = await MoveByDmaAsync(window.LocalAddress, host, local, (ulong)piece, toHost);
            else if (toHost) await WriteAsync(window.LocalAddress, Memory.Bytes(local, piece));
            else await LoadAsync(window.LocalAddress, local, piece);
            await Controller.UnmapMemoryAsync(window);
            if (!moved) return EpfTestStatus.ReadFail;
            host += (ulong)piece;
            local += (ulong)piece;
            size -= (ulong)piece;
        }
        return EpfTestStatus.None;
    }

    private async Task<bool> MoveByDmaAsync(ulong window, ulong host, ulong local, ulong size, bool toHost)
    {
        var isEmbedded = Controller.Features.Dma.Kind == DmaKind.Embedded;
        var remote = isEmbedded ? host : window;
        var direction = !isEmbedded ? DmaDirection.MemoryToMemory : toHost ? DmaDirection.MemoryToDevice : DmaDirection.DeviceToMemory;
        var (from, to) = toHost ? (local, remote) : (remote, local);
        return Keep(await Controller.TransferAsync(direction, from, to, size)).IsSuccess;
    }

    /// <summary>A processor's load that the bus does not answer brings all ones.</summary>
    private async Task LoadAsync(ulong window, ulong local, int size)
    {
        if (!(await ReadAsync(window, Memory.Bytes(local, size))).IsSuccess) Memory.Span(local, size).Fill(0xFF);
    }

    private bool TryAllocateBuffer(uint size, out ulong buffer)
    {
        buffer = Memory.Range.Base;
        return size == 0 || Memory.TryAllocate(size, Limits.RequestBoundaryBytes, out buffer);
    }

    private void FreeBuffer(ulong buffer, uint size)
    {
        if (size > 0) Memory.Free(buffer);
    }
}
