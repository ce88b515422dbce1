using System.Threading.Tasks.Sources;
using PcieFabric.Engine;
using PcieFabric.InterruptControllers;

namespace PcieFabric.RootComplexes;

/// <summary>A host's interrupts: vectors to give to devices, and handlers to await or call.</summary>
public sealed class HostInterrupts
{
    private readonly ActorSynchronizationContext _software;
    private readonly Dictionary<int, InterruptVector> _vectors = [];
    private readonly Dictionary<int, InterruptVector> _lines = [];
    private int _next = 32;

    internal HostInterrupts(ActorSynchronizationContext software) => _software = software;

    /// <summary>Some interrupt has a handler, which may set free what awaits no operation of the host.</summary>
    internal bool HasHandlers => Handlers > 0;

    /// <summary>Interrupts that have a handler: counted, as the question is asked after each turn of the host's software.</summary>
    internal int Handlers { get; set; }

    /// <summary>Messages with a vector that was not given out.</summary>
    public long Spurious { get; private set; }

    /// <summary>Consecutive vectors, the first a multiple of their number rounded up to a power of two, as MSI wants it.</summary>
    /// <exception cref="InvalidOperationException">All vectors are given out.</exception>
    public InterruptVector[] Allocate(int count)
    {
        var alignment = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count);
        var first = (_next + alignment - 1) & -alignment;
        if (first + count > HostInterruptController.Vectors) throw new InvalidOperationException($"the host has no {count} interrupt vectors left");
        _next = first + count;
        var allocated = new InterruptVector[count];
        for (var i = 0; i < count; i++) _vectors.Add(first + i, allocated[i] = new InterruptVector(this, _software, first + i));
        return allocated;
    }

    /// <summary>An INTx line: 0 to 3 for INTA to INTD below the first root port, 4 to 7 below the second.</summary>
    public InterruptVector Line(int line)
    {
        if (!_lines.TryGetValue(line, out var vector)) _lines.Add(line, vector = new InterruptVector(this, _software, line));
        return vector;
    }

    internal void Signal(Interrupt interrupt)
    {
        // A line has a level, which counts also for who asks for it later.
        if (interrupt.IsLine) Line(interrupt.Vector).Signal(interrupt.Asserted);
        else if (_vectors.TryGetValue(interrupt.Vector, out var vector)) vector.Signal(interrupt.Asserted);
        else Spurious++;
    }
}
