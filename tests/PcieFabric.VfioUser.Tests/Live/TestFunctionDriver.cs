using PcieFabric.EndpointFunctions.EpfTests;
using PcieFabric.VfioUser.Devices;

namespace PcieFabric.VfioUser.Tests.Live;

/// <summary>What a guest's driver does with a served endpoint test function: places its BARs, and has it transfer and interrupt.</summary>
internal sealed class TestFunctionDriver(IVfioUserDevice device, PlayedGuest guest)
{
    public const uint Intx = 0, Msi = 1, MsiX = 2;

    private const int CommandOffset = 0x04, FirstBar = 0x10;
    private const uint MemoryAndBusMaster = 6;

    public uint ReadConfiguration(int offset)
    {
        var data = new byte[4];
        device.Read(RegionIndex.Config, (ulong)offset, data);
        return BitConverter.ToUInt32(data);
    }

    public void WriteConfiguration(int offset, uint value) => device.Write(RegionIndex.Config, (ulong)offset, BitConverter.GetBytes(value));

    /// <summary>Puts the register BAR to an address and lets the function decode and initiate.</summary>
    public void Enable(uint address = 0xC000_0000)
    {
        WriteConfiguration(FirstBar, address);
        device.Write(RegionIndex.Config, CommandOffset, [(byte)MemoryAndBusMaster, 0]);
    }

    public uint Read(int register)
    {
        var data = new byte[4];
        device.Read(RegionIndex.Bar0, (ulong)register, data);
        return BitConverter.ToUInt32(data);
    }

    public void Write(int register, uint value) => device.Write(RegionIndex.Bar0, (ulong)register, BitConverter.GetBytes(value));

    /// <summary>Starts a command, and waits for its end.</summary>
    public EpfTestStatus Perform(EpfTestCommand command, ulong source = 0, ulong target = 0, int bytes = 0, uint checksum = 0, uint irqType = MsiX, uint irqNumber = 1)
    {
        Begin(command, source, target, bytes, checksum, irqType, irqNumber);
        guest.Until(() => Read(EpfTestRegisters.Status) != 0 && Read(EpfTestRegisters.Command) == 0, $"the end of {command}");
        return (EpfTestStatus)Read(EpfTestRegisters.Status);
    }

    public void Begin(EpfTestCommand command, ulong source = 0, ulong target = 0, int bytes = 0, uint checksum = 0, uint irqType = MsiX, uint irqNumber = 1)
    {
        Write(EpfTestRegisters.Status, 0);
        Write(EpfTestRegisters.SourceLow, (uint)source);
        Write(EpfTestRegisters.SourceHigh, (uint)(source >> 32));
        Write(EpfTestRegisters.TargetLow, (uint)target);
        Write(EpfTestRegisters.TargetHigh, (uint)(target >> 32));
        Write(EpfTestRegisters.Size, (uint)bytes);
        Write(EpfTestRegisters.Checksum, checksum);
        Write(EpfTestRegisters.IrqType, irqType);
        Write(EpfTestRegisters.IrqNumber, irqNumber);
        Write(EpfTestRegisters.Flags, 0);
        Write(EpfTestRegisters.Command, (uint)command);
    }
}
