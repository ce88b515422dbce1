namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>What a bridge passes down. A closed window is empty.</summary>
public sealed record EnumeratedBridge
{
    internal EnumeratedBridge(BridgeRegisters bridge)
    {
        SecondaryBus = bridge.SecondaryBus;
        SubordinateBus = bridge.SubordinateBus;
        Memory = bridge.Range(AddressSpace.Memory);
        PrefetchableMemory = bridge.Range(AddressSpace.PrefetchableMemory);
        Io = bridge.Range(AddressSpace.Io);
    }

    public int SecondaryBus { get; }
    public int SubordinateBus { get; }
    public AddressRange Memory { get; }
    public AddressRange PrefetchableMemory { get; }
    public AddressRange Io { get; }
}
