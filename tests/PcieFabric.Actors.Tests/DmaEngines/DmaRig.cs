using System.Buffers.Binary;
using PcieFabric.Addressing;
using PcieFabric.DmaEngines;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.InterruptControllers;
using PcieFabric.Links;
using PcieFabric.LocalDevices;
using PcieFabric.Memory;
using PcieFabric.Ports;
using PcieFabric.Tlps;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.DmaEngines;

/// <summary>An eDMA with a controller that is its whole world: a bus with memory, that answers as a test wants.</summary>
internal sealed class DmaRig : IDisposable
{
    public const int LocalBytes = 1 << 20, BusBytes = 1 << 20;
    public static readonly SimTime Latency = SimTime.FromNanoseconds(10);

    private readonly SharedMemory _memory = new("dma-rig", SharedMemory.Footprint(LocalBytes));
    private readonly DeterministicEngine _engine = new();

    public DmaRig(int writeChannels = 2, int readChannels = 2, int functions = 1, byte tagBits = 8, CreditLimits? credits = null)
    {
        Local = _memory.Allocate(LocalBytes);
        var granted = credits ?? CreditLimits.SizedFor(32e9, Latency, 256);
        Dma = new EmbeddedDma(new DmaEngineSettings { LocalMemory = Local, Functions = functions, Credits = granted, Latency = Latency }, writeChannels, readChannels);
        Bus = new RigBus { TagBits = tagBits };
        _engine.Spawn(new Props(new ActorPath("dma"), Dma, 0));
        _engine.Spawn(new Props(new ActorPath("bus"), Bus, 0));
        Bus.Connect(_engine.Connect(Bus, Dma, LocalDevice.BusInlet, Latency), functions);
        Dma.ConnectController(_engine.Connect(Dma, Bus, RigBus.CompletionInlet, Latency));
        Dma.ConnectBus(_engine.Connect(Dma, Bus, RigBus.RequestInlet, Latency));
        for (var i = 0; i < functions; i++) Dma.ConnectProcessor(i, _engine.Connect(Dma, Bus, RigBus.FirstInterruptInlet + i, Latency));
    }

    public MemoryRegion Local { get; }

    public EmbeddedDma Dma { get; }

    public RigBus Bus { get; }

    public SimTime Now => _engine.Now;

    public void Run(SimTime duration)
    {
        var until = Bus.At + duration;
        Bus.At = until;
        _engine.Run(until: until);
        if (_engine.Stopped.Any()) throw new InvalidOperationException(_engine.Stopped.First().Failure.ToString());
    }

    public void RunUntilIdle(double mostMilliseconds = 200)
    {
        for (var i = 0; i < mostMilliseconds * 10; i++)
        {
            Run(SimTime.FromMicroseconds(100));
            if (Dma.IsIdle && Dma.RequestsOutstanding == 0) return;
        }
        throw new TimeoutException("the engine still works");
    }

    public void Write(uint offset, params uint[] values)
    {
        Bus.Do(bus => bus.Store(new LocalAccess(LocalSource.Processor, 0, offset), values));
        Run(SimTime.FromNanoseconds(100));
    }

    public void WriteAs(LocalAccess access, uint value)
    {
        Bus.Do(bus => bus.Store(access, [value]));
        Run(SimTime.FromNanoseconds(100));
    }

    public uint Read(uint offset)
    {
        Bus.Do(bus => bus.Load(new LocalAccess(LocalSource.Processor, 0, offset)));
        Run(SimTime.FromNanoseconds(200));
        return Bus.Loaded;
    }

    /// <summary>Both directions work, and tell all.</summary>
    public void Enable()
    {
        foreach (var registers in new[] { EmbeddedDmaRegisters.Write, EmbeddedDmaRegisters.Read })
        {
            Write(registers.EngineEnable, 1);
            Write(registers.InterruptMask, 0);
        }
    }

    /// <summary>A transfer without a list, as one burst of registers and a doorbell.</summary>
    public void Start(EmbeddedDmaRegisters registers, int channel, ulong from, ulong to, uint size, EmbeddedDmaControl control = EmbeddedDmaControl.LocalInterrupt)
    {
        Write(registers.ChannelOffset(channel), (uint)control, 0, size, (uint)from, (uint)(from >> 32), (uint)to, (uint)(to >> 32));
        Write(registers.Doorbell, (uint)channel);
    }

    public void StartList(EmbeddedDmaRegisters registers, int channel, ulong list)
    {
        Write(registers.ChannelOffset(channel), (uint)(EmbeddedDmaControl.CycleState | EmbeddedDmaControl.LinkedList));
        Write(registers.ChannelOffset(channel) + EmbeddedDmaRegisters.ListPointer, (uint)list, (uint)(list >> 32));
        Write(registers.Doorbell, (uint)channel);
    }

    public void PutList(ulong at, params LinkedListElement[] elements)
    {
        for (var i = 0; i < elements.Length; i++) elements[i].Write(Local.Span((long)at + i * LinkedListElement.Bytes, LinkedListElement.Bytes));
    }

    public EmbeddedDmaStatus StatusOf(EmbeddedDmaRegisters registers, int channel) => (EmbeddedDmaStatus)(Read(registers.ChannelOffset(channel)) >> 5 & 3);

    /// <summary>Everything that was lent is back, but what waits to be returned in a batch.</summary>
    public void AssertNothingLeaks()
    {
        Assert.Equal(0, Dma.RequestsOutstanding);
        Assert.True(Dma.IsIdle);
        Assert.Equal(0, _engine.PayloadsOutstanding);
        foreach (var flowControlClass in new[] { FlowControlClass.Posted, FlowControlClass.NonPosted })
            Assert.Equal((0, 0), (Dma.CreditsOut(flowControlClass).Headers, Dma.CreditsOut(flowControlClass).Data));
    }

    public void Dispose()
    {
        _engine.Dispose();
        _memory.Dispose();
    }
}
