using System.Numerics;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>
/// The MSI-X table and Pending Bit Array of one function (PCIe 6.0 sections 7.7.2.3 to 7.7.2.6). The function's owner
/// passes on accesses to their place in the BAR, DW by DW, and raises vectors.
/// </summary>
public sealed class MsiXTable(MsiXCapability capability, ConfigSpace space)
{
    internal const int EntryBytes = 16;

    private const int DwordsPerEntry = EntryBytes / 4;
    private const int Control = 3;
    private const uint Masked = 1;

    private readonly uint[] _entries = FreshEntries(capability.Vectors);
    private readonly uint[] _pending = new uint[capability.PendingBytes / 4];

    /// <summary>Whether <paramref name="offset"/> of the BAR lies in the table.</summary>
    /// <param name="tableOffset">From the start of the table, in bytes.</param>
    public bool TryFindInTable(int bar, ulong offset, out int tableOffset)
    {
        tableOffset = (int)(offset - capability.TableOffset);
        return bar == capability.TableBar && offset - capability.TableOffset < capability.TableBytes;
    }

    /// <summary>Whether <paramref name="offset"/> of the BAR lies in the Pending Bit Array.</summary>
    /// <param name="pendingOffset">From the start of the array, in bytes.</param>
    public bool TryFindInPending(int bar, ulong offset, out int pendingOffset)
    {
        pendingOffset = (int)(offset - capability.PendingOffset);
        return bar == capability.PendingBar && offset - capability.PendingOffset < capability.PendingBytes;
    }

    /// <param name="tableOffset">In bytes; its DW is read.</param>
    public uint ReadTable(int tableOffset) => _entries[tableOffset >> 2];

    /// <param name="pendingOffset">In bytes; its DW is read. Software cannot write here.</param>
    public uint ReadPending(int pendingOffset) => _pending[pendingOffset >> 2];

    /// <summary>Address bits 1:0 and the reserved bits of Vector Control read zero.</summary>
    public void WriteTable(int tableOffset, MaskedDword value)
    {
        ref var dword = ref _entries[tableOffset >> 2];
        var writable = value.Mask & (((tableOffset >> 2) % DwordsPerEntry) switch { 0 => ~3u, Control => Masked, _ => ~0u });
        dword = (dword & ~writable) | (value.Value & writable);
    }

    public bool IsMasked(int vector) => space[capability.FunctionMask] || (_entries[vector * DwordsPerEntry + Control] & Masked) != 0;

    /// <summary>The function has cause to interrupt. While the vector is masked the cause is remembered as pending; while MSI-X is disabled it is lost.</summary>
    /// <returns>The message is to be sent now.</returns>
    public bool TryRaise(int vector, out InterruptMessage message)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)vector, (uint)capability.Vectors, nameof(vector));
        message = default;
        if (!space[capability.Enable]) return false;
        if (IsMasked(vector))
        {
            _pending[vector >> 5] |= 1u << vector;
            return false;
        }
        message = MessageFor(vector);
        return true;
    }

    /// <summary>Takes one message that waited for its mask to be cleared; to be called until false after a table write or a write of <see cref="Concerns.MsiX"/>.</summary>
    public bool TryTakePending(out InterruptMessage message)
    {
        message = default;
        if (!space[capability.Enable] || space[capability.FunctionMask]) return false;
        for (var word = 0; word < _pending.Length; word++)
        {
            for (var bits = _pending[word]; bits != 0; bits &= bits - 1)
            {
                var vector = word * 32 + BitOperations.TrailingZeroCount(bits);
                if (IsMasked(vector)) continue;
                _pending[word] &= ~(1u << vector);
                message = MessageFor(vector);
                return true;
            }
        }
        return false;
    }

    /// <summary>Any reset: every vector masked, none pending (section 7.7.2.5).</summary>
    public void Reset()
    {
        FreshEntries(capability.Vectors).CopyTo(_entries, 0);
        Array.Clear(_pending);
    }

    private InterruptMessage MessageFor(int vector)
    {
        var entry = _entries.AsSpan(vector * DwordsPerEntry, DwordsPerEntry);
        return new InterruptMessage(entry[0] | (ulong)entry[1] << 32, entry[2]);
    }

    private static uint[] FreshEntries(int vectors)
    {
        var entries = new uint[vectors * DwordsPerEntry];
        for (var vector = 0; vector < vectors; vector++) entries[vector * DwordsPerEntry + Control] = Masked;
        return entries;
    }
}
