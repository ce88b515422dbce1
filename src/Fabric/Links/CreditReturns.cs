using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PcieFabric.Tlps;

namespace PcieFabric.Links;

/// <summary>
/// A receiver's side of the credits: gathers what it freed and says when an UpdateFC is due (PCIe 6.0 section 2.6.1.2). Updates are sent in batches of about a
/// quarter of the grant, which keeps them rare. A mutable value; keep it in a field and pass it by reference.
/// </summary>
/// <remarks>
/// Withholding cannot deadlock. Let a class have H header and D data credits, and its largest TLP need one header and L data credits, L at most D
/// (<see cref="CreditLimits.Validate"/>). An update is due at h freed headers, h at most H, or d freed data credits, d at most D - L + 1. So at most h - 1 headers
/// and d - 1 data credits are withheld, and once the receiver has freed everything else the transmitter holds at least
/// H - (h - 1) &gt;= 1 header and D - (d - 1) &gt;= L data credits: the largest TLP can go.
/// </remarks>
public struct CreditReturns
{
    private ClassReturns _classes;

    /// <param name="granted">Valid for this MPS, as <see cref="CreditLimits.Validate"/> checks.</param>
    public CreditReturns(in CreditLimits granted, int maxPayloadSize)
    {
        for (var flowControlClass = FlowControlClass.Posted; flowControlClass <= FlowControlClass.Completion; flowControlClass++)
            _classes[(int)flowControlClass] = new(granted[flowControlClass], CreditLimits.LargestPayloadCredits(flowControlClass, maxPayloadSize));
    }

    public CreditReturns(LinkSettings settings)
        : this(settings.Credits, settings.MaxPayloadSize)
    {
    }

    [UnscopedRef]
    private ref Returns Of(FlowControlClass flowControlClass) => ref _classes[(int)flowControlClass];

    /// <summary>The buffer of one TLP is free again.</summary>
    /// <returns>Whether an UpdateFC of this class is due: <see cref="Take"/> what it carries.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Freed(FlowControlClass flowControlClass, int dataCredits)
    {
        ref var returns = ref Of(flowControlClass);
        returns.Headers += returns.HeaderStep;
        returns.Data += dataCredits & returns.DataMask;
        return returns.Headers >= returns.HeaderThreshold || returns.Data >= returns.DataThreshold;
    }

    /// <summary>Empties the batch, also before it is due; both are zero when there is nothing to return.</summary>
    public void Take(FlowControlClass flowControlClass, out int headers, out int data)
    {
        ref var returns = ref Of(flowControlClass);
        (headers, data) = (returns.Headers, returns.Data);
        (returns.Headers, returns.Data) = (0, 0);
    }

    /// <summary>What an infinite grant frees is not gathered, so no update of it is ever due.</summary>
    private struct Returns(CreditLimit granted, int largestPayloadCredits)
    {
        public int Headers;
        public int Data;
        public readonly int HeaderThreshold = granted.HasInfiniteHeaders ? int.MaxValue : Math.Max(1, granted.Headers / 4);
        public readonly int DataThreshold = granted.HasInfiniteData ? int.MaxValue : Math.Max(1, Math.Min(granted.Data / 4, granted.Data - largestPayloadCredits + 1));
        public readonly int HeaderStep = granted.HasInfiniteHeaders ? 0 : 1;
        public readonly int DataMask = granted.HasInfiniteData ? 0 : -1;
    }

    [InlineArray(3)]
    private struct ClassReturns
    {
        private Returns _first;
    }
}
