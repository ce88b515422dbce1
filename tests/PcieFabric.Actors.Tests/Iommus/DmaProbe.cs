using PcieFabric.EndpointFunctions;
using PcieFabric.Requests;
using PcieFabric.Tlps;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Iommus;

/// <summary>A function that does what a test tells it: the host writes the number of an order to register 0, and register 0 reads how many are done.</summary>
internal sealed class DmaProbe : EndpointFunction
{
    private readonly List<Func<DmaProbe, Task>> _orders = [];
    private uint _done;

    public bool UsesAts { get; init; }

    public int Orders => _orders.Count;

    public long Asked => TranslationsAsked;

    /// <summary>Set by an order that says so: what runs in the function sees it in its own time, wherever the host runs.</summary>
    public bool IsStopped { get; set; }

    public int Resets { get; private set; }

    public new SimTime Now => base.Now;

    public int Add(Func<DmaProbe, Task> order)
    {
        _orders.Add(order);
        return _orders.Count - 1;
    }

    public ValueTask<RequestResult> ReadAsync(ulong address, Memory<byte> into, uint? pasid = null, AddressType type = AddressType.Untranslated) => DmaReadAsync(address, into, Attributes(pasid, type));

    public ValueTask<RequestResult> WriteAsync(ulong address, Memory<byte> from, uint? pasid = null, AddressType type = AddressType.Untranslated) => DmaWriteAsync(address, from, Attributes(pasid, type));

    public ValueTask<RequestResult> FetchAddAsync(ulong address, uint value) => DmaAtomicAsync(AtomicOperation.FetchAdd, address, BitConverter.GetBytes(value));

    public void Limit(int requests) => LimitOutstanding(requests);

    public ValueTask PauseAsync(SimTime time) => DelayAsync(time);

    public void Beside(Func<Task> code) => Start(code);

    protected internal override Task RunAsync()
    {
        if (UsesAts) UseAddressTranslation(entries: 16, ways: 4);
        return Task.CompletedTask;
    }

    protected internal override uint ReadRegister(int bar, ulong offset) => _done;

    protected internal override void WriteRegister(int bar, ulong offset, uint value, int byteEnables) => Start(async () =>
    {
        await _orders[(int)value](this);
        _done++;
    });

    protected internal override void Reset() => Resets++;

    private static Tlp Attributes(uint? pasid, AddressType type)
    {
        var attributes = default(Tlp);
        attributes.AddressType = type;
        if (pasid is { } number) attributes.SetPasid(number);
        return attributes;
    }
}
