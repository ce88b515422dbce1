using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using PcieFabric.Addressing;
using PcieFabric.Memory;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Tests.Live;

/// <summary>A client without a socket: 16 MiB of memory from address zero on, shared or not, and a list of interrupts.</summary>
internal sealed class PlayedGuest : IVfioUserClient, IGuestMemory
{
    private readonly byte[] _memory = GC.AllocateArray<byte>(16 << 20, pinned: true);
    private readonly Queue<Action> _toAnswer = new();

    /// <summary>Memory is there, and not shared.</summary>
    public bool IsAsked { get; init; }

    /// <summary>By which machines are told apart.</summary>
    public ulong Machine { get; init; } = 1;

    public ConcurrentQueue<(InterruptIndex Index, int Vector)> Interrupts { get; } = new();

    /// <summary>Interrupt messages that went to the guest's own controller.</summary>
    public ConcurrentQueue<(ulong Address, uint Data)> Messages { get; } = new();

    public IGuestMemory Memory => this;

    public IReadOnlySet<(ulong Device, ulong Inode)> Files => new HashSet<(ulong, ulong)> { (0, Machine) };

    public Span<byte> Bytes(int address, int count) => _memory.AsSpan(address, count);

    public GuestAccess Read(ulong address, Span<byte> into)
    {
        if (!Has(address, into.Length)) return GuestAccess.Fault;
        if (IsAsked) return GuestAccess.NotShared;
        Bytes((int)address, into.Length).CopyTo(into);
        return GuestAccess.Done;
    }

    public GuestAccess Write(ulong address, ReadOnlySpan<byte> data)
    {
        if (!Has(address, data.Length)) return GuestAccess.Fault;
        if (IsAsked) return GuestAccess.NotShared;
        data.CopyTo(Bytes((int)address, data.Length));
        return GuestAccess.Done;
    }

    public GuestSpan Find(ulong address, int lengthBytes, bool forWriting) => default;

    /// <summary>The guest's memory is mapped; it unmaps it by a write, and maps it again.</summary>
    public bool IsMapped { get; set; } = true;

    /// <summary>Memory is lent; else each request asks for it.</summary>
    public bool Lends { get; init; } = true;

    public unsafe IBorrowedMemory? Borrow(AddressRange range, bool forWriting) =>
        Lends && !IsAsked && Has(range.Base, (int)range.Size) ? new Loan(this, new MemoryRegion((byte*)Unsafe.AsPointer(ref _memory[range.Base]), (long)range.Size)) : null;

    public bool DmaRead(ulong address, int lengthBytes, DmaReadCompletion completion)
    {
        lock (_toAnswer) _toAnswer.Enqueue(() => completion(Bytes((int)address, lengthBytes), Errno.None));
        return true;
    }

    public bool DmaWrite(ulong address, ReadOnlySpan<byte> data, DmaWriteCompletion? completion = null)
    {
        var copy = data.ToArray();
        if (!Has(address, data.Length)) Messages.Enqueue((address, BitConverter.ToUInt32(copy)));
        lock (_toAnswer)
            _toAnswer.Enqueue(() =>
            {
                if (Has(address, copy.Length)) copy.CopyTo(_memory, (int)address);
                completion?.Invoke(Errno.None);
            });
        return true;
    }

    public bool Trigger(InterruptIndex index, int vector)
    {
        Interrupts.Enqueue((index, vector));
        return true;
    }

    /// <summary>Answers what the functions have asked for, as the thread of a connection does.</summary>
    public void AnswerDma()
    {
        while (true)
        {
            Action? answer;
            lock (_toAnswer)
                if (!_toAnswer.TryDequeue(out answer))
                    return;
            answer();
        }
    }

    /// <summary>Answers DMA until something has come true.</summary>
    public void Until(Func<bool> isTrue, string what)
    {
        var started = System.Diagnostics.Stopwatch.StartNew();
        while (!isTrue())
        {
            Assert.True(started.Elapsed < TimeSpan.FromMinutes(1), $"{what} does not come true");
            AnswerDma();
            Thread.Sleep(1);
        }
        AnswerDma();
    }

    private bool Has(ulong address, int count) => IsMapped && address < (ulong)_memory.Length && (ulong)count <= (ulong)_memory.Length - address;

    private sealed class Loan(PlayedGuest guest, MemoryRegion region) : IBorrowedMemory
    {
        public MemoryRegion Region => region;

        public bool TryHold() => guest.IsMapped;

        public void LetGo()
        {
        }
    }
}
