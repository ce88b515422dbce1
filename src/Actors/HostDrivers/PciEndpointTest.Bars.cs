using System.Buffers.Binary;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions.EpfTests;

namespace PcieFabric.HostDrivers;

public sealed partial class PciEndpointTest
{
    private const int Bars = 6;
    private const int Subranges = 2;

    /// <summary>What the driver holds of a BAR at a time.</summary>
    private const int ChunkBytes = 1 << 20;

    /// <summary>Writes a pattern to the whole BAR and reads it back; of the register BAR only the first register.</summary>
    public async ValueTask<DriverResult> BarAsync(int bar)
    {
        Begin();
        if (Refuse(bar) is { } refused) return refused;
        if (_function.FindBar(bar) is not { } found) return Errno.ENODATA;
        var size = SizeToTest(bar, found.Range.Size);
        var written = new byte[Math.Min(ChunkBytes, size)];
        var read = new byte[written.Length];
        written.AsSpan().Fill((byte)(0xA0 + bar));
        for (var offset = 0ul; offset < size; offset += (ulong)written.Length)
        {
            await _host.WriteAsync(found.Range.Base + offset, written);
            await LoadAsync(found.Range.Base + offset, read);
            if (!written.AsSpan().SequenceEqual(read)) return Errno.EIO;
        }
        return Errno.None;
    }

    /// <summary>Writes a pattern to all BARs, then reads all: a BAR that leads where another does shows.</summary>
    public async ValueTask<DriverResult> AllBarsAsync()
    {
        Begin();
        for (var bar = 0; bar < Bars; bar++)
        {
            if (IsReserved(bar) || _function.FindBar(bar) is not { } found) continue;
            await _host.WriteAsync(found.Range.Base, PatternOf(bar, found.Range.Size));
        }
        for (var bar = 0; bar < Bars; bar++)
        {
            if (IsReserved(bar) || _function.FindBar(bar) is not { } found) continue;
            var expected = PatternOf(bar, found.Range.Size);
            var read = new byte[expected.Length];
            await LoadAsync(found.Range.Base, read);
            if (!expected.AsSpan().SequenceEqual(read)) return Errno.EIO;
        }
        return Errno.None;
    }

    /// <summary>Has the endpoint exchange the halves of a BAR, and sees whether it did.</summary>
    public async ValueTask<DriverResult> BarSubrangeAsync(int bar)
    {
        Begin();
        if (Refuse(bar) is { } refused) return refused;
        if (!_capabilities.HasFlag(EpfTestCapabilities.SubrangeMapping)) return Errno.EOPNOTSUPP;
        if (bar == _device.RegisterBar) return Errno.EBUSY;
        if (_function.FindBar(bar) is not { } found) return Errno.ENODATA;
        var setup = await SubrangeCommandAsync(bar, EpfTestCommand.SetupSubrange, EpfTestStatus.SubrangeSetupSuccess, EpfTestStatus.SubrangeSetupFail);
        if (!setup.IsSuccess) return setup;
        var matches = await HalvesMatchAsync(bar, found.Range);
        var clear = await SubrangeCommandAsync(bar, EpfTestCommand.ClearSubrange, EpfTestStatus.SubrangeClearSuccess, EpfTestStatus.SubrangeClearFail);
        return matches ? clear : Errno.EIO;
    }

    private async ValueTask<bool> HalvesMatchAsync(int bar, AddressRange range)
    {
        var half = range.Size / Subranges;
        for (var part = 0; part < Subranges; part++)
        {
            var signature = EpfTest.SubrangeSignature(bar, part) * 0x01010101u;
            var start = range.Base + (ulong)part * half;
            if (await _host.Read32Async(start) != signature || await _host.Read32Async(start + half - 4) != signature) return false;
        }
        var piece = new byte[half];
        for (var part = 0; part < Subranges; part++)
        {
            piece.AsSpan().Fill(SubrangePattern(bar, part));
            await _host.WriteAsync(range.Base + (ulong)part * half, piece);
        }
        for (var part = 0; part < Subranges; part++)
        {
            await LoadAsync(range.Base + (ulong)part * half, piece);
            if (piece.AsSpan().ContainsAnyExcept(SubrangePattern(bar, part))) return false;
        }
        return true;
    }

    private async ValueTask<DriverResult> SubrangeCommandAsync(int bar, EpfTestCommand command, EpfTestStatus success, EpfTestStatus failure)
    {
        if (_interrupts.Type is null) return Errno.EINVAL;
        _irqRaised.Reset();
        await WriteRegisterAsync(EpfTestRegisters.Status, 0);
        await WriteRegisterAsync(EpfTestRegisters.Size, (uint)bar);
        if (!await CommandAsync(command)) return Errno.ETIMEDOUT;
        var status = await ReadStatusAsync();
        if (status.HasFlag(failure)) return status.HasFlag(EpfTestStatus.NoResource) ? Errno.ENOSPC : Errno.EIO;
        return status.HasFlag(success) ? Errno.None : Errno.EIO;
    }

    private DriverResult? Refuse(int bar)
    {
        if (_device.IsAm654 && bar == 0) return Errno.EINVAL;
        return IsReserved(bar) ? Errno.ENOBUFS : null;
    }

    private ulong SizeToTest(int bar, ulong size) => bar == _device.RegisterBar ? 4 : size;

    /// <summary>The BAR in the highest byte, the offset in the others. A DW each, which the driver writes one by one.</summary>
    private byte[] PatternOf(int bar, ulong size)
    {
        var pattern = new byte[SizeToTest(bar, size)];
        for (var offset = 0; offset < pattern.Length; offset += 4)
            BinaryPrimitives.WriteUInt32LittleEndian(pattern.AsSpan(offset), (uint)(0xA0 + bar) << 24 | (uint)offset & 0xFFFFFF);
        return pattern;
    }

    private static byte SubrangePattern(int bar, int part) => (byte)(0xA0 + bar * 8 + part);

    /// <summary>A load that nobody answers brings all ones.</summary>
    private async ValueTask LoadAsync(ulong address, byte[] into)
    {
        if (!(await _host.ReadAsync(address, into)).IsSuccess) into.AsSpan().Fill(0xFF);
    }
}
