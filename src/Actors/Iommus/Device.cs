using PcieFabric.AddressTranslation;

namespace PcieFabric.Iommus;

/// <summary>A requester that software has attached: its domains, and the Invalidate Requests that it has not answered.</summary>
internal sealed class Device(DeviceId id)
{
    private readonly Dictionary<uint, Attachment> _attachments = [];
    private readonly Invalidation?[] _asked = new Invalidation?[InvalidateRequest.Tags];
    private readonly int[] _answers = new int[InvalidateRequest.Tags];
    private readonly long[] _deadlinePs = new long[InvalidateRequest.Tags];
    private readonly Queue<(Invalidation Invalidation, uint Pasid)> _waiting = new();
    private uint _tagsInUse;

    public DeviceId Id => id;

    /// <summary>Some attachment of the function allows ATS: translated addresses, which need not name a PASID, are taken.</summary>
    public bool AllowsAts { get; private set; }

    public int InvalidateDepth { get; set; } = InvalidateRequest.Tags;

    public Attachment? Find(uint pasid) => _attachments.GetValueOrDefault(pasid);

    public void Add(Attachment attachment)
    {
        _attachments.Add(attachment.Pasid, attachment);
        AllowsAts |= attachment.AllowsAts;
    }

    public void Remove(Attachment attachment)
    {
        _attachments.Remove(attachment.Pasid);
        AllowsAts = _attachments.Values.Any(a => a.AllowsAts);
    }

    public void Enqueue(Invalidation invalidation, uint pasid)
    {
        if (_waiting.Count >= Limits.MaxIommuInvalidations) throw new InvalidOperationException($"{id} has {_waiting.Count} invalidations to answer; await some of them before asking for more");
        _waiting.Enqueue((invalidation, pasid));
    }

    /// <summary>The next Invalidate Request to send, if the function can take one more.</summary>
    public bool TryNext(long deadlinePs, out InvalidateRequest request)
    {
        request = default;
        if (_waiting.Count == 0 || System.Numerics.BitOperations.PopCount(_tagsInUse) >= InvalidateDepth) return false;
        var tag = System.Numerics.BitOperations.TrailingZeroCount(~_tagsInUse);
        var (invalidation, pasid) = _waiting.Dequeue();
        _tagsInUse |= 1u << tag;
        (_asked[tag], _answers[tag], _deadlinePs[tag]) = (invalidation, 0, deadlinePs);
        request = new InvalidateRequest(tag, invalidation.Range, pasid == DeviceId.NoPasid ? null : pasid);
        return true;
    }

    /// <param name="expected">How many answers the function gives, one for each traffic class that it uses.</param>
    /// <returns>What was asked with the ITag, once the last answer is here; else null.</returns>
    public Invalidation? Answered(int tag, int expected) => _asked[tag] is not null && ++_answers[tag] >= expected ? Release(tag) : null;

    /// <summary>An Invalidate Request whose time is up; its ITag is used again.</summary>
    public bool TryExpire(long nowPs, out Invalidation expired)
    {
        for (var tag = 0; tag < InvalidateRequest.Tags; tag++)
        {
            if (_asked[tag] is null || _deadlinePs[tag] > nowPs) continue;
            expired = Release(tag);
            return true;
        }
        expired = null!;
        return false;
    }

    public long EarliestDeadlinePs
    {
        get
        {
            var earliest = long.MaxValue;
            for (var tag = 0; tag < InvalidateRequest.Tags; tag++)
                if (_asked[tag] is not null)
                    earliest = Math.Min(earliest, _deadlinePs[tag]);
            return earliest;
        }
    }

    private Invalidation Release(int tag)
    {
        var invalidation = _asked[tag]!;
        _asked[tag] = null;
        _tagsInUse &= ~(1u << tag);
        return invalidation;
    }
}
