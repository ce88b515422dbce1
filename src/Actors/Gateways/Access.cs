using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using PcieFabric.Memory;
using PcieFabric.Requests;

namespace PcieFabric.Gateways;

/// <summary>One access from outside at a time: what came in as a TLP goes through the processor's requester, and its end is told. Its memory is used again.</summary>
internal sealed class Access
{
    private readonly Gateway _gateway;
    private readonly int _ticket;
    private readonly Action _ended;
    private readonly byte[] _data = new byte[Limits.MaxPayloadBytes];
    private ValueTaskAwaiter<RequestResult> _result;
    private int _readBytes;

    /// <summary>Configuration and I/O: what is read comes as a value.</summary>
    private bool _isOneDw;
    private bool _isUnderWay;

    public Access(Gateway gateway, int ticket)
    {
        (_gateway, _ticket) = (gateway, ticket);
        _ended = End;
    }

    /// <param name="request">Its bytes are one piece: byte enables have no holes.</param>
    public void Begin(Requester requester, ref readonly Tlp request, PayloadPool payloads)
    {
        if (_isUnderWay) throw new InvalidOperationException($"Invariant: access {_ticket} has not ended, and there is another");
        _isUnderWay = true;
        _isOneDw = !request.IsMemoryRequest;
        if (_isOneDw)
        {
            _readBytes = request.HasData ? 0 : 4;
            var own = request;
            own.Requester = requester.Id;
            Begin(requester.SendAsync(in own));
            return;
        }
        var run = new EnabledBytes(in request);
        if (!run.MoveNext(out var at, out var sizeBytes)) throw new InvalidOperationException($"Invariant: access {_ticket} is for something");
        _readBytes = request.HasData ? 0 : sizeBytes;
        var address = request.Address + (ulong)at;
        if (request.HasData) request.Payload.Slice(at, sizeBytes).CopyTo(_data);
        var isWrite = request.HasData;
        request.Release(payloads);
        Begin(isWrite ? requester.WriteAsync(address, _data.AsMemory(0, sizeBytes)) : requester.ReadAsync(address, _data.AsMemory(0, sizeBytes)));
    }

    private void Begin(ValueTask<RequestResult> task)
    {
        _result = task.GetAwaiter();
        if (_result.IsCompleted) End();
        else _result.UnsafeOnCompleted(_ended);
    }

    private void End()
    {
        var result = _result.GetResult();
        _isUnderWay = false;
        if (_isOneDw) BinaryPrimitives.WriteUInt32LittleEndian(_data, (uint)result.Value);
        _gateway.Ended(_ticket, result.IsSuccess, result.IsSuccess ? _data.AsSpan(0, _readBytes) : []);
    }
}
