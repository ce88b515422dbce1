namespace PcieFabric.Engine;

/// <summary>
/// One component of the fabric. It owns its state, sees only its messages and its context, and is never entered
/// by two threads at a time.
/// </summary>
public abstract class Actor
{
    private IActorContext? _context;

    /// <summary>Valid from <see cref="Started"/> on.</summary>
    protected IActorContext Context => _context ?? throw new InvalidOperationException($"Invariant: {GetType().Name} used its context before it was spawned");

    /// <summary>Null until spawned.</summary>
    internal IActorContext? AttachedTo => _context;

    /// <summary>Called by an engine, once.</summary>
    public void Attach(IActorContext context)
    {
        if (_context is not null) throw new InvalidOperationException($"Invariant: {_context.Path} is already spawned");
        _context = context;
        Started();
    }

    /// <summary>The context is there; wiring is not. Nothing may be sent yet.</summary>
    protected virtual void Started()
    {
    }

    /// <param name="message">Valid during the call only.</param>
    public abstract void Receive(ref readonly Message message);

    /// <summary>
    /// Some messages before <see cref="Receive"/>, where thousands of actors are busy: what it will need that does not lie right behind the actor is for <see cref="Foresight.Fetch(object?, int, int)"/>.
    /// Not to change anything, nor to be relied on.
    /// </summary>
    internal virtual void Foresee(ref readonly Message message)
    {
    }

    /// <summary>What a supervisor calls in place of <see cref="Receive"/> once it has stopped this actor: payloads must still be given back.</summary>
    public virtual void ReceiveStopped(ref readonly Message message)
    {
        if (message.CarriesTlp) message.Tlp.Release(Context.Payloads);
    }
}
