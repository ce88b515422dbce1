using System.Buffers.Binary;
using PcieFabric.AddressTranslation;
using PcieFabric.Engine;
using PcieFabric.Requests;

namespace PcieFabric.EndpointFunctions;

/// <summary>
/// The Address Translation Cache of a function (PCIe 6.0 section 10.1): while software has ATS enabled, it asks for the translation of each page that the function touches, and the
/// function's requests leave with translated addresses. It forgets what an Invalidate Request names, and answers when nothing that it translated before is under way.
/// </summary>
internal sealed class AddressTranslationCache(Requester requester, ActorSynchronizationContext software, Action<Task> watch, TranslationCache cache) : IAddressTranslator
{
    private const int PageShift = 12;

    /// <summary>The addresses of requests without PASID; no PASID has so many bits.</summary>
    private const uint WithoutPasid = uint.MaxValue;

    private readonly List<Inquiry> _inquiries = [];
    private readonly Stack<Inquiry> _idle = new();
    private ulong _smallestUnitBytes = 1 << PageShift;
    private bool _isEnabled;

    /// <summary>A translation that was asked for.</summary>
    private sealed class Inquiry(AddressTranslationCache owner) : ActorSynchronizationContext.IAwaited
    {
        public ulong Page;
        public Tlp Attributes;
        public PagePermissions Needed;
        public bool IsStale;
        public bool IsRefused;

        public uint Space => SpaceOf(in Attributes);

        public void Resume() => owner.Watch(owner.AskAsync(this));
    }

    /// <summary>Requests that found their translation here.</summary>
    public long Hits { get; private set; }

    /// <summary>Translation requests sent.</summary>
    public long Asked { get; private set; }

    /// <summary>Software has set ATS Enable, or cleared it, which makes the cache forget (PCIe 6.0 section 10.5.1.3).</summary>
    public void Enable(bool isEnabled, ulong smallestUnitBytes)
    {
        _smallestUnitBytes = smallestUnitBytes;
        if (_isEnabled && !isEnabled) Forget(null, TranslationRange.Everything);
        _isEnabled = isEnabled;
        requester.Issue();
    }

    public TranslationOutcome Translate(ref Tlp request, PagePermissions needed)
    {
        if (!_isEnabled) return TranslationOutcome.Ready;
        var space = SpaceOf(in request);
        if (cache.TryFind(space, request.Address, out var translation, out _) && translation.Allows(needed))
        {
            Hits++;
            request = request.WithAddress(translation.Of(request.Address));
            request.AddressType = AddressType.Translated;
            // With a translated address a PASID says nothing more, and needs a permission of its own (PCIe 6.0 section 10.2.4).
            request.ClearPasid();
            return TranslationOutcome.Ready;
        }
        var page = request.Address >> PageShift;
        foreach (var asked in _inquiries)
            if (asked.Page == page && asked.Space == space && (asked.Needed & needed) == needed)
                return asked.IsRefused ? TranslationOutcome.Refused : TranslationOutcome.Pending;
        if (_inquiries.Count < Limits.MaxTranslationRequests) Ask(page, in request, needed);
        return TranslationOutcome.Pending;
    }

    /// <param name="completed">Told when nothing uses what was forgotten.</param>
    public void Invalidate(in InvalidateRequest request, ActorSynchronizationContext.IAwaited completed)
    {
        Forget(request.Global ? null : request.Pasid, request.Range);
        requester.TellWhenSettled(completed);
    }

    private static uint SpaceOf(in Tlp request) => request.HasPasid ? request.Pasid : WithoutPasid;

    /// <param name="pasid">Null for all and for none: to forget more than is asked is always right.</param>
    private void Forget(uint? pasid, AddressRange range)
    {
        cache.Invalidate(pasid, range);
        // The answer may be on its way already, overtaken by the message that makes it wrong (PCIe 6.0 section 10.3.4).
        foreach (var asked in _inquiries)
            if ((pasid is null || asked.Space == pasid) && range.Contains(asked.Page << PageShift))
                asked.IsStale = true;
    }

    /// <summary>Asks in the next turn: this is called while the requester is choosing what to send.</summary>
    private void Ask(ulong page, in Tlp request, PagePermissions needed)
    {
        if (!_idle.TryPop(out var inquiry)) inquiry = new Inquiry(this);
        (inquiry.Page, inquiry.Needed, inquiry.IsStale, inquiry.IsRefused) = (page, needed, false, false);
        inquiry.Attributes = default;
        inquiry.Attributes.TrafficClass = request.TrafficClass;
        if (request.HasPasid) inquiry.Attributes.SetPasid(request.Pasid, request.PasidExecuteRequested, request.PasidPrivilegedMode);
        _inquiries.Add(inquiry);
        software.Run(inquiry);
    }

    private async Task AskAsync(Inquiry inquiry)
    {
        RequestResult result;
        do
        {
            inquiry.IsStale = false;
            Asked++;
            var request = Tlp.TranslationRequest(requester.Id, 0, inquiry.Page << PageShift, noWrite: (inquiry.Needed & PagePermissions.Write) == 0);
            request.TrafficClass = inquiry.Attributes.TrafficClass;
            if (inquiry.Attributes.HasPasid) request.SetPasid(inquiry.Attributes.Pasid, inquiry.Attributes.PasidExecuteRequested, inquiry.Attributes.PasidPrivilegedMode);
            result = await requester.SendAsync(in request);
        }
        while (inquiry.IsStale && _isEnabled);
        // Atomic operations and registers are little-endian, a translation is not.
        var entry = TranslationEntry.FromCode(BinaryPrimitives.ReverseEndianness(result.Value));
        inquiry.IsRefused = !result.IsSuccess || !TryKeep(inquiry, in entry);
        requester.Issue();
        _inquiries.Remove(inquiry);
        _idle.Push(inquiry);
    }

    /// <summary>A translation of less than the smallest unit is a mistake of whoever set that unit up, and not used.</summary>
    private bool TryKeep(Inquiry inquiry, in TranslationEntry entry)
    {
        if ((entry.Permissions & inquiry.Needed) != inquiry.Needed || entry.UntranslatedOnly || entry.Range.Size < _smallestUnitBytes) return false;
        // Ranges of any power of two may come; what is kept are pages.
        var shift = entry.Range.Size >= 1 << 30 ? 30 : entry.Range.Size >= 1 << 21 ? 21 : PageShift;
        var address = inquiry.Page << PageShift;
        var page = (entry.Range.Base + (address & (entry.Range.Size - 1))) >> shift << shift;
        if (_isEnabled) cache.Insert(inquiry.Space, address, new Translation(page, shift, entry.Permissions));
        return true;
    }

    private void Watch(Task task) => watch(task);
}
