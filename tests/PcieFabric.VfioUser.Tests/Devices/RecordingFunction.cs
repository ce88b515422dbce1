using System.Collections.Concurrent;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Tests.Devices;

/// <summary>A function that stores what is written and tells what it was told.</summary>
internal sealed class RecordingFunction : IVfioUserDevice
{
    public const int BarBytes = 0x2000;
    public const ulong RefusedOffset = 0x1000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly byte[][] _regions = [.. Enumerable.Range(0, DeviceDescription.RegionCount).Select(_ => new byte[BarBytes])];

    public RecordingFunction(DeviceDescription? description = null) => Description = description ?? new DeviceDescription(4096)
    {
        [RegionIndex.Bar0] = new RegionDescription(BarBytes),
        [RegionIndex.Bar2] = new RegionDescription(16, Writable: false),
        [RegionIndex.Bar4] = new RegionDescription(16, Readable: false),
        HasIntx = true,
        MsiVectors = 4,
        MsiXVectors = 40,
    };

    public DeviceDescription Description { get; }

    public BlockingCollection<string> Events { get; } = [];

    public IVfioUserClient? Client { get; private set; }

    /// <summary>Called within each read of a region.</summary>
    public Action? WhileReading { get; set; }

    /// <summary>The next thing that it was told.</summary>
    public string Next() => Events.TryTake(out var next, Patience) ? next : "nothing";

    public void Attached(IVfioUserClient client)
    {
        Client = client;
        Events.Add("attached");
    }

    public void Detached(IVfioUserClient client)
    {
        if (client != Client) Events.Add("detached from another");
        Events.Add("detached");
    }

    public Errno Read(RegionIndex region, ulong offset, Span<byte> into)
    {
        WhileReading?.Invoke();
        if (region == RegionIndex.Bar0 && offset == RefusedOffset) return Errno.EIO;
        _regions[(int)region].AsSpan((int)offset, into.Length).CopyTo(into);
        return Errno.None;
    }

    public Errno Write(RegionIndex region, ulong offset, ReadOnlySpan<byte> data)
    {
        if (region == RegionIndex.Bar0 && offset == RefusedOffset) return Errno.EIO;
        data.CopyTo(_regions[(int)region].AsSpan((int)offset));
        return Errno.None;
    }

    public Errno Reset()
    {
        foreach (var region in _regions) Array.Clear(region);
        Events.Add("reset");
        return Errno.None;
    }

    public void InterruptsChanged(InterruptIndex index, InterruptChange change, int start, int count) => Events.Add($"{index} {change} {start}+{count}");
}
