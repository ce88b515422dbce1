using PcieFabric.DmaEngines;
using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;
using PcieFabric.Engine;
using PcieFabric.Requests;

namespace PcieFabric.EndpointFunctions;

/// <summary>
/// The software of a function that is bound to an endpoint controller, as an endpoint function driver of Linux is: it composes the function, answers for it out of
/// its own memory, and reaches the host through windows. Code is ordinary <c>async</c> C# that awaits what is here, and nothing outside the fabric.
/// </summary>
/// <example><code>
/// sealed class Scratchpad : BoundFunction
/// {
///     protected internal override async Task BindAsync()
///     {
///         await Controller.WriteHeaderAsync(new ControllerHeader(0x104C, 0xB500, 0xFF0000));
///         Memory.TryAllocate(4096, 4096, out var address);
///         await Controller.SetBarAsync(new BarSettings(0, address, 4096));
///     }
/// }
/// </code></example>
public abstract class BoundFunction
{
    private BoundFunctionActor? _actor;

    /// <summary>Virtual time.</summary>
    protected SimTime Now => Actor.Now;

    /// <summary>The function's own generator: the same numbers in every run with the same seed.</summary>
    protected DeterministicRandom Random => Actor.Random;

    protected BoundController Controller => Actor.Controller;

    /// <summary>The function's own memory, behind BARs and for buffers.</summary>
    protected LocalMemory Memory => Actor.Memory;

    /// <summary>The function's channels of an eDMA, for lists of transfers; null where the controller has none. Single transfers are easier by <see cref="BoundController.TransferAsync"/>.</summary>
    protected EmbeddedDmaDriver? EmbeddedDma => Actor.EmbeddedDma;

    /// <summary>What the host can ring. Those that are left when the function is unbound are freed.</summary>
    protected FunctionDoorbells Doorbells => Actor.Doorbells;

    /// <summary>Copies from the bus, through an outbound window; complete when all data is there or a completion said no.</summary>
    /// <param name="localAddress">In a window.</param>
    protected ValueTask<RequestResult> ReadAsync(ulong localAddress, Memory<byte> into) => Actor.Requester.ReadAsync(localAddress, into);

    /// <summary>Copies to the bus, through an outbound window; complete when the last write has left the processor.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    protected ValueTask<RequestResult> WriteAsync(ulong localAddress, Memory<byte> from) => Actor.Requester.WriteAsync(localAddress, from);

    protected ValueTask DelayAsync(SimTime delay) => Actor.Alarms.After(delay);

    /// <summary>Runs code beside everything else. Its failure stops the function's software.</summary>
    protected void Start(Func<Task> code) => Actor.Watch(code());

    /// <summary>Composes the function: header, BARs, interrupts. The controller starts when all of its functions are bound.</summary>
    protected internal abstract Task BindAsync();

    /// <summary>Gives back what <see cref="BindAsync"/> took. The function stays in configuration space until the controller stops.</summary>
    protected internal virtual Task UnbindAsync() => Task.CompletedTask;

    /// <summary>Something happened to the controller or the function. The registers have changed already, and DMA under way was given up where the event says so.</summary>
    protected internal virtual void Happened(ControllerEventKind what)
    {
    }

    private BoundFunctionActor Actor => _actor ?? throw new InvalidOperationException($"{GetType().Name} is not part of a fabric yet; use BindAsync in place of its constructor");

    internal void Attach(BoundFunctionActor actor) => _actor = actor;
}
