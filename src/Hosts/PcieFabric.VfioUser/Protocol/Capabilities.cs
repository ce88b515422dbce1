using System.Buffers;
using System.Text.Json;

namespace PcieFabric.VfioUser.Protocol;

/// <summary>
/// What the two sides agree on (vfio-user, VFIO_USER_VERSION). What a side does not say has the value that the protocol gives it, which are these.
/// </summary>
/// <param name="MaxMessageDescriptors">That the sender of this can receive with one message.</param>
/// <param name="MaxTransferBytes">Data of one message.</param>
/// <param name="PageSizes">Of DMA maps, or'ed.</param>
/// <param name="WriteMultiple">VFIO_USER_REGION_WRITE_MULTI is understood.</param>
public sealed record Capabilities(int MaxMessageDescriptors = 1, int MaxTransferBytes = 1 << 20, int MaxDmaMaps = 65535, long PageSizes = Capabilities.PageBytes, bool WriteMultiple = false)
{
    /// <summary>The smallest page, which everybody supports.</summary>
    public const int PageBytes = 4096;

    /// <summary>The shortest transfer that two sides can live with: that of the widest register access.</summary>
    private const int SmallestTransferBytes = 8;

    /// <summary>What we can do at most.</summary>
    public static Capabilities Ours { get; } = new(Limits.VfioUserMessageDescriptors, Limits.VfioUserTransferBytes, Limits.VfioUserDmaMaps, PageBytes, WriteMultiple: true);

    /// <summary>What the client named: a reply may name no more.</summary>
    private HashSet<string> Named { get; init; } = [];

    /// <summary>Reads version data.</summary>
    /// <param name="json">With its final NUL; empty for none.</param>
    /// <returns>Null if it is not what the protocol says: no NUL, no JSON, a value of another type or out of its range.</returns>
    public static Capabilities? Parse(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty) return new Capabilities();
        if (json.Length > Limits.VfioUserVersionBytes || json.IndexOf((byte)0) != json.Length - 1) return null;
        try
        {
            using var document = JsonDocument.Parse(json[..^1].ToArray());
            if (document.RootElement.ValueKind != JsonValueKind.Object) return null;
            return document.RootElement.TryGetProperty("capabilities", out var named) ? Parse(named) : new Capabilities();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What holds between a client that offers these and us.</summary>
    public Capabilities Accepted() => this with
    {
        MaxMessageDescriptors = Ours.MaxMessageDescriptors,
        MaxTransferBytes = Math.Min(MaxTransferBytes, Ours.MaxTransferBytes),
        MaxDmaMaps = Math.Min(MaxDmaMaps, Ours.MaxDmaMaps),
        PageSizes = Ours.PageSizes,
    };

    /// <summary>As version data, of those only that were named.</summary>
    /// <param name="all">Name them all, as who asks first does.</param>
    public byte[] ToJson(bool all = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("capabilities");
            if (all || Named.Contains("max_msg_fds")) json.WriteNumber("max_msg_fds", MaxMessageDescriptors);
            if (all || Named.Contains("max_data_xfer_size")) json.WriteNumber("max_data_xfer_size", MaxTransferBytes);
            if (all || Named.Contains("pgsizes")) json.WriteNumber("pgsizes", PageSizes);
            if (all || Named.Contains("max_dma_maps")) json.WriteNumber("max_dma_maps", MaxDmaMaps);
            if (all || Named.Contains("write_multiple")) json.WriteBoolean("write_multiple", WriteMultiple);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return [.. buffer.WrittenSpan, 0];
    }

    private static Capabilities? Parse(JsonElement named)
    {
        if (named.ValueKind != JsonValueKind.Object) return null;
        var names = named.EnumerateObject().Select(property => property.Name).ToHashSet();
        if (!TryNumber(named, "max_msg_fds", 1, 0, out var descriptors)
            || !TryNumber(named, "max_data_xfer_size", 1 << 20, SmallestTransferBytes, out var transfer)
            || !TryNumber(named, "max_dma_maps", 65535, 0, out var maps)
            || !TryNumber(named, "pgsizes", PageBytes, 1, out var pages) || (pages & PageBytes) == 0)
            return null;
        var multiple = false;
        if (named.TryGetProperty("write_multiple", out var value))
        {
            if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return null;
            multiple = value.GetBoolean();
        }
        return new Capabilities((int)Math.Min(descriptors, int.MaxValue), (int)Math.Min(transfer, int.MaxValue), (int)Math.Min(maps, int.MaxValue), pages, multiple) { Named = names };
    }

    private static bool TryNumber(JsonElement named, string name, long fallback, long least, out long number)
    {
        number = fallback;
        return !named.TryGetProperty(name, out var value) || (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out number) && number >= least);
    }
}
