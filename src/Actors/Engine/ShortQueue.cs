using System.Diagnostics.CodeAnalysis;

namespace PcieFabric.Engine;

/// <summary>First in, first out, where hardly ever more than one waits: that one is part of whoever has the queue, instead of two objects away. A mutable value; keep it in a field.</summary>
internal struct ShortQueue<T>
{
    private T _first;
    private Queue<T>? _others;

    public int Count { get; private set; }

    public void Enqueue(T item)
    {
        if (Count++ == 0) _first = item;
        else (_others ??= new()).Enqueue(item);
    }

    public readonly bool TryPeek([MaybeNullWhen(false)] out T item)
    {
        item = _first;
        return Count > 0;
    }

    public bool TryDequeue([MaybeNullWhen(false)] out T item)
    {
        item = _first;
        if (Count == 0) return false;
        _first = --Count > 0 ? _others!.Dequeue() : default!;
        return true;
    }

    /// <summary>Only when not empty.</summary>
    public readonly T Peek() => Count > 0 ? _first : throw new InvalidOperationException("Invariant: an empty queue has no first");

    /// <inheritdoc cref="Peek"/>
    public T Dequeue() => TryDequeue(out var item) ? item : throw new InvalidOperationException("Invariant: an empty queue has no first");
}
