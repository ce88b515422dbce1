using System.Threading.Tasks.Sources;
using PcieFabric.Engine;

namespace PcieFabric.Requests;

/// <summary>Delays in virtual time that an actor's software awaits.</summary>
public sealed class Alarms
{
    /// <summary>The <see cref="Engine.Timer.Id"/> that the actor hands to <see cref="Fired"/>.</summary>
    public const int TimerId = -2;

    /// <summary>What code commonly keeps while it waits, and what it made before it first did.</summary>
    private const int BytesOfCode = 192, BytesBeforeCode = 256;

    private readonly IActorContext _context;
    private readonly ActorSynchronizationContext _software;
    private Alarm[] _alarms = new Alarm[1];
    private int _made;

    /// <summary>The last that became idle; it knows the one before.</summary>
    private Alarm? _idle;

    /// <summary>One comes with it, and so lies beside it.</summary>
    public Alarms(IActorContext context, ActorSynchronizationContext software)
    {
        (_context, _software) = (context, software);
        _idle = Make();
    }

    /// <param name="delay">Zero or less completes at once.</param>
    public ValueTask After(SimTime delay)
    {
        if (delay.Picoseconds <= 0) return ValueTask.CompletedTask;
        _software.Begin();
        var alarm = _idle ?? Make();
        _idle = alarm.NextIdle;
        alarm.Reset();
        _context.Schedule(delay.Picoseconds, new Engine.Timer(TimerId, (ulong)alarm.Slot));
        return new ValueTask(alarm, alarm.Version);
    }

    /// <summary>Has the processor fetch the code that an alarm will let go on.</summary>
    internal void Foresee(ulong argument) => Foresight.Fetch(_alarms[(int)argument].Code, BytesBeforeCode, BytesOfCode);

    public void Fired(ulong argument) => _software.Happened(_alarms[(int)argument]);

    private Alarm Make()
    {
        if (_made == _alarms.Length) Array.Resize(ref _alarms, 2 * _made);
        return _alarms[_made] = new Alarm(this, _made++);
    }

    private sealed class Alarm(Alarms owner, int slot) : IValueTaskSource, ActorSynchronizationContext.IAwaited
    {
        private ManualResetValueTaskSourceCore<bool> _fired;

        public int Slot => slot;

        public Alarm? NextIdle { get; private set; }

        /// <summary>What waits for it: as the compiler makes it, the method with all that it keeps.</summary>
        public object? Code { get; private set; }

        public short Version => _fired.Version;

        public void Reset() => _fired.Reset();

        public void Resume() => _fired.SetResult(true);

        public void GetResult(short token)
        {
            _fired.GetResult(token);
            Code = null;
            (NextIdle, owner._idle) = (owner._idle, this);
        }

        public ValueTaskSourceStatus GetStatus(short token) => _fired.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        {
            Code = state;
            _fired.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
        }
    }
}
