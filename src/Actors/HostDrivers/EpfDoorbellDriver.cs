using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;
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

    private readonly EnumeratedFunction _function;
    private readonly TaskCompletionSource?[] _answers = new TaskCompletionSource?[EpfDoorbellRegisters.MaxAnswers];
    private DriverInterrupts? _interrupts;

    private EpfDoorbellDriver(Host host, EnumeratedFunction function, ulong registers, uint counters, DoorbellKind kind, (ulong Address, byte[] Data)[] doorbells) =>
        (_host, _function, _registers, _counters, Kind, _doorbells) = (host, function, registers, registers + counters, kind, doorbells);

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
        return new EpfDoorbellDriver(host, function, registers, await host.Read32Async(registers + EpfDoorbellRegisters.CountersOffset), kind, doorbells);
    }

    public ulong AddressOf(int doorbell) => _doorbells[doorbell].Address;

    /// <summary>Done when the write has left the processor: it is posted.</summary>
    public ValueTask<RequestResult> RingAsync(int doorbell) => _host.WriteAsync(_doorbells[doorbell].Address, _doorbells[doorbell].Data);

    /// <summary>How often the endpoint has heard a doorbell.</summary>
    public ValueTask<uint> ReadCountAsync(int doorbell) => _host.Read32Async(_counters + (ulong)doorbell * sizeof(uint));

    /// <summary>How often it has heard any.</summary>
    public ValueTask<uint> ReadTotalAsync() => _host.Read32Async(_registers + EpfDoorbellRegisters.Total);

    /// <summary>Has the endpoint answer each ring by an MSI.</summary>
    /// <returns>Doorbells that are answered: the first ones.</returns>
    public async ValueTask<int> AskForAnswersAsync(int hierarchy)
    {
        _interrupts ??= new DriverInterrupts(_host, hierarchy, _function, intxLine: 0);
        if (_interrupts.Type is null) await _interrupts.AllocateAsync(InterruptType.Msi, Answered);
        await _host.Write32Async(_registers + EpfDoorbellRegisters.Answer, _interrupts.Count == 0 ? 0u : 1u);
        return Kind == DoorbellKind.Embedded ? Math.Min(1, _interrupts.Count) : Math.Min(Count, _interrupts.Count);
    }

    /// <summary>Rings, and waits for the answer. One at a time for each doorbell.</summary>
    public async Task RingAndWaitAsync(int doorbell)
    {
        var answer = _answers[doorbell] = new TaskCompletionSource();
        await RingAsync(doorbell);
        await answer.Task;
    }

    private ValueTask Answered(int doorbell)
    {
        _answers[doorbell]?.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
