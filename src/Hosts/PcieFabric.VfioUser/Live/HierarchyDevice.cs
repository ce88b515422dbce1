using System.Buffers.Binary;
using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Live;

/// <summary>A root complex of a live fabric with all that is below it, for one guest at a time, which enumerates it.</summary>
public sealed class HierarchyDevice : IVfioUserDevice
{
    private const int BridgeControl = 0x3C;
    private const uint SecondaryBusReset = 1 << 22;

    private readonly LiveFabric _live;
    private readonly LivePlace _place;
    private readonly Guest _guest;
    private readonly ConfigSpace _space = VmdFunction.Create();

    /// <summary>Every root port's registers as they are before anybody has changed them.</summary>
    private readonly List<(Bdf Port, uint[] Registers)> _initial = [];

    /// <param name="host">Of the live fabric, by number; <paramref name="hierarchy"/> among its root complexes.</param>
    public HierarchyDevice(LiveFabric live, int host, int hierarchy)
    {
        (_live, _place) = (live, new LivePlace(host, hierarchy));
        _guest = new Guest(_place);
        Description = new DeviceDescription(Limits.ConfigSpaceBytes)
        {
            [RegionIndex.Bar0] = new RegionDescription(VmdFunction.EcamBytes),
            [RegionIndex.Bar2] = new RegionDescription(VmdFunction.FirstWindowBytes),
            [RegionIndex.Bar4] = new RegionDescription(VmdFunction.SecondWindowBytes),
            MsiXVectors = VmdFunction.MsiXVectors,
        };
        for (var device = 0; device < 32; device++)
        {
            for (var function = 0; function < 8; function++)
            {
                var port = new Bdf(0, device, function);
                if (_live.ReadConfiguration(_place, port, 0) == uint.MaxValue) continue;
                _initial.Add((port, [.. Enumerable.Range(0, Limits.ConfigSpaceBytes / 4).Select(dword => _live.ReadConfiguration(_place, port, 4 * dword))]));
            }
        }
    }

    public DeviceDescription Description { get; }

    /// <inheritdoc cref="FunctionDevice.IsAttached"/>
    public bool IsAttached => _guest.Client is not null;

    public void Attached(IVfioUserClient client)
    {
        _guest.Client = client;
        _live.Join(_guest, function: null);
    }

    public void Detached(IVfioUserClient client) => _live.Together(() =>
    {
        ResetHierarchy();
        _live.Leave(_guest);
        return true;
    });

    public Errno Read(RegionIndex region, ulong offset, Span<byte> into)
    {
        if (region is not (RegionIndex.Config or RegionIndex.Bar0))
        {
            if (IsTable(region, offset)) into.Fill(0xFF);
            else _live.ReadMemory(_place, BaseOf(region) + offset, into);
            return Errno.None;
        }
        var pieces = new DwordPieces(offset, into.Length);
        while (pieces.MoveNext())
            pieces.Take(region == RegionIndex.Config ? _space.Read(new RegisterOffset((int)pieces.Dword)) : _live.ReadConfiguration(_place, FunctionAt(pieces.Dword), RegisterAt(pieces.Dword)), into);
        return Errno.None;
    }

    public Errno Write(RegionIndex region, ulong offset, ReadOnlySpan<byte> data)
    {
        if (region is not (RegionIndex.Config or RegionIndex.Bar0))
        {
            if (!IsTable(region, offset)) _live.WriteMemory(_place, BaseOf(region) + offset, data);
            return Errno.None;
        }
        var pieces = new DwordPieces(offset, data.Length);
        while (pieces.MoveNext())
        {
            var value = pieces.Give(data);
            if (region == RegionIndex.Config) _space.Write(new RegisterOffset((int)pieces.Dword), new MaskedDword(value, pieces.Enables));
            else _live.WriteConfiguration(_place, FunctionAt(pieces.Dword), RegisterAt(pieces.Dword), value, pieces.Enables);
        }
        return Errno.None;
    }

    public Errno Reset()
    {
        _live.Together(ResetHierarchy);
        return Errno.None;
    }

    /// <summary>The functions interrupt by themselves, so that the device's own vectors stay silent.</summary>
    public void InterruptsChanged(InterruptIndex index, InterruptChange change, int start, int count)
    {
    }

    /// <summary>PCIe 6.0 section 7.2.2: a MiB for each bus, 4 KiB for each function.</summary>
    private static Bdf FunctionAt(ulong offset) => new((ushort)(offset >> VmdFunction.FunctionShift));

    private static int RegisterAt(ulong offset) => (int)(offset & (Limits.ConfigSpaceBytes - 1));

    /// <summary>The client keeps the table, and with it what is before the domain's window.</summary>
    private static bool IsTable(RegionIndex region, ulong offset) => region == RegionIndex.Bar4 && offset < VmdFunction.SecondWindowStart;

    /// <summary>What a guest has put below the device's window it addresses as it sees it: devices have the guest's own addresses.</summary>
    private ulong BaseOf(RegionIndex region) => _space.Layout.Header.Bars.First(bar => bar.Definition.Index == (int)region).Address(_space);

    /// <summary>Nothing above a root port resets it, so its registers are written back. Below it a hot reset does (PCIe 6.0 section 6.6.1).</summary>
    private bool ResetHierarchy()
    {
        foreach (var (port, registers) in _initial)
        {
            var control = _live.ReadConfiguration(_place, port, BridgeControl);
            _live.WriteConfiguration(_place, port, BridgeControl, control | SecondaryBusReset, 12);
            for (var dword = 0; dword < registers.Length; dword++) _live.WriteConfiguration(_place, port, 4 * dword, registers[dword]);
        }
        _space.Reset(ResetKind.Conventional);
        return true;
    }

    private sealed class Guest(LivePlace place) : LiveGuest(place)
    {
        private readonly byte[] _data = new byte[4];

        /// <summary>The message is for the guest's own interrupt controller.</summary>
        public override void Interrupted(Bdf function, ulong address, uint data, object gate)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_data, data);
            Send(address, _data, gate);
        }
    }
}
