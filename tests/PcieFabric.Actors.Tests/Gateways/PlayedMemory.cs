using System.Runtime.CompilerServices;
using PcieFabric.Addressing;
using PcieFabric.Gateways;
using PcieFabric.Memory;
using PcieFabric.RootComplexes;

namespace PcieFabric.Actors.Tests.Gateways;

/// <summary>The memory of a guest: two mappings of 1 MiB that follow each other, and come and go.</summary>
internal sealed class PlayedMemory : IOutside
{
    public const int SizeBytes = 2 << 20;
    public const ulong HalfBytes = SizeBytes / 2;

    private readonly byte[] _bytes = GC.AllocateArray<byte>(SizeBytes, pinned: true);
    private readonly bool[] _isMapped = [true, true];

    public ReadOnlySpan<byte> All => _bytes;

    /// <summary>Accesses that were answered.</summary>
    public int Answers { get; private set; }

    /// <summary>Loans that are held.</summary>
    public int Held { get; private set; }

    public void Remap(int half, bool isMapped)
    {
        // Who wants it back waits until nobody holds it.
        Assert.Equal(0, Held);
        _isMapped[half] = isMapped;
    }

    public void Answered(int ticket, bool isSuccess, ReadOnlySpan<byte> data) => Answers++;

    public MemoryOutcome Read(int guest, ulong address, Span<byte> into)
    {
        if (!IsMapped(address, into.Length)) return MemoryOutcome.Fault;
        _bytes.AsSpan((int)address, into.Length).CopyTo(into);
        return MemoryOutcome.Done;
    }

    public MemoryOutcome Write(int guest, ulong address, ReadOnlySpan<byte> data)
    {
        if (!IsMapped(address, data.Length)) return MemoryOutcome.Fault;
        data.CopyTo(_bytes.AsSpan((int)address));
        return MemoryOutcome.Done;
    }

    public unsafe IBorrowedMemory? Borrow(int guest, AddressRange range, bool forWriting) =>
        range.Base / HalfBytes == range.Last / HalfBytes && IsMapped(range.Base, (int)range.Size)
            ? new Loan(this, range, new MemoryRegion((byte*)Unsafe.AsPointer(ref _bytes[range.Base]), (long)range.Size))
            : null;

    public void AskFor(int guest, ushort tag, ulong address, int sizeBytes) => throw new InvalidOperationException("all of it is shared");

    public void Interrupted(int guest, Bdf function, ulong address, uint data)
    {
    }

    public void LineAsserted(int line)
    {
    }

    private bool IsMapped(ulong address, int count)
    {
        var last = address + (ulong)count - 1;
        return last < SizeBytes && _isMapped[address / HalfBytes] && _isMapped[last / HalfBytes];
    }

    private sealed class Loan(PlayedMemory owner, AddressRange range, MemoryRegion region) : IBorrowedMemory
    {
        public MemoryRegion Region => region;

        public bool TryHold()
        {
            if (!owner.IsMapped(range.Base, (int)range.Size)) return false;
            owner.Held++;
            return true;
        }

        public void LetGo() => owner.Held--;
    }
}
