using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PcieFabric.Tlps;

namespace PcieFabric.Links;

/// <summary>The credits of one class that a receiver granted. An infinite grant holds the largest number and never moves: nothing is taken, so nothing may come back. A mutable value.</summary>
public struct ClassCredits(CreditLimit granted)
{
    private readonly int _grantedHeaders = granted.HasInfiniteHeaders ? int.MaxValue : granted.Headers;
    private readonly int _grantedData = granted.HasInfiniteData ? int.MaxValue : granted.Data;
    private readonly int _headerStep = granted.HasInfiniteHeaders ? 0 : 1;
    private readonly int _dataMask = granted.HasInfiniteData ? 0 : -1;

    /// <summary>Left; <see cref="int.MaxValue"/> where the grant is infinite.</summary>
    public int Headers { get; private set; } = granted.HasInfiniteHeaders ? int.MaxValue : granted.Headers;

    /// <inheritdoc cref="Headers"/>
    public int Data { get; private set; } = granted.HasInfiniteData ? int.MaxValue : granted.Data;

    /// <summary>Consumed and not returned.</summary>
    public readonly CreditLimit Out => new(_grantedHeaders - Headers, _grantedData - Data);

    public readonly bool Allow(int dataCredits) => Headers > 0 && Data >= dataCredits;

    /// <summary>Takes what one TLP needs, or nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryConsume(int dataCredits)
    {
        if (!Allow(dataCredits)) return false;
        Take(1, dataCredits);
        return true;
    }

    /// <summary>Takes what several TLPs need that were allowed one by one.</summary>
    public void Take(int headers, int dataCredits)
    {
        Headers -= headers * _headerStep;
        Data -= dataCredits & _dataMask;
    }

    /// <exception cref="InvalidOperationException">More came back than was taken: transmitter and receiver do not agree, which is a bug of ours.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(FlowControlClass flowControlClass, int headers, int data)
    {
        if ((uint)headers > (uint)(_grantedHeaders - Headers) || (uint)data > (uint)(_grantedData - Data)) ThrowReturnedTooMuch(flowControlClass, headers, data);
        Headers += headers;
        Data += data;
    }

    /// <summary>All that was granted.</summary>
    public readonly CreditLimit Granted => new(_headerStep == 0 ? 0 : _grantedHeaders, _dataMask == 0 ? 0 : _grantedData);

    public void Refill() => (Headers, Data) = (_grantedHeaders, _grantedData);

    [DoesNotReturn]
    private readonly void ThrowReturnedTooMuch(FlowControlClass flowControlClass, int headers, int data) =>
        throw new InvalidOperationException(
            $"Invariant: credits returned are credits consumed. {flowControlClass}: {headers} headers and {data} data came back, "
            + $"{_grantedHeaders - Headers} and {_grantedData - Data} were out");
}
