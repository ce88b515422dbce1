using PcieFabric.Addressing;
using PcieFabric.EndpointFunctions;
using PcieFabric.Memory;

namespace PcieFabric.Actors.Tests.FaultSchedules;

/// <summary>
/// A function that does what hardware must not: poisons what it writes, sends completions that nobody asked for or that contradict the request, breaks rules of requests, asks for what is nowhere.
/// The host says what in register 0, and where to in registers 8 and 12. Anything may be written there.
/// </summary>
internal sealed class RogueFunction : EndpointFunction
{
    public const ulong Command = 0, AddressLow = 8, AddressHigh = 12;

    /// <summary>Deeds under way; more are not begun.</summary>
    private const int MostDeeds = 8;

    private ulong _address;
    private int _deeds;
    private bool _lineIsUp;

    /// <summary>The actor that runs it; set when the fabric is built.</summary>
    public FunctionActor Self { get; set; } = null!;

    public bool UsesAddressTranslation { get; init; }

    /// <summary>Deeds that came to their end, well or not.</summary>
    public int Ended { get; private set; }

    private PayloadPool Payloads => Self.Payloads;

    private Bdf Id => Self.Requester.Id;

    protected internal override bool OwnsBar(int bar) => bar == 0;

    protected internal override Task RunAsync()
    {
        if (UsesAddressTranslation) UseAddressTranslation(entries: 8, ways: 2);
        return Task.CompletedTask;
    }

    protected internal override uint ReadRegister(int bar, ulong offset) => (uint)Ended;

    protected internal override void WriteRegister(int bar, ulong offset, uint value, int byteEnables)
    {
        if (offset == AddressLow) _address = _address & ~0xFFFF_FFFFul | value;
        if (offset == AddressHigh) _address = _address & 0xFFFF_FFFF | (ulong)value << 32;
        if (offset == Command && _deeds < MostDeeds) Start(() => DoAsync(value % 10));
    }

    private async Task DoAsync(uint deed)
    {
        _deeds++;
        var data = new byte[1 + Random.Next(1500)];
        Random.Fill(data);
        switch (deed)
        {
            case 0:
                await DmaReadAsync(_address, data);
                break;
            case 1:
                await DmaWriteAsync(_address, data);
                break;
            case 2:
                var poisoned = Tlp.MemoryWrite(Id, _address & ~3ul, data.AsSpan(0, Math.Min(4, data.Length)), Payloads);
                poisoned.IsPoisoned = true;
                await Self.Requester.SendAsync(in poisoned);
                break;
            case 3:
                await Self.Requester.SendAsync(Tlp.Atomic(AtomicOperation.FetchAdd, Id, 0, _address & ~3ul, new byte[Random.Next(2) == 0 ? 4 : 8], Payloads));
                break;
            case 4:
                Complete();
                break;
            case 5:
                RaiseInterrupt(Random.Next(40));
                break;
            case 6:
                SetInterruptLine(_lineIsUp = !_lineIsUp);
                break;
            case 7:
                await DmaReadAsync((ulong)Random.Next(1 << 30) << 20, data);
                break;
            case 8:
                var translated = default(Tlp);
                translated.AddressType = AddressType.Translated;
                await DmaWriteAsync(_address, data, in translated);
                break;
            default:
                await Self.Requester.SendAsync(Tlp.LockedMemoryRead(Id, 0, _address & ~3ul, 4));
                break;
        }
        _deeds--;
        Ended++;
    }

    /// <summary>The host's processor, a neighbour, or nobody at all; for a request that it may or may not have made.</summary>
    private void Complete()
    {
        var requester = Random.Next(3) switch { 0 => default, 1 => new Bdf((byte)Random.Next(8), 0, 0), _ => Id };
        var request = Tlp.MemoryRead(requester, (ushort)Random.Next(16), _address & ~3ul & 0xFFF, 4 * (1 + Random.Next(16)));
        var completion = Random.Next(3) switch
        {
            0 => Tlp.CompletionFor(in request, Id, CompletionStatus.CompleterAbort),
            1 => Tlp.CompletionFor(in request, Id, CompletionStatus.SuccessfulCompletion),
            _ => Tlp.CompletionWithData(in request, Id, 0, Math.Min(request.LengthDw, 1 + Random.Next(16)), Payloads),
        };
        if (completion.HasData) Random.Fill(completion.WritablePayload);
        completion.IsPoisoned = completion.HasData && Random.Next(2) == 0;
        Self.Send(in completion);
    }
}
