using PcieFabric.EndpointControllers;
using PcieFabric.NonTransparentBridges;

namespace PcieFabric.Actors.Tests.NonTransparentBridges;

/// <summary>
/// What two sides of a bridge must come to: plain arrays and bits, with no time and no bus. It draws operations and says beforehand what each answers; one is done with before
/// the next begins.
/// </summary>
internal sealed class VntbModel(Random random)
{
    public const int Host = 0, Endpoint = 1;
    public const int Buffers = 2, Scratchpads = 6, DoorbellBits = 6;

    /// <summary>Of the windows; buffers are as large as the largest.</summary>
    public static readonly int[] WindowBytes = [8192, 32768];

    private static readonly int BufferBytes = WindowBytes.Max();

    private readonly bool[] _enabled = new bool[2];
    private readonly uint[,] _scratchpads = new uint[2, Scratchpads];
    private readonly ulong[] _pending = new ulong[2], _mask = new ulong[2];
    private readonly byte[,][] _memory = new byte[2, Buffers][];
    private readonly (int Buffer, int Size)?[,] _shown = new (int, int)?[2, WindowBytes.Length];

    /// <summary>By side and bit: how often its software is told.</summary>
    public long[,] Told { get; } = new long[2, DoorbellBits];

    private bool IsUp => _enabled[Host] && _enabled[Endpoint];

    public void Begin()
    {
        for (var side = 0; side < 2; side++)
            for (var buffer = 0; buffer < Buffers; buffer++)
                _memory[side, buffer] = new byte[BufferBytes];
    }

    /// <summary>An operation of one side, with its check.</summary>
    public (int Side, string Name, Func<Side, Task> Run) Draw()
    {
        var side = random.Next(2);
        var (name, run) = random.Next(16) switch
        {
            0 or 1 => SetLink(side),
            2 => IsLinkUp(),
            3 => WriteScratchpad(side),
            4 => ReadScratchpad(side),
            5 or 6 => Ring(side),
            7 => ReadDoorbells(side),
            8 => ClearDoorbells(side),
            9 => Mask(side),
            10 or 11 => Translate(side),
            12 or 13 => WritePeer(side),
            14 => ReadPeer(side),
            _ => random.Next(3) == 0 ? Wrong() : ReadOwn(side),
        };
        return (side, $"{(side == Host ? "host" : "endpoint")}: {name}", run);
    }

    private (string, Func<Side, Task>) SetLink(int side)
    {
        // Up more often than down: little happens while it is down.
        var enable = _enabled[side] = random.Next(4) != 0;
        return ($"link {enable}", async own => Assert.Equal(Errno.None, enable ? await own.Port.EnableLinkAsync() : await own.Port.DisableLinkAsync()));
    }

    private (string, Func<Side, Task>) IsLinkUp()
    {
        var expected = IsUp;
        return ("link?", async own => Assert.Equal(expected, await own.Port.IsLinkUpAsync()));
    }

    private (string, Func<Side, Task>) WriteScratchpad(int side)
    {
        var (index, value, peer) = (random.Next(Scratchpads), (uint)random.Next(), random.Next(2) == 0);
        _scratchpads[peer ? 1 - side : side, index] = value;
        return ("scratchpad", async own => Assert.Equal(Errno.None, peer ? await own.Port.WritePeerScratchpadAsync(index, value) : await own.Port.WriteScratchpadAsync(index, value)));
    }

    private (string, Func<Side, Task>) ReadScratchpad(int side)
    {
        var (index, peer) = (random.Next(Scratchpads), random.Next(2) == 0);
        var expected = _scratchpads[peer ? 1 - side : side, index];
        return ("scratchpad?", async own => Assert.Equal(expected, peer ? await own.Port.ReadPeerScratchpadAsync(index) : await own.Port.ReadScratchpadAsync(index)));
    }

    private (string, Func<Side, Task>) Ring(int side)
    {
        var (bits, peer) = (DrawBits(), 1 - side);
        Tell(peer, bits & ~_pending[peer] & ~_mask[peer]);
        _pending[peer] |= bits;
        return ($"ring {bits:x}", async own => Assert.Equal(Errno.None, await own.Port.RingPeerAsync(bits)));
    }

    private (string, Func<Side, Task>) ReadDoorbells(int side)
    {
        var expected = _pending[side];
        return ("doorbells?", own =>
        {
            Assert.Equal(expected, own.Port.OwnDoorbells.Read());
            return Task.CompletedTask;
        });
    }

    private (string, Func<Side, Task>) ClearDoorbells(int side)
    {
        var bits = DrawBits();
        _pending[side] &= ~bits;
        return ($"clear {bits:x}", own => Succeeds(own.Port.OwnDoorbells.Clear(bits)));
    }

    private (string, Func<Side, Task>) Mask(int side)
    {
        var (bits, set) = (DrawBits(), random.Next(2) == 0);
        if (!set) Tell(side, bits & _mask[side] & _pending[side]);
        _mask[side] = set ? _mask[side] | bits : _mask[side] & ~bits;
        return ($"mask {bits:x} {set}", own => Succeeds(set ? own.Port.OwnDoorbells.SetMask(bits) : own.Port.OwnDoorbells.ClearMask(bits)));
    }

    private (string, Func<Side, Task>) Translate(int side)
    {
        var (window, buffer) = (random.Next(WindowBytes.Length), random.Next(Buffers));
        if (random.Next(4) == 0)
        {
            _shown[side, window] = null;
            return ($"hide {window}", async own => Assert.Equal(Errno.None, await own.Port.ClearTranslationAsync(window)));
        }
        // The endpoint shows a window whole, the host any part of one.
        var size = side == Host ? 1 + random.Next(WindowBytes[window]) : WindowBytes[window];
        _shown[side, window] = (buffer, size);
        return ($"show {window} {buffer} {size}", async own => Assert.Equal(Errno.None, await own.Port.SetTranslationAsync(window, own.Buffers[buffer], (ulong)size)));
    }

    private (string, Func<Side, Task>) WritePeer(int side)
    {
        var (window, offset, length) = DrawPlace();
        var data = new byte[length];
        random.NextBytes(data);
        var expected = Access(side, window, offset, length, out var target);
        // The host's writes are posted, and lost without an answer where there is nothing.
        if (side == Host && expected == Errno.EIO) expected = Errno.None;
        if (target is not null) data.CopyTo(target, offset);
        return ($"write {window} {offset} {length}", async own => Assert.Equal(expected, await own.Port.WritePeerAsync(window, (ulong)offset, data)));
    }

    private (string, Func<Side, Task>) ReadPeer(int side)
    {
        var (window, offset, length) = DrawPlace();
        var expected = Access(side, window, offset, length, out var source);
        var data = source?.AsSpan(offset, length).ToArray();
        return ($"read {window} {offset} {length}", async own =>
        {
            var into = new byte[length];
            Assert.Equal(expected, await own.Port.ReadPeerAsync(window, (ulong)offset, into));
            if (data is not null) Assert.Equal(data, into);
        });
    }

    private (string, Func<Side, Task>) ReadOwn(int side)
    {
        var buffer = random.Next(Buffers);
        var expected = (byte[])_memory[side, buffer].Clone();
        return ("memory?", own =>
        {
            Assert.Equal(expected, own.Bytes(own.Buffers[buffer], BufferBytes).ToArray());
            return Task.CompletedTask;
        });
    }

    private (string, Func<Side, Task>) Wrong()
    {
        var window = random.Next(2) == 0 ? -1 : WindowBytes.Length;
        return ("wrong", async own =>
        {
            var port = own.Port;
            Assert.Equal(Errno.EINVAL, await port.ClearTranslationAsync(window));
            Assert.Equal(Errno.EINVAL, await port.SetTranslationAsync(window, own.Buffers[0], 4096));
            Assert.Equal(Errno.EINVAL, await port.SetTranslationAsync(0, own.Buffers[0] + 8, (ulong)WindowBytes[0]));
            Assert.Equal(Errno.EINVAL, await port.SetTranslationAsync(0, own.Buffers[0], (ulong)WindowBytes[0] + 1));
            Assert.Equal(Errno.EINVAL, await port.SetTranslationAsync(0, own.Buffers[0], 0));
            Assert.Equal(Errno.EINVAL, await port.RingPeerAsync(1ul << DoorbellBits));
            Assert.Equal(Errno.EINVAL, await port.WriteScratchpadAsync(Scratchpads, 1));
            Assert.Equal(Errno.EINVAL, port.OwnDoorbells.SetMask(1ul << DoorbellBits));
        });
    }

    /// <summary>What an access to the peer's memory answers; its bytes if it reaches any.</summary>
    private Errno Access(int side, int window, int offset, int length, out byte[]? bytes)
    {
        bytes = null;
        if (offset + length > WindowBytes[window]) return Errno.EINVAL;
        if (!IsUp) return side == Host ? Errno.EIO : Errno.ENOLINK;
        if (_shown[1 - side, window] is not { } shown) return Errno.EIO;
        if (offset + length > shown.Size) return Errno.EINVAL;
        bytes = _memory[1 - side, shown.Buffer];
        return Errno.None;
    }

    private (int Window, int Offset, int Length) DrawPlace()
    {
        var window = random.Next(WindowBytes.Length);
        return (window, random.Next(WindowBytes[window]), 1 + random.Next(3000));
    }

    private ulong DrawBits() => random.Next(3) == 0 ? (ulong)random.Next(1, 1 << DoorbellBits) : 1ul << random.Next(DoorbellBits);

    private void Tell(int side, ulong bits)
    {
        for (var i = 0; i < DoorbellBits; i++) Told[side, i] += (long)(bits >> i & 1);
    }

    private static Task Succeeds(Errno errno)
    {
        Assert.Equal(Errno.None, errno);
        return Task.CompletedTask;
    }

    /// <summary>What a side's software has: its port, and buffers in memory of its own.</summary>
    internal sealed record Side(INtbPort Port, ulong[] Buffers, Side.Memory Bytes)
    {
        public delegate Span<byte> Memory(ulong address, int sizeBytes);
    }
}
