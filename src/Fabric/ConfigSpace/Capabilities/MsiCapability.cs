using System.Numerics;
using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>MSI (PCIe 6.0 section 7.7.1): up to 32 messages, whose data differ in their low bits.</summary>
public sealed class MsiCapability : StandardCapability
{
    private const int MaxVectors = 32;

    private readonly RegisterField _address;
    private readonly RegisterField? _upperAddress;
    private readonly RegisterField _data;
    private readonly RegisterField? _extendedData;
    private readonly RegisterField? _mask;
    private readonly RegisterField? _pending;

    /// <param name="vectors">Messages that the function would like: a power of two, at most 32.</param>
    /// <exception cref="InputException">No such number of messages.</exception>
    public MsiCapability(int vectors = 1, bool is64Bit = true, bool perVectorMasking = true, bool extendedData = false)
        : base("MSI", CapabilityId.Msi)
    {
        if (vectors is < 1 or > MaxVectors || !BitOperations.IsPow2(vectors)) throw new InputException($"MSI cannot have {vectors} vectors", "1, 2, 4, 8, 16 or 32");
        Vectors = vectors;
        var control = Word(0x02, "Message Control", Concerns.Msi);
        Enable = control.Flag(0, "MSI Enable", Access.ReadWrite);
        control.Field(3, 1, "Multiple Message Capable", Access.ReadOnly, (uint)BitOperations.Log2((uint)vectors));
        MultipleMessageEnable = control.Field(6, 4, "Multiple Message Enable", Access.ReadWrite);
        control.Flag(7, "64-bit Address Capable", Access.ReadOnly, is64Bit);
        control.Flag(8, "Per-Vector Masking Capable", Access.ReadOnly, perVectorMasking);
        control.Flag(9, "Extended Message Data Capable", Access.ReadOnly, extendedData);
        if (extendedData) ExtendedDataEnable = control.Flag(10, "Extended Message Data Enable", Access.ReadWrite);

        _address = Dword(0x04, "Message Address", Concerns.Msi).Field(31, 2, "Message Address", Access.ReadWrite);
        if (is64Bit) _upperAddress = Dword(0x08, "Message Upper Address", Concerns.Msi).Whole(Access.ReadWrite);
        var data = is64Bit ? 0x0C : 0x08;
        _data = Word(data, "Message Data", Concerns.Msi).Whole(Access.ReadWrite);
        if (extendedData) _extendedData = Word(data + 2, "Extended Message Data", Concerns.Msi).Whole(Access.ReadWrite);
        if (!perVectorMasking) return;
        _mask = Dword(data + 4, "Mask Bits", Concerns.Msi).Field(vectors - 1, 0, "Mask Bits", Access.ReadWrite);
        _pending = Dword(data + 8, "Pending Bits").Field(vectors - 1, 0, "Pending Bits", Access.Status);
    }

    /// <summary>Messages that the function asks for.</summary>
    public int Vectors { get; }

    public Flag Enable { get; }
    public RegisterField MultipleMessageEnable { get; }
    public Flag? ExtendedDataEnable { get; }

    /// <summary>Messages that software granted, never more than <see cref="Vectors"/>. The function folds its causes onto them.</summary>
    public int GrantedVectors(ConfigSpace space) => Math.Min(1 << (int)Math.Min(space[MultipleMessageEnable], 5), Vectors);

    /// <summary>
    /// The function has cause to interrupt. A vector beyond those granted shares the last of them. While the vector is
    /// masked the cause is remembered as pending; while MSI is disabled it is lost.
    /// </summary>
    /// <returns>The message is to be sent now.</returns>
    public bool TryRaise(ConfigSpace space, int vector, out InterruptMessage message)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)vector, (uint)Vectors, nameof(vector));
        message = default;
        if (!space[Enable]) return false;
        vector = Math.Min(vector, GrantedVectors(space) - 1);
        if (_mask is not null && _pending is not null && (space[_mask] >> vector & 1) != 0)
        {
            space[_pending] |= 1u << vector;
            return false;
        }
        message = MessageFor(space, vector);
        return true;
    }

    /// <summary>Takes one message that waited for its mask to be cleared; to be called until false after a write of <see cref="Concerns.Msi"/>.</summary>
    public bool TryTakePending(ConfigSpace space, out InterruptMessage message)
    {
        message = default;
        if (_mask is null || _pending is null || !space[Enable]) return false;
        var ready = space[_pending] & ~space[_mask];
        if (ready == 0) return false;
        var vector = BitOperations.TrailingZeroCount(ready);
        space[_pending] &= ~(1u << vector);
        message = MessageFor(space, vector);
        return true;
    }

    private InterruptMessage MessageFor(ConfigSpace space, int vector)
    {
        var address = ((ulong)space[_address] << 2) | (_upperAddress is null ? 0 : (ulong)space[_upperAddress] << 32);
        var data = space[_data] & ~(uint)(GrantedVectors(space) - 1) | (uint)vector;
        if (_extendedData is not null && ExtendedDataEnable is { } enable && space[enable]) data |= space[_extendedData] << 16;
        return new InterruptMessage(address, data);
    }
}
