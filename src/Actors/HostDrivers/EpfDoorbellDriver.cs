using PcieFabric.Doorbells;
using PcieFabric.EndpointFunctions.EpfDoorbells;
using PcieFabric.Requests;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.HostDrivers;

/// <summary>The host's side of an <see cref="EpfDoorbell"/>: what it can ring, and how often the endpoint has heard it.</summary>
public sealed class EpfDoorbellDriver
{
    private readonly Host _host;
    private readonly ulong _registers;
    private readonly ulong _counters;
    private readonly (ulong Address, byte[] Data)[] _doorbells;

    private EpfDoorbellDriver(Host host, ulong registers, uint counters, DoorbellKind kind, (ulong Address, byte[] Data)[] doorbells) =>
        (_host, _registers, _counters, Kind, _doorbells) = (host, registers, registers + counters, kind, doorbells);

    public DoorbellKind Kind { get; }

    public int Count => _doorbells.Length;

    /// <returns>Null where the function is none, or has no doorbells.</returns>
    public static async ValueTask<EpfDoorbellDriver?> ProbeAsync(Host host, EnumeratedFunction function)
    {
        if (function.Bars.Count == 0) return null;
        var registers = function.Bars[0].Range.Base;
        if (await host.Read32Async(registers + EpfDoorbellRegisters.Magic) != EpfDoorbellRegisters.MagicValue) return null;
        var count = await host.Read32Async(registers + EpfDoorbellRegisters.Count);
        if (count is 0 or > Limits.MaxDoorbells) return null;
        var kind = (DoorbellKind)await host.Read32Async(registers + EpfDoorbellRegisters.Kind);
        var entries = registers + await host.Read32Async(registers + EpfDoorbellRegisters.EntriesOffset);
        var doorbells = new (ulong, byte[])[count];
        for (var i = 0u; i < count; i++)
        {
            var entry = entries + i * EpfDoorbellRegisters.EntryBytes;
            if (function.FindBar((int)await host.Read32Async(entry + EpfDoorbellRegisters.EntryBar)) is not { } bar) return null;
            var offset = await host.Read32Async(entry + EpfDoorbellRegisters.EntryOffset);
            doorbells[i] = (bar.Range.Base + offset, BitConverter.GetBytes(await host.Read32Async(entry + EpfDoorbellRegisters.EntryData)));
        }
        return new EpfDoorbellDriver(host, registers, await host.Read32Async(registers + EpfDoorbellRegisters.CountersOffset), kind, doorbells);
    }

    public ulong AddressOf(int doorbell) => _doorbells[doorbell].Address;

    /// <summary>Done when the write has left the processor: it is posted.</summary>
    public ValueTask<RequestResult> RingAsync(int doorbell) => _host.WriteAsync(_doorbells[doorbell].Address, _doorbells[doorbell].Data);

    /// <summary>How often the endpoint has heard a doorbell.</summary>
    public ValueTask<uint> ReadCountAsync(int doorbell) => _host.Read32Async(_counters + (ulong)doorbell * sizeof(uint));

    /// <summary>How often it has heard any.</summary>
    public ValueTask<uint> ReadTotalAsync() => _host.Read32Async(_registers + EpfDoorbellRegisters.Total);

    /// <param name="vector">The MSI that answers each ring, from 1 on; 0 for none.</param>
    public ValueTask AnswerByAsync(int vector) => _host.Write32Async(_registers + EpfDoorbellRegisters.Answer, (uint)vector);
}
