using PcieFabric.Tlps;

namespace PcieFabric.Links;

/// <summary>
/// The specification's ordering table: which TLP may overtake which in a queue (PCIe 6.0 table 2-42, 5.0 table 2-40). Where the table leaves the
/// choice (Y/N), passing is chosen, so that one blocked TLP holds up as few as possible; the exceptions say so.
/// </summary>
/// <remarks>
/// <code>
///                        earlier: 2 posted           3, 4 non-posted     5 completion
/// later: A posted        No; RO or IDO: Yes          Yes (required)      Yes (Y/N; required of bridges to PCI)
///        B read          No; IDO: Yes                Yes (Y/N)           Yes (Y/N)
///        C NPR with data No; RO or IDO: Yes          Yes (Y/N)           Yes (Y/N)
///        D completion    No; RO or IDO: Yes          Yes (required)      Yes; same transaction: No
/// </code>
/// IDO lets pass only between different streams. A read, I/O and configuration reads included, does not pass a posted TLP for RO alone.
/// TLPs of different traffic classes have no order.
/// </remarks>
public static class OrderingRules
{
    /// <summary>Whether <paramref name="later"/> may be sent before <paramref name="earlier"/>, which arrived first.</summary>
    public static bool MayPass(in Tlp later, in Tlp earlier)
    {
        if (later.TrafficClass != earlier.TrafficClass) return true;
        return earlier.FlowControlClass switch
        {
            FlowControlClass.Posted => MayPassPosted(later, earlier),
            FlowControlClass.Completion => !later.IsCompletion || !IsSameTransaction(later, earlier),
            _ => true,
        };
    }

    /// <summary>Column 2. That a posted TLP stays in front of what follows is what makes "write the data, then the flag" work.</summary>
    private static bool MayPassPosted(in Tlp later, in Tlp earlier) => later.FlowControlClass switch
    {
        // D2b. Completions of I/O and configuration writes may pass too, but are made to wait (Y/N): a completion does not say what it
        // answers, and one without data may belong to a Deferrable Memory Write, for which the table has no such exception.
        FlowControlClass.Completion => later.RelaxedOrdering || (later.IdBasedOrdering && later.Completer != earlier.Requester),
        // B2b: a read is not relaxed by RO, which speaks of the completion.
        FlowControlClass.NonPosted when !later.HasData => IsOtherStream(later, earlier),
        // A2b, C2b.
        _ => later.RelaxedOrdering || IsOtherStream(later, earlier),
    };

    /// <summary>IDO: another requester, or another process of it. PCIe 5.0 and 6.0 word the PASID clause differently; either difference counts.</summary>
    private static bool IsOtherStream(in Tlp later, in Tlp earlier) =>
        later.IdBasedOrdering
        && (later.Requester != earlier.Requester || (later.HasPasid && earlier.HasPasid && later.Pasid != earlier.Pasid));

    /// <summary>D5b: the completions of one read stay in address order. The Transaction ID is requester and tag (PCIe 6.0 section 2.2.6.2).</summary>
    private static bool IsSameTransaction(in Tlp later, in Tlp earlier) =>
        later.Requester == earlier.Requester && later.Tag == earlier.Tag;
}
