using System.Buffers.Binary;

namespace PcieFabric.Requests;

/// <summary>Carries out AtomicOps on memory (PCIe 6.0 section 6.15.1): operands of 4 or 8 bytes, for CAS also 16, little-endian.</summary>
public static class AtomicUnit
{
    /// <param name="memory">At least the operand's bytes, from the request's address on.</param>
    /// <param name="original">Receives the value before; the operand's size.</param>
    public static void Execute(in Tlp request, Span<byte> memory, Span<byte> original)
    {
        var size = original.Length;
        var operands = request.Payload;
        memory[..size].CopyTo(original);
        switch (request.Type)
        {
            case TlpType.Swap32 or TlpType.Swap64:
                operands.CopyTo(memory);
                break;
            case TlpType.CAS32 or TlpType.CAS64:
                if (original.SequenceEqual(operands[..size])) operands[size..].CopyTo(memory);
                break;
            default:
                Add(operands, memory, original);
                break;
        }
    }

    private static void Add(ReadOnlySpan<byte> operand, Span<byte> memory, ReadOnlySpan<byte> original)
    {
        if (operand.Length == 4)
            BinaryPrimitives.WriteUInt32LittleEndian(memory, BinaryPrimitives.ReadUInt32LittleEndian(original) + BinaryPrimitives.ReadUInt32LittleEndian(operand));
        else
            BinaryPrimitives.WriteUInt64LittleEndian(memory, BinaryPrimitives.ReadUInt64LittleEndian(original) + BinaryPrimitives.ReadUInt64LittleEndian(operand));
    }
}
