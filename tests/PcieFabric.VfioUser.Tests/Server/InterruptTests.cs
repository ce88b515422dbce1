using PcieFabric.Memory;
using PcieFabric.VfioUser.Client;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Tests.Server;

public class InterruptTests
{
    [Theory]
    [InlineData(InterruptIndex.Intx, 0)]
    [InlineData(InterruptIndex.Msi, 3)]
    [InlineData(InterruptIndex.MsiX, 39)]
    public void ATriggeredVectorSignalsItsCounterAlone(InterruptIndex index, int vector)
    {
        using var served = new Served();
        using var client = served.Attach();
        using var counter = EventCounter.Create();
        var function = served.Function.Client!;

        Assert.False(function.Trigger(index, vector));
        Assert.Equal(Errno.None, client.Listen(index, vector, 1, counter));
        Assert.Equal($"{index} Enabled {vector}+1", served.Function.Next());
        Assert.True(function.Trigger(index, vector));
        Assert.True(function.Trigger(index, vector));
        Assert.False(function.Trigger(index, vector + 1));
        Assert.False(function.Trigger(index, -1));
        Assert.Equal(2ul, counter.Take());
    }

    [Fact]
    public void AsManyVectorsComeWithOneMessageAsWereAgreedOn()
    {
        using var served = new Served();
        using var client = served.Attach();
        var counters = Enumerable.Range(0, 16).Select(_ => EventCounter.Create()).ToArray();

        Assert.Equal(Errno.None, client.Listen(InterruptIndex.MsiX, 8, 16, counters));
        Assert.Equal("MsiX Enabled 8+16", served.Function.Next());
        for (var vector = 8; vector < 24; vector++) Assert.True(served.Function.Client!.Trigger(InterruptIndex.MsiX, vector));
        Assert.All(counters, counter => Assert.Equal(1ul, counter.Take()));
        foreach (var counter in counters) counter.Dispose();
    }

    [Fact]
    public void VectorsWithoutDescriptorsAreGivenUp()
    {
        using var served = new Served();
        using var client = served.Attach();
        using var counter = EventCounter.Create();
        client.Listen(InterruptIndex.MsiX, 0, 3, counter, counter, counter);
        served.Function.Next();

        Assert.Equal(Errno.None, client.Listen(InterruptIndex.MsiX, 1, 1));
        Assert.Equal("MsiX Disabled 1+1", served.Function.Next());
        Assert.Equal([true, false, true], Enumerable.Range(0, 3).Select(vector => served.Function.Client!.Trigger(InterruptIndex.MsiX, vector)));
    }

    [Fact]
    public void ACountOfZeroGivesUpAllOfAKind()
    {
        using var served = new Served();
        using var client = served.Attach();
        using var counter = EventCounter.Create();
        client.Listen(InterruptIndex.MsiX, 5, 1, counter);
        client.Listen(InterruptIndex.Msi, 1, 1, counter);
        served.Function.Next();
        served.Function.Next();

        Assert.Equal(Errno.None, Set(client, IrqSetFlags.DataNone | IrqSetFlags.Trigger, InterruptIndex.MsiX, 0, 0));
        Assert.Equal("MsiX Disabled 0+40", served.Function.Next());
        Assert.False(served.Function.Client!.Trigger(InterruptIndex.MsiX, 5));
        Assert.True(served.Function.Client.Trigger(InterruptIndex.Msi, 1));
    }

    [Fact]
    public void TheClientTriggersByItselfToTestItsCounters()
    {
        using var served = new Served();
        using var client = served.Attach();
        var counters = Enumerable.Range(0, 4).Select(_ => EventCounter.Create()).ToArray();
        client.Listen(InterruptIndex.Msi, 0, 4, counters);

        Assert.Equal(Errno.None, Set(client, IrqSetFlags.DataNone | IrqSetFlags.Trigger, InterruptIndex.Msi, 1, 2));
        Assert.Equal(Errno.None, Set(client, IrqSetFlags.DataBool | IrqSetFlags.Trigger, InterruptIndex.Msi, 0, 4, [0, 1, 0, 1]));
        Assert.Equal([0ul, 2, 1, 1], counters.Select(counter => counter.Take()));
        foreach (var counter in counters) counter.Dispose();
    }

    [Fact]
    public void MaskingOfIntxReachesTheFunctionInAllItsForms()
    {
        using var served = new Served();
        using var client = served.Attach();

        Assert.Equal(Errno.None, Set(client, IrqSetFlags.DataNone | IrqSetFlags.Mask, InterruptIndex.Intx, 0, 1));
        Assert.Equal("Intx Masked 0+1", served.Function.Next());
        Assert.Equal(Errno.None, Set(client, IrqSetFlags.DataNone | IrqSetFlags.Unmask, InterruptIndex.Intx, 0, 1));
        Assert.Equal("Intx Unmasked 0+1", served.Function.Next());
        Assert.Equal(Errno.None, Set(client, IrqSetFlags.DataBool | IrqSetFlags.Mask, InterruptIndex.Intx, 0, 1, [0]));
        Assert.Equal(Errno.None, Set(client, IrqSetFlags.DataBool | IrqSetFlags.Mask, InterruptIndex.Intx, 0, 1, [1]));
        Assert.Equal("Intx Masked 0+1", served.Function.Next());
        using var unmask = EventCounter.Create();
        using var mask = EventCounter.Create();
        Assert.Equal(Errno.None, Set(client, IrqSetFlags.DataEvent | IrqSetFlags.Unmask, InterruptIndex.Intx, 0, 1, [], unmask));
        Assert.Equal(Errno.None, Set(client, IrqSetFlags.DataEvent | IrqSetFlags.Mask, InterruptIndex.Intx, 0, 1, [], mask));
        unmask.Signal();
        Assert.Equal("Intx Unmasked 0+1", served.Function.Next());
        mask.Signal();
        Assert.Equal("Intx Masked 0+1", served.Function.Next());
        Assert.Equal(Errno.None, client.Read(RegionIndex.Bar0, 0, new byte[4]));
        Assert.Equal(Errno.None, Set(client, IrqSetFlags.DataEvent | IrqSetFlags.Unmask, InterruptIndex.Intx, 0, 1));
        unmask.Signal();
        mask.Signal();
        Assert.Equal("Intx Masked 0+1", served.Function.Next());
    }

    [Theory]
    [InlineData(IrqSetFlags.DataNone | IrqSetFlags.Mask, InterruptIndex.Msi, 0, 1, Errno.ENOTTY)]
    [InlineData(IrqSetFlags.DataNone | IrqSetFlags.Unmask, InterruptIndex.MsiX, 0, 1, Errno.ENOTTY)]
    [InlineData(IrqSetFlags.DataNone | IrqSetFlags.Trigger, (InterruptIndex)5, 0, 0, Errno.EINVAL)]
    [InlineData(IrqSetFlags.DataNone | IrqSetFlags.Trigger, InterruptIndex.Msi, 4, 1, Errno.EINVAL)]
    [InlineData(IrqSetFlags.DataNone | IrqSetFlags.Trigger, InterruptIndex.Msi, 0, 5, Errno.EINVAL)]
    [InlineData(IrqSetFlags.DataNone | IrqSetFlags.Trigger, InterruptIndex.Msi, 1, uint.MaxValue, Errno.EINVAL)]
    [InlineData(IrqSetFlags.DataNone | IrqSetFlags.Trigger, InterruptIndex.Msi, uint.MaxValue, 1, Errno.EINVAL)]
    [InlineData(IrqSetFlags.DataNone | IrqSetFlags.Trigger, InterruptIndex.Error, 0, 1, Errno.EINVAL)]
    [InlineData(IrqSetFlags.DataNone | IrqSetFlags.Mask, InterruptIndex.Intx, 0, 0, Errno.EINVAL)]
    [InlineData(IrqSetFlags.DataNone | IrqSetFlags.DataEvent | IrqSetFlags.Trigger, InterruptIndex.Msi, 0, 1, Errno.EINVAL)]
    [InlineData(IrqSetFlags.DataNone | IrqSetFlags.Mask | IrqSetFlags.Trigger, InterruptIndex.Intx, 0, 1, Errno.EINVAL)]
    [InlineData(IrqSetFlags.DataNone, InterruptIndex.Intx, 0, 1, Errno.EINVAL)]
    [InlineData(IrqSetFlags.Trigger, InterruptIndex.Intx, 0, 1, Errno.EINVAL)]
    [InlineData(IrqSetFlags.DataNone | IrqSetFlags.Trigger | (IrqSetFlags)64, InterruptIndex.Intx, 0, 1, Errno.EINVAL)]
    [InlineData(IrqSetFlags.DataBool | IrqSetFlags.Trigger, InterruptIndex.Msi, 0, 2, Errno.EINVAL)]
    public void WhatCannotBeIsRefused(IrqSetFlags flags, InterruptIndex index, uint start, uint count, Errno expected)
    {
        using var served = new Served();
        using var client = served.Attach();

        Assert.Equal(expected, Set(client, flags, index, start, count));
        Assert.Empty(served.Function.Events);
    }

    [Fact]
    public void DescriptorsMustBeCountersAndOneForEachVector()
    {
        using var served = new Served();
        using var client = served.Attach();
        using var counter = EventCounter.Create();
        using var memory = new SharedMemory("guest", 4096);
        using var file = new Descriptor(memory.FileDescriptor, owned: false);
        const IrqSetFlags Listen = IrqSetFlags.DataEvent | IrqSetFlags.Trigger;

        Assert.Equal(Errno.EINVAL, client.Listen(InterruptIndex.Msi, 0, 2, counter));
        Assert.Equal(Errno.EINVAL, client.Listen(InterruptIndex.Msi, 0, 1, counter, counter));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DeviceSetIrqs, Fixed(Listen, InterruptIndex.Msi, 0, 1), out _, file));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DeviceSetIrqs, Fixed(Listen, InterruptIndex.Msi, 0, 2), out _, counter.Descriptor, file));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DeviceSetIrqs, Fixed(IrqSetFlags.DataNone | IrqSetFlags.Trigger, InterruptIndex.Msi, 0, 1), out _, counter.Descriptor));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DeviceSetIrqs, Fixed(IrqSetFlags.DataEvent | IrqSetFlags.Unmask, InterruptIndex.Intx, 0, 1), out _, file));
        Assert.Equal(Errno.EINVAL, client.Request(Command.DeviceSetIrqs, Fixed(Listen, InterruptIndex.Msi, 0, 1).AsSpan(0, 19), out _, counter.Descriptor));
        Assert.False(served.Function.Client!.Trigger(InterruptIndex.Msi, 0));
    }

    [Fact]
    public void ACounterAtItsEndDoesNotStopTheFunction()
    {
        using var served = new Served();
        using var client = served.Attach();
        using var counter = EventCounter.Create();
        client.Listen(InterruptIndex.Msi, 0, 1, counter);
        Assert.True(counter.Signal(ulong.MaxValue - 1));

        Assert.False(served.Function.Client!.Trigger(InterruptIndex.Msi, 0));
        Assert.Equal(ulong.MaxValue - 1, counter.Take());
    }

    private static Errno Set(VfioUserClient client, IrqSetFlags flags, InterruptIndex index, uint start, uint count, byte[]? data = null, params EventCounter[] events) =>
        client.Request(Command.DeviceSetIrqs, [.. Fixed(flags, index, start, count), .. data ?? []], out _, [.. events.Select(e => e.Descriptor)]);

    private static byte[] Fixed(IrqSetFlags flags, InterruptIndex index, uint start, uint count) =>
        Messages.Bytes(new IrqSetPayload(20, flags, (uint)index, start, count));
}
