using PcieFabric.Topologies.Enumerated;
using PcieFabric.EndpointFunctions;
using PcieFabric.RootComplexes;

namespace PcieFabric.Experiments;

/// <summary>Host software for one <see cref="DmaTest"/>: sets up its interrupt and its read requests, programs it, and waits for it.</summary>
internal sealed class DmaTestDriver(Host host, LocatedFunction function)
{
    private const int DeviceControl = 0x08;
    private const int MaxReadRequestShift = 12;
    private const byte LowWord = 0b0011, HighWord = 0b1100;

    /// <summary>How often a function is asked that has no interrupt to raise.</summary>
    private static readonly SimTime PollInterval = SimTime.FromMicroseconds(1);

    private readonly ulong _registers = function.AddressOf(0) + function.Found.FindBar(0)!.Range.Size - DmaTest.RegisterBytes;
    private readonly ConfigurationAccess _configuration = host.Configuration[function.Hierarchy];
    private InterruptVector? _vector;

    public LocatedFunction Function => function;

    public Bdf Bdf => function.Found.Bdf;

    /// <summary>How many runs were started.</summary>
    public int Runs { get; private set; }

    public async Task SetUpAsync()
    {
        var express = function.Found.FindCapability(CapabilityId.PciExpress) ?? throw new InvalidOperationException($"Invariant: {function.Path} has the PCI Express capability");
        var control = await _configuration.ReadAsync(Bdf, express + DeviceControl) & 0xFFFF & ~(7u << MaxReadRequestShift);
        control |= PayloadSize.Encode(function.Link.MaxReadRequestSize) << MaxReadRequestShift;
        await _configuration.WriteAsync(Bdf, express + DeviceControl, control, LowWord);
        if (function.Found.FindCapability(CapabilityId.MsiX) is { } msiX) await UseMsiXAsync(msiX);
        else if (function.Found.FindCapability(CapabilityId.Msi) is { } msi) await UseMsiAsync(msi);
    }

    public ValueTask WriteAsync(int register, uint value) => host.Write32Async(_registers + (ulong)register, value);

    public async ValueTask WriteAddressAsync(int register, ulong address)
    {
        await WriteAsync(register, (uint)address);
        await WriteAsync(register + 4, (uint)(address >> 32));
    }

    public ValueTask StartAsync(uint control)
    {
        Runs++;
        return WriteAsync(DmaTest.Control, control | DmaTest.StartBit);
    }

    public async Task DoneAsync()
    {
        if (_vector is not null)
        {
            await _vector.WaitAsync();
            return;
        }
        while (await host.Read32Async(_registers + DmaTest.Status) != DmaTest.Done) await host.DelayAsync(PollInterval);
    }

    /// <summary>Vector 0 in the table (PCIe 6.0 section 7.7.2).</summary>
    private async Task UseMsiXAsync(int capability)
    {
        const int TableOffset = 4;
        const uint Enable = 1u << 31, BarMask = 7;
        _vector = host.Interrupts.Allocate(1)[0];
        var place = await _configuration.ReadAsync(Bdf, capability + TableOffset);
        var entry = function.AddressOf((int)(place & BarMask)) + (place & ~BarMask);
        await host.Write32Async(entry, (uint)_vector.MessageAddress);
        await host.Write32Async(entry + 4, (uint)(_vector.MessageAddress >> 32));
        await host.Write32Async(entry + 8, _vector.MessageData);
        await host.Write32Async(entry + 12, 0);
        await _configuration.WriteAsync(Bdf, capability, Enable, HighWord);
    }

    /// <summary>One vector, with a 64-bit address where the function has that (PCIe 6.0 section 7.7.1).</summary>
    private async Task UseMsiAsync(int capability)
    {
        const uint Enable = 1u << 16, Is64Bit = 1u << 23;
        _vector = host.Interrupts.Allocate(1)[0];
        var isWide = (await _configuration.ReadAsync(Bdf, capability) & Is64Bit) != 0;
        await _configuration.WriteAsync(Bdf, capability + 4, (uint)_vector.MessageAddress);
        if (isWide) await _configuration.WriteAsync(Bdf, capability + 8, (uint)(_vector.MessageAddress >> 32));
        await _configuration.WriteAsync(Bdf, capability + (isWide ? 12 : 8), _vector.MessageData, LowWord);
        await _configuration.WriteAsync(Bdf, capability, Enable, HighWord);
    }
}
