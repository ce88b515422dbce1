using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PcieFabric.Tlps;

namespace PcieFabric.Links;

/// <summary>
/// A transmitter's view of the credits that its receiver granted (PCIe 6.0 section 2.6.1.1): a TLP takes one header credit of its class and a
/// data credit for every 16 bytes of payload, or waits. A mutable value; keep it in a field and pass it by reference.
/// </summary>
public struct CreditCounter
{
    /// <summary>One data credit stands for four DW (PCIe 6.0 section 2.6.1).</summary>
    public const int DataCreditBytes = 16;

    private Classes _classes;

    public CreditCounter(in CreditLimits granted)
    {
        _classes[(int)FlowControlClass.Posted] = new(granted.Posted);
        _classes[(int)FlowControlClass.NonPosted] = new(granted.NonPosted);
        _classes[(int)FlowControlClass.Completion] = new(granted.Completion);
    }

    /// <summary>How often credits came back: as long as it stands still, what was blocked for want of credits still is.</summary>
    public uint ReturnCount { get; private set; }

    /// <summary>Data credits that a TLP takes; zero without payload.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DataCredits(in Tlp tlp) => DataCredits(tlp.PayloadBytes);

    /// <inheritdoc cref="DataCredits(in Tlp)"/>
    public static int DataCredits(int payloadBytes) => (int)((uint)(payloadBytes + DataCreditBytes - 1) / DataCreditBytes);

    [UnscopedRef]
    private ref ClassCredits Of(FlowControlClass flowControlClass) => ref _classes[(int)flowControlClass];

    /// <summary>Header credits left; <see cref="int.MaxValue"/> where the grant is infinite.</summary>
    public readonly int AvailableHeaders(FlowControlClass flowControlClass) => _classes[(int)flowControlClass].Headers;

    /// <summary>Data credits left; <see cref="int.MaxValue"/> where the grant is infinite.</summary>
    public readonly int AvailableData(FlowControlClass flowControlClass) => _classes[(int)flowControlClass].Data;

    /// <summary>Credits consumed and not returned; of an infinite grant none.</summary>
    public readonly CreditLimit Out(FlowControlClass flowControlClass) => _classes[(int)flowControlClass].Out;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool CanConsume(FlowControlClass flowControlClass, int dataCredits) => _classes[(int)flowControlClass].Allow(dataCredits);

    /// <summary>Takes what one TLP needs, or nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryConsume(FlowControlClass flowControlClass, int dataCredits) => Of(flowControlClass).TryConsume(dataCredits);

    /// <summary>An UpdateFC arrived. An infinite grant is never updated (PCIe 6.0 section 2.6.1).</summary>
    /// <exception cref="InvalidOperationException">More came back than was taken: transmitter and receiver do not agree, which is a bug of ours.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(FlowControlClass flowControlClass, int headers, int data)
    {
        Of(flowControlClass).Return(flowControlClass, headers, data);
        ReturnCount++;
    }

    /// <summary>One class, for who counts it elsewhere for a while and then <see cref="Put">puts it back</see>.</summary>
    public readonly ClassCredits this[FlowControlClass flowControlClass] => _classes[(int)flowControlClass];

    /// <inheritdoc cref="this"/>
    public void Put(FlowControlClass flowControlClass, in ClassCredits credits)
    {
        Of(flowControlClass) = credits;
        ReturnCount++;
    }

    /// <summary>The link went down and came up: flow control is initialised anew, with the same grant (PCIe 6.0 section 3.4).</summary>
    public void Refill()
    {
        for (var flowControlClass = FlowControlClass.Posted; flowControlClass <= FlowControlClass.Completion; flowControlClass++)
        {
            Of(flowControlClass).Refill();
        }
        ReturnCount++;
    }

    [InlineArray(3)]
    private struct Classes
    {
        private ClassCredits _first;
    }
}
