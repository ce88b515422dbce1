using System.Runtime.CompilerServices;
using PcieFabric.EndpointControllers;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.LocalDevices;
using PcieFabric.Ports;
using PcieFabric.Requests;

namespace PcieFabric.DmaEngines;

/// <summary>
/// One channel of a DMA engine: it moves bytes on behalf of one function at a time, with requests and tags of its own.
/// </summary>
internal sealed class DmaChannel : IRequestPath, ITrainPath
{
    /// <summary>As much as one transfer of a requester can hold.</summary>
    private const int TransferBytes = 1 << 30;

    /// <summary>Of what does not go straight from memory to the bus or back: so far it goes before it looks whether it is to stop.</summary>
    private const int PieceBytes = 1 << 14;

    /// <summary>Of a copy inside the endpoint: 16 GB/s, as a memory of four 32-bit LPDDR4 channels gives to one reader and writer.</summary>
    private const long LocalPsPerByte = 62;

    private readonly DmaEngine _engine;
    private readonly int _index;
    private readonly MemoryRegion _local;
    private readonly Func<ulong, int, Memory<byte>> _memoryAt;
    private byte[] _bounce = [];
    private ushort _firstTag;
    private int _tags;
    private TagWidth _tagWidth;

    /// <summary>What is sent now goes to local addresses, which the controller translates.</summary>
    private bool _usesWindows;

    private bool _stops;
    private bool _wasReset;
    private bool _wasRefused;

    public DmaChannel(DmaEngine engine, int index, MemoryRegion local, IActorContext context, ActorSynchronizationContext turns)
    {
        (_engine, _index, _local) = (engine, index, local);
        Requester = new Requester(context, this, turns, index) { CutsShortWhatFails = true };
        _memoryAt = new LocalPiece(local).At;
    }

    public Requester Requester { get; }

    /// <summary>On whose behalf it asks.</summary>
    public int Function { get; private set; }

    /// <summary>Requests that it may send in its turn before it is the next channel's.</summary>
    public int Weight { get; set; } = 1;

    /// <summary>Why it does not go on; None where it does.</summary>
    public DmaError Interruption => _wasRefused ? DmaError.UnsupportedRequest : _wasReset ? DmaError.FunctionReset : _stops ? DmaError.Stopped : DmaError.None;

    /// <summary>Whose turn it is to send.</summary>
    public DmaArbiter? Arbiter { get; set; }

    /// <summary>The channel begins to work for a function. Nothing of it is under way.</summary>
    public void Begin(int function, in FunctionState state)
    {
        Function = function;
        (_stops, _wasReset, _wasRefused) = (false, false, false);
        Adopt(in state);
        var width = (TagWidth)Math.Max((byte)TagWidth.FiveBits, state.TagBits);
        if (_tags != 0 && width == _tagWidth) return;
        _tagWidth = width;
        _tags = RequesterTags.OfDevices(width) / _engine.Channels.Count;
        _firstTag = (ushort)(RequesterTags.Processor + _index * _tags);
        Requester.UseTags(width, _tags);
    }

    public void Adopt(in FunctionState state)
    {
        Requester.Id = state.Id;
        if (state.MaxPayloadBytes != 0) Requester.Limits = new TlpLimits(state.MaxPayloadBytes, state.MaxReadRequestBytes);
        Requester.CompletionTimeout = CompletionTimeout.FromDeviceControl2(state.DeviceControl2).Longest;
    }

    /// <summary>Whether it has nothing under way, and nothing to send.</summary>
    public bool IsIdle => Requester.IsIdle;

    /// <summary>After the requests that are on their way.</summary>
    public void Stop()
    {
        _stops = true;
        Requester.CutShort();
    }

    /// <summary>The function is as after a reset: what is under way for it ends now.</summary>
    public void Abandon()
    {
        _wasReset = true;
        Requester.AbandonAll();
    }

    /// <summary>The controller could not send a write.</summary>
    public void Refused()
    {
        _wasRefused = true;
        Requester.CutShort();
    }

    public bool Owns(int function, ushort tag)
    {
        var offset = tag - _firstTag - (_tagWidth == TagWidth.TenBits ? 256 : 0);
        return function == Function && offset >= 0 && offset < _tags;
    }

    public void Completed(Tlp completion)
    {
        completion.Tag -= _firstTag;
        Requester.Completed(in completion);
    }

    bool IRequestPath.IsOpen(in Tlp request) => Arbiter!.MayLeave(this, in request);

    bool ITrainPath.IsAlone => _engine.IsOnlyUsedBy(this);

    ushort ITrainPath.FirstTag => _firstTag;

    TrainRoute? ITrainPath.FindRoute(in Tlp sample, AddressRange range)
    {
        var tagged = sample;
        if (sample.FlowControlClass == FlowControlClass.NonPosted) tagged.Tag += _firstTag;
        return _engine.FindRoute(in tagged, range, new DeviceRequest(Function, _index, _usesWindows));
    }

    void ITrainPath.Release(Requester requester) => Arbiter!.Grant();

    void ITrainPath.Passed(long requests) => Arbiter!.Passed(this, requests);

    void IRequestPath.Send(ref readonly Tlp request)
    {
        var tagged = request;
        if (request.FlowControlClass == FlowControlClass.NonPosted) tagged.Tag += _firstTag;
        Arbiter!.Left();
        _engine.Send(in tagged, new DeviceRequest(Function, _index, _usesWindows));
    }

    /// <summary>Moves bytes between any two places.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<DmaError> MoveAsync(DmaAddress from, DmaAddress to, uint size)
    {
        if (IsMemory(from, size)) return IsMemory(to, size) ? await CopyAsync(from.Address, to.Address, size) : await PassAsync(to, from.Address, size, reads: false);
        if (IsMemory(to, size)) return await PassAsync(from, to.Address, size, reads: true);
        if (IsNowhere(from) || IsNowhere(to)) return DmaError.LocalAddress;
        return await BounceAsync(from, to, size);
    }

    /// <summary>Fetches a few bytes from a local address, of memory or in a window.</summary>
    public async ValueTask<DmaError> FetchAsync(ulong address, Memory<byte> into)
    {
        await _engine.Alarms.After(DmaEngine.FetchLatency);
        var from = new DmaAddress(address, IsOnBus: false);
        if (IsMemory(from, (uint)into.Length)) _local.Read((long)address, into.Span);
        else if (IsNowhere(from)) return DmaError.ListFetch;
        else
        {
            _usesWindows = true;
            if (!(await Requester.ReadAsync(address, into)).IsSuccess) return DmaError.ListFetch;
        }
        return Interruption;
    }

    /// <summary>Sends a message-signalled interrupt, behind all data.</summary>
    public async ValueTask SignalAsync(ulong address, Memory<byte> data)
    {
        _usesWindows = false;
        await Requester.WriteAsync(address, data);
    }

    /// <summary>Between local memory and elsewhere.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<DmaError> PassAsync(DmaAddress elsewhere, ulong local, uint size, bool reads)
    {
        if (IsNowhere(elsewhere)) return DmaError.LocalAddress;
        _usesWindows = !elsewhere.IsOnBus;
        var error = Interruption;
        for (var done = 0u; done < size && error == DmaError.None; done += TransferBytes)
        {
            var piece = _memoryAt(local + done, (int)Math.Min(TransferBytes, size - done));
            error = ErrorOf(reads ? await Requester.ReadAsync(elsewhere.Address + done, piece) : await Requester.WriteAsync(elsewhere.Address + done, piece));
        }
        if (!reads) await _engine.Alarms.After(_engine.Settling);
        return Interruption is DmaError.None or DmaError.Stopped ? error : Interruption;
    }

    private async ValueTask<DmaError> BounceAsync(DmaAddress from, DmaAddress to, uint size)
    {
        if (_bounce.Length == 0) _bounce = new byte[PieceBytes];
        for (var done = 0u; done < size; done += PieceBytes)
        {
            if (Interruption != DmaError.None) return Interruption;
            var piece = _bounce.AsMemory(0, (int)Math.Min(PieceBytes, size - done));
            _usesWindows = !from.IsOnBus;
            var read = ErrorOf(await Requester.ReadAsync(from.Address + done, piece));
            if (read != DmaError.None) return Interruption == DmaError.None ? read : Interruption;
            _usesWindows = !to.IsOnBus;
            await Requester.WriteAsync(to.Address + done, piece);
        }
        await _engine.Alarms.After(_engine.Settling);
        return Interruption;
    }

    private async ValueTask<DmaError> CopyAsync(ulong from, ulong to, uint size)
    {
        for (var done = 0u; done < size; done += PieceBytes)
        {
            if (Interruption != DmaError.None) return Interruption;
            var piece = (int)Math.Min(PieceBytes, size - done);
            await _engine.Alarms.After(new SimTime(piece * LocalPsPerByte));
            _local.Span((long)(from + done), piece).CopyTo(_local.Span((long)(to + done), piece));
        }
        return Interruption;
    }

    private bool IsMemory(DmaAddress place, uint size) =>
        !place.IsOnBus && place.Address <= (ulong)_local.SizeBytes && size <= (ulong)_local.SizeBytes - place.Address;

    private static bool IsNowhere(DmaAddress place) => !place.IsOnBus && place.Address < OutboundWindows.LocalBase;

    private static DmaError ErrorOf(in RequestResult result)
    {
        if (result.IsSuccess) return DmaError.None;
        if (result.TimedOut) return DmaError.CompletionTimeout;
        if (result.Poisoned) return DmaError.PoisonedData;
        if (result.Status == CompletionStatus.CompleterAbort) return DmaError.CompleterAbort;
        return result.Status == CompletionStatus.SuccessfulCompletion ? DmaError.Stopped : DmaError.UnsupportedRequest;
    }
}
