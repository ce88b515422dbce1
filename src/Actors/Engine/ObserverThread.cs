#pragma warning disable RS0030 // What observers leave behind is dealt with while the run goes on; no actor sees the thread that does, nor anything that it does.

namespace PcieFabric.Engine;

/// <summary>A thread beside those that run partitions: what it works on has been copied for it, so that a run is the same with it and without.</summary>
internal sealed class ObserverThread
{
    private readonly Thread _thread;

    /// <param name="work">Ends by itself, and never by an exception.</param>
    public ObserverThread(string name, Action work)
    {
        _thread = new Thread(() => work()) { IsBackground = true, Name = name };
        _thread.Start();
    }

    public void Join() => _thread.Join();
}
