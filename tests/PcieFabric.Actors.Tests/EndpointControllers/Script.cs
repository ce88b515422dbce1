using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions;
using PcieFabric.Requests;

namespace PcieFabric.Actors.Tests.EndpointControllers;

/// <summary>The software of a function that does what a test says, and notes what happens to it.</summary>
internal sealed class Script(Func<Script, Task> bind) : BoundFunction
{
    public List<ControllerEventKind> Events { get; } = [];

    public Action<ControllerEventKind>? OnEvent { get; set; }

    public BoundController Epc => Controller;

    public LocalMemory Local => Memory;

    public FunctionDoorbells Bells => Doorbells;

    /// <summary>Header and a BAR 0 of 64 KiB with memory behind it, as most tests want it.</summary>
    public async Task<ulong> ComposeAsync(ulong barBytes = 65536)
    {
        Assert.True((await Controller.WriteHeaderAsync(new ControllerHeader(0x104C, 0xB500, 0xFF0000))).IsSuccess);
        Assert.True(Memory.TryAllocate(barBytes, 65536, out var address));
        Assert.True((await Controller.SetBarAsync(new BarSettings(0, address, barBytes))).IsSuccess);
        return address;
    }

    public ValueTask<RequestResult> LoadAsync(ulong address, Memory<byte> into) => ReadAsync(address, into);

    public ValueTask<RequestResult> StoreAsync(ulong address, Memory<byte> from) => WriteAsync(address, from);

    public ValueTask SleepAsync(double milliseconds) => DelayAsync(PcieFabric.Units.SimTime.FromMilliseconds(milliseconds));

    protected internal override Task BindAsync() => bind(this);

    protected internal override void Happened(ControllerEventKind what)
    {
        Events.Add(what);
        OnEvent?.Invoke(what);
    }
}
