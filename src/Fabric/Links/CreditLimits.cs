using PcieFabric.Input;
using PcieFabric.Tlps;

namespace PcieFabric.Links;

/// <summary>What the receiver at one end of a link grants the other at initialisation, for each class (PCIe 6.0 section 2.6.1). The default value is infinite throughout.</summary>
public readonly record struct CreditLimits(CreditLimit Posted, CreditLimit NonPosted, CreditLimit Completion)
{
    /// <summary>How long a receiver that is not congested keeps a TLP: a switch's published 100 to 150 ns (vendors of cut-through switches), trebled for slower ones.</summary>
    private const double ResidenceSeconds = 450e-9;

    /// <summary>The least that a TLP takes on the wire: a three-DW header and no payload.</summary>
    private const int SmallestTlpBytes = TlpWireSize.FramingBytes + 12;

    public CreditLimit this[FlowControlClass flowControlClass] => flowControlClass switch
    {
        FlowControlClass.Posted => Posted,
        FlowControlClass.NonPosted => NonPosted,
        FlowControlClass.Completion => Completion,
        _ => throw new ArgumentOutOfRangeException(nameof(flowControlClass)),
    };

    /// <summary>
    /// Enough that a link never waits for credits of a receiver that keeps up: what is on the way, in the receiver or
    /// announced but not yet back, at full rate, and a third more because up to a quarter of a grant waits to be returned (<see cref="CreditReturns"/>).
    /// Headers suffice for a stream of the smallest TLPs, up to the specification's limits. Completions are
    /// granted like posted TLPs, as a switch does; an endpoint's infinite grant has to be asked for.
    /// </summary>
    public static CreditLimits SizedFor(double bitsPerSecond, SimTime propagation, int maxPayloadSize)
    {
        var bytesPerSecond = bitsPerSecond / 8;
        var inFlight = bytesPerSecond * (2 * propagation.Seconds + ResidenceSeconds) + 3 * maxPayloadSize;
        var granted = inFlight * 4 / 3;
        var headers = (int)Math.Min(Limits.MaxHeaderCredits, Math.Ceiling(granted / SmallestTlpBytes));
        var data = (int)Math.Min(Limits.MaxDataCredits, Math.Ceiling(granted / CreditCounter.DataCreditBytes));
        var packets = new CreditLimit(headers, data);
        // A data credit for each header lets every non-posted TLP be an AtomicOp of 16 bytes.
        return new(packets, new(headers, Math.Max(headers, LargestPayloadCredits(FlowControlClass.NonPosted, maxPayloadSize))), packets);
    }

    /// <summary>Data credits of the largest TLP of a class that a link with this MPS carries: what must stay available for any TLP to go at all.</summary>
    public static int LargestPayloadCredits(FlowControlClass flowControlClass, int maxPayloadSize) =>
        CreditCounter.DataCredits(flowControlClass == FlowControlClass.NonPosted ? Limits.MaxNonPostedPayloadBytes : maxPayloadSize);

    /// <summary>
    /// The minimum advertisements of PCIe 6.0 table 2-46: one header, and data for the largest TLP of the class, where every port is taken to forward
    /// AtomicOps and Deferrable Memory Writes.
    /// </summary>
    /// <exception cref="InputException">A grant is too small for a TLP ever to go, or more than the specification's counters hold.</exception>
    public void Validate(int maxPayloadSize)
    {
        Validate(FlowControlClass.Posted, "posted", maxPayloadSize);
        Validate(FlowControlClass.NonPosted, "non-posted", maxPayloadSize);
        Validate(FlowControlClass.Completion, "completion", maxPayloadSize);
    }

    private void Validate(FlowControlClass flowControlClass, string name, int maxPayloadSize)
    {
        var limit = this[flowControlClass];
        if (limit.Headers is < 0 or > Limits.MaxHeaderCredits)
            throw new InputException($"{limit.Headers} {name} header credits cannot be advertised", $"1 to {Limits.MaxHeaderCredits}, or 0 for infinite");
        if (limit.Data is < 0 or > Limits.MaxDataCredits)
            throw new InputException($"{limit.Data} {name} data credits cannot be advertised", $"1 to {Limits.MaxDataCredits} units of {CreditCounter.DataCreditBytes} bytes, or 0 for infinite");
        var least = LargestPayloadCredits(flowControlClass, maxPayloadSize);
        if (!limit.HasInfiniteData && limit.Data < least)
            throw new InputException(
                $"{limit.Data} {name} data credits do not hold the largest {name} TLP",
                $"at least {least} units of {CreditCounter.DataCreditBytes} bytes" + (flowControlClass == FlowControlClass.NonPosted ? "" : $" with a maximum payload of {maxPayloadSize} bytes"));
    }
}
