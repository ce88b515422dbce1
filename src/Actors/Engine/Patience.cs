#pragma warning disable RS0030 // The engine's partitions are the one place that owns threads.

namespace PcieFabric.Engine;

/// <summary>
/// One thread's wait for another, from its first look in vain on. It does not yield at once: where a third thread wants the processor too, such as the compiler's, that gives
/// away a slice of milliseconds for a wait of microseconds. It does later, as then it is the other that waits for a processor.
/// </summary>
internal struct Patience
{
    private int _looks;

    /// <summary>There have been so many looks that the other is not just about to be there.</summary>
    public readonly bool IsOver => _looks >= EngineLimits.LooksBeforeYield;

    /// <summary>After a look in vain. On return, look again.</summary>
    public void Wait()
    {
        if (IsOver)
        {
            Thread.Yield();
            return;
        }
        _looks++;
        Thread.SpinWait(EngineLimits.SpinsPerLook);
    }
}
