using System.Threading.Tasks.Sources;
using PcieFabric.Engine;

namespace PcieFabric.Requests;

/// <summary>Delays in virtual time that an actor's software awaits.</summary>
public sealed class Alarms(IActorContext context, ActorSynchronizationContext software)
{
    /// <summary>The <see cref="Engine.Timer.Id"/> that the actor hands to <see cref="Fired"/>.</summary>
    public const int TimerId = -2;

    private readonly List<Alarm> _alarms = [];
    private readonly Stack<Alarm> _idle = new();

    /// <param name="delay">Zero or less completes at once.</param>
    public ValueTask After(SimTime delay)
    {
        if (delay.Picoseconds <= 0) return ValueTask.CompletedTask;
        software.Begin();
        if (!_idle.TryPop(out var alarm)) _alarms.Add(alarm = new Alarm(_alarms.Count, _idle));
        alarm.Reset();
        context.Schedule(delay.Picoseconds, new Engine.Timer(TimerId, (ulong)alarm.Slot));
        return new ValueTask(alarm, alarm.Version);
    }

    public void Fired(ulong argument) => software.Happened(_alarms[(int)argument]);

    private sealed class Alarm(int slot, Stack<Alarm> idle) : IValueTaskSource, ActorSynchronizationContext.IAwaited
    {
        private ManualResetValueTaskSourceCore<bool> _fired;

        public int Slot => slot;

        public short Version => _fired.Version;

        public void Reset() => _fired.Reset();

        public void Resume() => _fired.SetResult(true);

        public void GetResult(short token)
        {
            _fired.GetResult(token);
            idle.Push(this);
        }

        public ValueTaskSourceStatus GetStatus(short token) => _fired.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _fired.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
    }
}
