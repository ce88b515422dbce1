using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PcieFabric.Tlps;

namespace PcieFabric.Links;

/// <summary>
/// Gathers credits on their way back to the transmitter and says when a batch is due, about a quarter of the grant, which keeps UpdateFC DLLPs rare
/// (PCIe 6.0 section 2.6.1.2). Credits are gathered in two stages: a receiving port gathers what it will announce on its link, and inside a
/// switch each egress gathers what it owes each ingress. A mutable value; keep it in a field and pass it by reference.
/// </summary>
/// <remarks>
/// Withholding cannot deadlock. Let a class have a grant of G credits of which its largest TLP needs L, L at most G (<see cref="CreditLimits.Validate"/>): G − L may be
/// withheld. A batch of a stage that n egresses share is due at (G − L) / 2 / n + 1 credits or earlier, so each withholds at most (G − L) / 2 / n, the
/// stage (G − L) / 2, and the two stages G − L. Once the receiver has sent everything on, the transmitter holds at least L.
/// </remarks>
public struct CreditReturns
{
    private ClassReturns _classes;

    /// <param name="granted">Valid for this MPS, as <see cref="CreditLimits.Validate"/> checks.</param>
    /// <param name="shares">How many gather for the same grant at this stage.</param>
    public CreditReturns(in CreditLimits granted, int maxPayloadSize, int shares = 1)
    {
        for (var flowControlClass = FlowControlClass.Posted; flowControlClass <= FlowControlClass.Completion; flowControlClass++)
            _classes[(int)flowControlClass] = new(granted[flowControlClass], CreditLimits.LargestPayloadCredits(flowControlClass, maxPayloadSize), shares);
    }

    public CreditReturns(LinkSettings settings)
        : this(settings.Credits, settings.MaxPayloadSize)
    {
    }

    [UnscopedRef]
    private ref Returns Of(FlowControlClass flowControlClass) => ref _classes[(int)flowControlClass];

    /// <summary>The buffers of one TLP, or of several, are free again.</summary>
    /// <returns>Whether a batch of this class is due: <see cref="Take"/> what it carries.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Freed(FlowControlClass flowControlClass, int dataCredits, int headers = 1)
    {
        ref var returns = ref Of(flowControlClass);
        return returns.Batch.Add(headers, dataCredits, in returns.Threshold);
    }

    /// <summary>Empties the batch, also before it is due; both are zero when there is nothing to return.</summary>
    public void Take(FlowControlClass flowControlClass, out int headers, out int data) => Of(flowControlClass).Batch.Take(out headers, out data);

    /// <summary>One class, for who gathers elsewhere for a while and then <see cref="Put">puts back</see> what it has.</summary>
    public readonly (CreditBatch Batch, CreditThreshold Threshold) Batch(FlowControlClass flowControlClass)
    {
        ref readonly var returns = ref _classes[(int)flowControlClass];
        return (returns.Batch, returns.Threshold);
    }

    /// <inheritdoc cref="Batch"/>
    public void Put(FlowControlClass flowControlClass, CreditBatch batch) => Of(flowControlClass).Batch = batch;

    /// <summary>What waits for its batch.</summary>
    public readonly CreditLimit Gathered(FlowControlClass flowControlClass)
    {
        ref readonly var returns = ref _classes[(int)flowControlClass];
        return new CreditLimit(returns.Batch.Headers, returns.Batch.Data);
    }

    private struct Returns(CreditLimit granted, int largestPayloadCredits, int shares)
    {
        public CreditBatch Batch;
        public readonly CreditThreshold Threshold = new(granted, largestPayloadCredits, shares);
    }

    [InlineArray(3)]
    private struct ClassReturns
    {
        private Returns _first;
    }
}
