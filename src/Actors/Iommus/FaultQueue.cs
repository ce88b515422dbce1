namespace PcieFabric.Iommus;

/// <summary>The fault records that wait for software: a ring; what comes when it is full is lost, and the next record says so.</summary>
internal sealed class FaultQueue(int capacity)
{
    private readonly IommuFault[] _ring = new IommuFault[capacity];
    private int _head;
    private bool _lost;

    public int Count { get; private set; }

    /// <returns>False if the record was lost.</returns>
    public bool TryAdd(in IommuFault fault)
    {
        if (Count == _ring.Length)
        {
            _lost = true;
            return false;
        }
        _ring[(_head + Count++) % _ring.Length] = _lost ? fault.AfterLoss() : fault;
        _lost = false;
        return true;
    }

    public bool TryTake(out IommuFault fault)
    {
        fault = default;
        if (Count == 0) return false;
        fault = _ring[_head];
        _head = (_head + 1) % _ring.Length;
        Count--;
        return true;
    }
}
