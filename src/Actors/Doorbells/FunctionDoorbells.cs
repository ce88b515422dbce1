using System.Buffers.Binary;
using System.Numerics;
using PcieFabric.EndpointControllers;
using PcieFabric.InterruptControllers;

namespace PcieFabric.Doorbells;

/// <summary>
/// The doorbells of one function, of all kinds. Each function of a controller has its own, at the same time as the others; no write through the BAR of one
/// reaches another's (Linux's <c>pci_epf_alloc_doorbell</c> serves the first function of a controller only).
/// </summary>
public sealed class FunctionDoorbells
{
    private readonly IDoorbellProcessor _processor;
    private readonly DoorbellDevices _devices;
    private readonly int _most;
    private readonly Doorbell?[] _byEvent;
    private readonly Doorbell?[] _byEntry;
    private readonly List<DoorbellSet> _sets = [];

    public FunctionDoorbells(IDoorbellProcessor processor, DoorbellDevices devices)
    {
        (_processor, _devices) = (processor, devices);
        _most = processor.Controller.Features.InterruptController?.Doorbells ?? 0;
        _byEvent = new Doorbell?[_most];
        _byEntry = new Doorbell?[_most];
    }

    /// <summary>Those that are allocated now.</summary>
    public int Count => _sets.Sum(set => set.Count);

    /// <summary>Interrupts that came for no doorbell: it was freed while they were on their way, or none was ever allocated.</summary>
    public long Spurious { get; private set; }

    /// <summary>The endpoint has what makes doorbells of this kind.</summary>
    public bool Supports(DoorbellKind kind)
    {
        var controller = _processor.Controller.Features.InterruptController;
        return kind switch
        {
            DoorbellKind.Its => controller is { Its: true } && _devices.Interrupts is not null,
            DoorbellKind.Ims => controller is { Ims: true } && _devices.MessageStore is not null,
            DoorbellKind.Embedded => _devices.Embedded is not null,
            _ => true,
        };
    }

    /// <summary>
    /// Doorbells for the host to ring. A BAR that is mapped on <see cref="DoorbellSet.WindowAddress"/> by a <c>SetBarAsync</c> after this shows them.
    /// </summary>
    /// <returns>A refusal where the endpoint cannot have them; nothing was taken then.</returns>
    public async ValueTask<(ControllerResult Result, DoorbellSet? Set)> AllocateAsync(DoorbellRequest request)
    {
        var rule = Check(request);
        if (rule != ControllerRule.None) return (Result(ControllerOperation.AllocateDoorbells, rule), null);
        var memory = MemoryBytes(request);
        if (!_processor.Memory.TryAllocate(memory, Math.Max(memory, 1), out var address) && memory > 0)
            return (Result(ControllerOperation.AllocateDoorbells, ControllerRule.NoDoorbellMemory), null);
        var set = Make(request, memory > 0 ? address : null);
        _sets.Add(set);
        foreach (var doorbell in set) await SetUpAsync(doorbell);
        if (set.Kind == DoorbellKind.Polled) _processor.Watch(PollAsync(set));
        return (Result(ControllerOperation.AllocateDoorbells, ControllerRule.None), set);
    }

    /// <summary>They ring no more from the moment the last write has reached their device. The BAR that shows them is for the function to map elsewhere.</summary>
    public async ValueTask FreeAsync(DoorbellSet set)
    {
        if (!_sets.Remove(set)) return;
        set.IsFreed = true;
        foreach (var doorbell in set) await TakeDownAsync(doorbell);
        if (set.Memory is not { } memory) return;
        _processor.Memory.Span(memory, (int)MemoryBytes(set)).Clear();
        _processor.Memory.Free(memory);
    }

    public async ValueTask FreeAllAsync()
    {
        while (_sets.Count > 0) await FreeAsync(_sets[^1]);
    }

    /// <summary>A message interrupt of the function's software.</summary>
    public void Interrupted(int id)
    {
        if (_byEvent[id] is { } doorbell) _processor.Run(doorbell);
        else Spurious++;
    }

    /// <summary>The DMA engine's emulated interrupt, already taken back, so that a ring from now on is a new one. Every handler looks whether it was meant.</summary>
    public void Emulated()
    {
        var called = 0;
        foreach (var set in _sets)
            if (set.Kind == DoorbellKind.Embedded)
                foreach (var doorbell in set)
                {
                    _processor.Run(doorbell);
                    called++;
                }
        if (called == 0) Spurious++;
    }

    /// <summary>A handler was to be called whose doorbell was freed meanwhile.</summary>
    internal void CameLate() => Spurious++;

    internal async ValueTask<ControllerResult> ChangeAsync(Doorbell doorbell, bool isMasked, Doorbell target)
    {
        var rule = doorbell.Kind != DoorbellKind.Ims || target.Owner != this || target.Event < 0 ? ControllerRule.DoorbellImmutable
            : doorbell.IsFreed || target.IsFreed ? ControllerRule.DoorbellFreed
            : ControllerRule.None;
        if (rule == ControllerRule.None)
        {
            (doorbell.IsMasked, doorbell.Target) = (isMasked, target);
            await StoreAsync(doorbell, MessageOf(doorbell));
        }
        return Result(ControllerOperation.ChangeDoorbell, rule);
    }

    private ControllerRule Check(in DoorbellRequest request)
    {
        if (!Supports(request.Kind)) return ControllerRule.NoDoorbells;
        if (request.Count is < 1 or > Limits.MaxDoorbells || !BitOperations.IsPow2(request.WindowBytes)) return ControllerRule.DoorbellCount;
        if (request.Kind is DoorbellKind.Ims or DoorbellKind.Polled && (ulong)request.Count * sizeof(uint) > request.WindowBytes) return ControllerRule.DoorbellCount;
        var usesEvents = request.Kind is DoorbellKind.Its or DoorbellKind.Ims;
        return usesEvents && request.Count > _byEvent.Count(taken => taken is null) ? ControllerRule.NoDoorbellLeft : ControllerRule.None;
    }

    /// <summary>A power of two, so that it can be aligned as a window must be.</summary>
    private static ulong MemoryBytes(in DoorbellRequest request) => request.Kind switch
    {
        DoorbellKind.Polled => request.WindowBytes,
        DoorbellKind.Ims when request.StoresInMemory => BitOperations.RoundUpToPowerOf2((ulong)request.Count * StoredMessage.Bytes),
        _ => 0,
    };

    private static ulong MemoryBytes(DoorbellSet set) => MemoryBytes(new DoorbellRequest(set.Count, set.Kind, set.WindowBytes) { StoresInMemory = set.Kind == DoorbellKind.Ims });

    private DoorbellSet Make(in DoorbellRequest request, ulong? memory)
    {
        var window = ~(request.WindowBytes - 1);
        return request.Kind switch
        {
            DoorbellKind.Its => new DoorbellSet(this, request, (_devices.Interrupts!.Value + MessageInterruptController.Translation) & window, MakeIts),
            DoorbellKind.Ims => new DoorbellSet(this, request, (_devices.MessageStore!.Value + InterruptMessageStore.Ring) & window, (set, number) => MakeIms(set, number, memory)) { Memory = memory },
            DoorbellKind.Embedded => new DoorbellSet(this, request, _devices.Embedded!.Value & window, (set, number) => new Doorbell(set, number, _devices.Embedded!.Value, 0))
            {
                Bar = _devices.EmbeddedBar,
                BarOffset = _devices.EmbeddedOffset,
            },
            _ => new DoorbellSet(this, request, memory!.Value, (set, number) => new Doorbell(set, number, memory!.Value + (ulong)number * sizeof(uint), 1)) { Memory = memory },
        };
    }

    private Doorbell MakeIts(DoorbellSet set, int number)
    {
        var id = Array.IndexOf(_byEvent, null);
        return _byEvent[id] = new Doorbell(set, number, _devices.Interrupts!.Value + MessageInterruptController.Translation, (uint)id) { Event = id };
    }

    private Doorbell MakeIms(DoorbellSet set, int number, ulong? memory)
    {
        var (id, entry) = (Array.IndexOf(_byEvent, null), Array.IndexOf(_byEntry, null));
        var store = _devices.MessageStore!.Value;
        var message = memory is null ? store + InterruptMessageStore.Messages + (ulong)entry * StoredMessage.Bytes : memory.Value + (ulong)number * StoredMessage.Bytes;
        var doorbell = new Doorbell(set, number, store + InterruptMessageStore.Ring + (ulong)entry * sizeof(uint), 1) { Event = id, Entry = entry, Message = message };
        return _byEvent[id] = _byEntry[entry] = doorbell;
    }

    private async ValueTask SetUpAsync(Doorbell doorbell)
    {
        if (doorbell.Event >= 0) await WriteAsync(_devices.Interrupts!.Value + MessageInterruptController.Map, (uint)doorbell.Event);
        if (doorbell.Kind != DoorbellKind.Ims) return;
        if (IsInMemory(doorbell)) await WriteAsync(LocationOf(doorbell), (uint)(doorbell.Message | InterruptMessageStore.InMemory));
        await StoreAsync(doorbell, MessageOf(doorbell));
    }

    private async ValueTask TakeDownAsync(Doorbell doorbell)
    {
        if (doorbell.Kind == DoorbellKind.Ims)
        {
            await StoreAsync(doorbell, default);
            if (IsInMemory(doorbell)) await WriteAsync(LocationOf(doorbell), 0);
            _byEntry[doorbell.Entry] = null;
        }
        if (doorbell.Event < 0) return;
        await WriteAsync(_devices.Interrupts!.Value + MessageInterruptController.Unmap, (uint)doorbell.Event);
        _byEvent[doorbell.Event] = null;
    }

    private bool IsInMemory(Doorbell doorbell) => _processor.Memory.Range.Contains(doorbell.Message, StoredMessage.Bytes);

    /// <summary>Local memory ends below 4 GiB, so the lower half is all there is to write.</summary>
    private ulong LocationOf(Doorbell doorbell) => _devices.MessageStore!.Value + InterruptMessageStore.Locations + (ulong)doorbell.Entry * sizeof(ulong);

    private StoredMessage MessageOf(Doorbell doorbell) => new(
        _devices.Interrupts!.Value + MessageInterruptController.Translation, (uint)doorbell.Target.Event, StoredMessage.InUse | (doorbell.IsMasked ? StoredMessage.Masked : 0));

    /// <summary>In one piece, so that a ring finds the message as it was or as it is to be.</summary>
    private async ValueTask StoreAsync(Doorbell doorbell, StoredMessage message)
    {
        if (IsInMemory(doorbell))
        {
            message.Write(_processor.Memory.Span(doorbell.Message, StoredMessage.Bytes));
            await WriteAsync(_devices.MessageStore!.Value + InterruptMessageStore.Sync, (uint)doorbell.Entry);
            return;
        }
        var bytes = new byte[StoredMessage.Bytes];
        message.Write(bytes);
        await _processor.WriteAsync(doorbell.Message, bytes);
    }

    private async ValueTask WriteAsync(ulong localAddress, uint value) => await _processor.WriteAsync(localAddress, BitConverter.GetBytes(value));

    /// <summary>A DW that is not zero was rung, however often; it is zero again before its handler is called.</summary>
    private async Task PollAsync(DoorbellSet set)
    {
        while (true)
        {
            await _processor.DelayAsync(set.PollInterval);
            if (set.IsFreed) return;
            Poll(set);
        }
    }

    private void Poll(DoorbellSet set)
    {
        var rung = _processor.Memory.Span(set.WindowAddress, set.Count * sizeof(uint));
        for (var i = 0; i < set.Count; i++)
        {
            var word = rung[(i * sizeof(uint))..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(word) == 0) continue;
            BinaryPrimitives.WriteUInt32LittleEndian(word, 0);
            _processor.Run(set[i]);
        }
    }

    private ControllerResult Result(ControllerOperation operation, ControllerRule rule) => new(_processor.Controller.Features.Name, operation, rule);
}
