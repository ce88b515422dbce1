namespace PcieFabric.Guests.Tests;

/// <summary>The lines that a guest's serial console and QEMU itself have printed so far, and who waits for more.</summary>
internal sealed class GuestConsole
{
    /// <summary>As many of the last lines as tell, in a failure's message, what the guest was about.</summary>
    private const int TailLines = 30;

    private readonly List<string> _lines = [];
    private TaskCompletionSource _more = NewSignal();
    private bool _ended;

    /// <summary>How many lines there are; a wait may start from here.</summary>
    public int Count
    {
        get
        {
            lock (_lines)
                return _lines.Count;
        }
    }

    /// <summary>All lines so far.</summary>
    public string Text
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>The last lines, for a message.</summary>
    public string Tail
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines.TakeLast(TailLines).Prepend("the guest's console ends with:"));
        }
    }

    /// <summary>Waits for a line that contains a text, from a line on, and returns it.</summary>
    /// <exception cref="TimeoutException">It did not come in time, or cannot come any more; the message tells the last lines.</exception>
    public async Task<string> WaitForLineAsync(string text, TimeSpan limit, int from = 0)
    {
        using var late = new CancellationTokenSource(limit);
        while (true)
        {
            Task more;
            lock (_lines)
            {
                for (; from < _lines.Count; from++)
                {
                    if (_lines[from].Contains(text, StringComparison.Ordinal))
                        return _lines[from];
                }

                if (_ended)
                    throw new TimeoutException($"the guest ended before it printed '{text}'; {Tail}");
                more = _more.Task;
            }

            try
            {
                await more.WaitAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"no line with '{text}' within {limit.TotalSeconds:0.#} s; {Tail}");
            }
        }
    }

    public void Add(string line)
    {
        lock (_lines)
        {
            _lines.Add(line.TrimEnd('\r'));
            Signal();
        }
    }

    /// <summary>No line comes any more.</summary>
    public void End()
    {
        lock (_lines)
        {
            _ended = true;
            Signal();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal()
    {
        var waited = _more;
        _more = NewSignal();
        waited.SetResult();
    }
}
