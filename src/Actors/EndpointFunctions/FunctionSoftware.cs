using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.Requests;

namespace PcieFabric.EndpointFunctions;

/// <summary>
/// What runs the code of a function, whichever actor that is: turns, tasks, delays, and a requester that follows the function's configuration.
/// </summary>
internal sealed class FunctionSoftware
{
    private readonly IRequestPath _path;
    private readonly SoftwareTasks _tasks;
    private Requester? _requester;
    private Alarms? _alarms;
    private int _tagLimit = Limits.MaxTags;

    /// <summary>Other tags are to be used once those in use are back.</summary>
    private bool _tagsStale;

    /// <param name="path">Where the function's requests go.</param>
    public FunctionSoftware(IRequestPath path)
    {
        _path = path;
        _tasks = new SoftwareTasks(Turns);
    }

    public ActorSynchronizationContext Turns { get; } = new();

    public FunctionState State { get; private set; }

    public Requester Requester => _requester!;

    public Alarms Alarms => _alarms!;

    public bool AllFinished => _tasks.AllFinished;

    /// <summary>All at once, so that it lies together and beside its actor: where thousands of functions are busy, what one needs can be fetched at once.</summary>
    public void Attach(IActorContext context)
    {
        _alarms = new Alarms(context, Turns);
        _requester = new Requester(context, _path, Turns, tags: TagsOf(State), limit: _tagLimit);
    }

    public void Watch(Task task) => _tasks.Watch(task);

    /// <summary>Starts a piece of software, in a turn of its own.</summary>
    public void Start(Func<Task> software) => _tasks.Start(software);

    /// <summary>The path may have opened.</summary>
    public void Issue() => _requester?.Issue();

    /// <inheritdoc cref="Requester.ReleaseHeld"/>
    public void ReleaseHeld() => _requester?.ReleaseHeld();

    public void Completed(ref readonly Tlp completion)
    {
        Requester.Completed(in completion);
        if (_tagsStale) UseTags();
    }

    public void LimitOutstanding(int requests)
    {
        _tagLimit = requests;
        UseTags();
    }

    /// <summary>The function's configuration changed. After a reset what was under way ends as if its time were up.</summary>
    public void Adopt(FunctionState state)
    {
        var tagsChanged = state.TagBits != State.TagBits;
        State = state;
        Configure(Requester);
        if (state.WasReset) Requester.AbandonAll();
        if (tagsChanged || state.WasReset) UseTags();
    }

    /// <inheritdoc cref="Actor.Foresee"/>
    public void Foresee(Engine.Timer timer)
    {
        if (timer.Id == Alarms.TimerId) Alarms.Foresee(timer.Argument);
    }

    /// <returns>False if the timer is none of its own.</returns>
    public bool Fired(Engine.Timer timer)
    {
        switch (timer.Id)
        {
            case Requester.TimerId:
                Requester.TimerFired();
                return true;
            case Alarms.TimerId:
                Alarms.Fired(timer.Argument);
                return true;
            default:
                return false;
        }
    }

    /// <summary>To be called when a message has been handled.</summary>
    public void RunTurn() => _tasks.RunTurn();

    private static TagWidth TagsOf(FunctionState state) => (TagWidth)Math.Max((byte)TagWidth.FiveBits, state.TagBits);

    private void UseTags()
    {
        // Before it is part of a fabric there is none.
        if (_requester is null) return;
        _requester.ReleaseHeld();
        _tagsStale = _requester.Outstanding > 0;
        if (!_tagsStale) _requester.UseTags(TagsOf(State), _tagLimit);
    }

    private void Configure(Requester requester)
    {
        requester.Id = State.Id;
        if (State.MaxPayloadBytes != 0) requester.Limits = new TlpLimits(State.MaxPayloadBytes, State.MaxReadRequestBytes);
        requester.CompletionTimeout = CompletionTimeout.FromDeviceControl2(State.DeviceControl2).Longest;
    }
}
