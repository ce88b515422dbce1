#pragma warning disable RS0030 // The engine's partitions are the one place that owns threads.

namespace PcieFabric.Engine;

/// <summary>
/// How the threads of a team wait for each other: each looks again and again, for about as long as falling asleep and waking up would take, and then sleeps until
/// another rings. Nobody yields: where a third thread wants the processor too, such as the compiler's, that gives away milliseconds for a wait of microseconds; and who
/// sleeps leaves the processor to the one that it waits for.
/// </summary>
internal sealed class Bell
{
    private readonly object _sleep = new();

    /// <summary>Those who sleep, or will unless their last look finds something. Beside nothing that changes often, as all who ring look here.</summary>
    private int _listeners;

    private long _rings;

    /// <summary>Something has changed that others may wait for. It is written before.</summary>
    public void Ring()
    {
        // Who goes to sleep says so before a last look, and here the order is the reverse.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _listeners) == 0) return;
        lock (_sleep)
        {
            _rings++;
            Monitor.PulseAll(_sleep);
        }
    }

    /// <summary>One thread's wait, from its first look in vain on.</summary>
    public struct Wait(Bell bell)
    {
        private int _looks;
        private bool _isListening;
        private long _heard;

        /// <summary>After a look in vain. On return, look again.</summary>
        public void Once()
        {
            if (_looks < EngineLimits.LooksBeforeSleep)
            {
                _looks++;
                Pause();
            }
            else if (!_isListening)
            {
                _isListening = true;
                lock (bell._sleep)
                {
                    _heard = bell._rings;
                    Interlocked.Increment(ref bell._listeners);
                }
            }
            else
            {
                Sleep();
            }
        }

        /// <summary>Looks are a third of a microsecond apart.</summary>
        public static void Pause() => Thread.SpinWait(EngineLimits.SpinsPerLook);

        /// <summary>There was something. The next wait starts anew.</summary>
        public void End()
        {
            if (_isListening) Interlocked.Decrement(ref bell._listeners);
            (_looks, _isListening) = (0, false);
        }

        private void Sleep()
        {
            lock (bell._sleep)
            {
                while (bell._rings == _heard) Monitor.Wait(bell._sleep);
                _heard = bell._rings;
            }
        }
    }
}
