using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;

namespace PcieFabric.EndpointFunctions.EpfDoorbells;

/// <summary>A function that is all doorbells: one BAR tells the host what they are and counts how often each was heard, the next one shows them.</summary>
public sealed class EpfDoorbell(EpfDoorbellOptions options) : BoundFunction
{
    private readonly List<BarSettings> _bars = [];
    private ulong _registers;

    /// <summary>Null while the function is not bound, or where the endpoint cannot have such doorbells.</summary>
    public DoorbellSet? Set { get; private set; }

    /// <summary>What was refused, oldest first.</summary>
    public List<ControllerResult> Refusals { get; } = [];

    /// <summary>Called at each ring, after it was counted.</summary>
    public Action<Doorbell>? Rung { get; set; }

    protected internal override async Task BindAsync()
    {
        var features = Controller.Features;
        var bar = features.NextFreeBar();
        var registers = bar < 0 ? null : Allocate(features, bar, (ulong)EpfDoorbellRegisters.Bytes(options.Count));
        if (registers is null) return;
        _registers = registers.LocalAddress;
        Keep(await Controller.WriteHeaderAsync(options.Header));
        if (!Keep(await Controller.SetBarAsync(registers)).IsSuccess)
        {
            Memory.Free(_registers);
            return;
        }
        _bars.Add(registers);
        if (features.Interrupts.Msi) Keep(await Controller.SetMsiAsync(Math.Min(options.Count, EpfDoorbellRegisters.MaxAnswers)));
        var result = await ShowDoorbellsAsync(features, features.NextFreeBar(bar + 1));
        Describe(result);
    }

    protected internal override async Task UnbindAsync()
    {
        foreach (var bar in _bars) Keep(await Controller.ClearBarAsync(bar.Bar));
        if (Set is { } set) await Doorbells.FreeAsync(set);
        Set = null;
        if (_bars.Count > 0) Memory.Free(_registers);
        _bars.Clear();
    }

    private async Task<ControllerResult> ShowDoorbellsAsync(ControllerProfile features, int bar)
    {
        var window = bar < 0 ? 0 : features.Bars[bar].SizeFor(DoorbellRequest.DefaultWindowBytes);
        var request = new DoorbellRequest(options.Count, options.Kind, window == 0 ? DoorbellRequest.DefaultWindowBytes : window)
        {
            PollInterval = options.PollInterval,
            StoresInMemory = options.StoresInMemory,
        };
        var (result, set) = await Doorbells.AllocateAsync(request);
        if (!Keep(result).IsSuccess) return result;
        if (set!.Bar < 0)
        {
            var shown = new BarSettings(bar, set.WindowAddress, set.WindowBytes, bar >= 0 && features.Bars[bar].Only64Bit ? BarFlags.Memory64 : BarFlags.None);
            result = Keep(await Controller.SetBarAsync(shown));
            if (!result.IsSuccess)
            {
                await Doorbells.FreeAsync(set);
                return result;
            }
            _bars.Add(shown);
        }
        foreach (var doorbell in set) doorbell.Handler = Heard;
        Set = set;
        return result;
    }

    private void Describe(ControllerResult result)
    {
        this[EpfDoorbellRegisters.Magic] = EpfDoorbellRegisters.MagicValue;
        this[EpfDoorbellRegisters.Kind] = (uint)options.Kind;
        this[EpfDoorbellRegisters.Error] = (uint)result.Errno;
        this[EpfDoorbellRegisters.Count] = (uint)(Set?.Count ?? 0);
        this[EpfDoorbellRegisters.EntriesOffset] = EpfDoorbellRegisters.Entries;
        this[EpfDoorbellRegisters.CountersOffset] = (uint)EpfDoorbellRegisters.Counters(options.Count);
        if (Set is not { } set) return;
        var number = (uint)(set.Bar < 0 ? _bars[^1].Bar : set.Bar);
        foreach (var doorbell in set)
        {
            var entry = EpfDoorbellRegisters.Entries + doorbell.Number * EpfDoorbellRegisters.EntryBytes;
            this[entry + EpfDoorbellRegisters.EntryBar] = number;
            this[entry + EpfDoorbellRegisters.EntryOffset] = (uint)doorbell.Offset;
            this[entry + EpfDoorbellRegisters.EntryData] = doorbell.Data;
        }
    }

    private void Heard(Doorbell doorbell)
    {
        this[EpfDoorbellRegisters.Counters(options.Count) + doorbell.Number * sizeof(uint)]++;
        this[EpfDoorbellRegisters.Total]++;
        Rung?.Invoke(doorbell);
        var isAnswered = doorbell.Number < (options.Kind == DoorbellKind.Embedded ? 1 : EpfDoorbellRegisters.MaxAnswers);
        if (isAnswered && this[EpfDoorbellRegisters.Answer] != 0) Answer(doorbell.Number);
    }

    /// <summary>Beside <see cref="Heard"/>, which would else make room at each ring for what is captured here.</summary>
    private void Answer(int number) => Start(() => AnswerAsync(number));

    private async Task AnswerAsync(int number) => Keep(await Controller.RaiseIrqAsync(InterruptType.Msi, number + 1));

    private BarSettings? Allocate(ControllerProfile features, int bar, ulong sizeBytes)
    {
        var kind = features.Bars[bar];
        var size = kind.SizeFor(sizeBytes);
        if (size == 0 || !Memory.TryAllocate(size, Math.Max(features.Inbound.AlignmentBytes, Limits.RequestBoundaryBytes), out var address)) return null;
        Memory.Span(address, (int)size).Clear();
        return new BarSettings(bar, address, size, kind.Only64Bit ? BarFlags.Memory64 : BarFlags.None);
    }

    private uint this[int register]
    {
        get => Memory.ReadUInt32(_registers + (ulong)register);
        set => Memory.WriteUInt32(_registers + (ulong)register, value);
    }

    private ControllerResult Keep(ControllerResult result)
    {
        if (!result.IsSuccess) Refusals.Add(result);
        return result;
    }
}
