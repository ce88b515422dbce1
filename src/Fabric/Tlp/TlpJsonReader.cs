using PcieFabric.Addressing;
using PcieFabric.Input;
using PcieFabric.Memory;

namespace PcieFabric.Tlps;

/// <summary>Reads the JSON form of <see cref="TlpJson"/>, in any order of its fields.</summary>
/// <remarks>
/// What may be left out: <c>tc</c>, <c>attr</c>, <c>ep</c>, <c>td</c>, <c>at</c>, <c>bcm</c>, <c>header</c> (zero or false), the <c>tag</c> of posted requests (zero),
/// byte enables (all), <c>length</c> where the data or the type give it. Numbers may be strings with <c>0x</c>.
/// A TLP that breaks the rules of <see cref="TlpRules"/> is read all the same: wrong traffic must be possible to write down. What <c>malformed</c> says follows from the other fields, and is read past.
/// </remarks>
public static class TlpJsonReader
{
    private const int MostLengthDw = Limits.MaxPayloadBytes / 4;

    private static readonly Dictionary<string, TlpType> Types = Enum.GetValues<TlpType>().ToDictionary(type => type.ToString(), StringComparer.Ordinal);

    private static readonly Dictionary<string, byte> Routings = Enum.GetValues<MessageRouting>().ToDictionary(routing => routing.ToString(), routing => (byte)routing);

    private static readonly Dictionary<string, byte> Statuses = Enum.GetValues<CompletionStatus>().ToDictionary(status => TlpText.StatusName(status)!, status => (byte)status);

    /// <param name="line">Where the text stands; columns count in it.</param>
    /// <exception cref="InputException">Not JSON, an unknown type or field, a missing field, or a value out of range.</exception>
    public static Tlp Read(string text, SourceLocation line, PayloadPool pool)
    {
        var fields = TlpFields.Parse(text, line);
        var typeColumn = fields.ColumnOf("type");
        var typeName = fields.Text("type", "a string");
        if (!Types.TryGetValue(typeName, out var type)) throw fields.Wrong($"there is no TLP type '{typeName}'", "one of " + string.Join(", ", Types.Keys), typeColumn);

        var kind = new Tlp { FmtType = (byte)type };
        var attributes = fields.Number("attr", 7, 0);
        var tlp = kind with
        {
            TrafficClass = (byte)fields.Number("tc", 7, 0),
            IdBasedOrdering = (attributes & 4) != 0,
            RelaxedOrdering = (attributes & 2) != 0,
            NoSnoop = (attributes & 1) != 0,
            IsPoisoned = fields.Flag("ep"),
            HasDigest = fields.Flag("td"),
            AddressType = (AddressType)fields.Number("at", 3, 0),
            Requester = fields.Id("requester"),
            Tag = (ushort)(kind.FlowControlClass == FlowControlClass.Posted ? fields.Number("tag", Limits.MaxTags - 1, 0) : fields.Number("tag", Limits.MaxTags - 1)),
        };
        var data = kind.HasData ? ReadData(fields) : [];
        tlp = tlp with { LengthDw = ReadLength(fields, kind, data.Length / 4) };
        tlp = kind.IsCompletion ? ReadCompletion(fields, tlp) : kind.IsMessage ? ReadMessage(fields, tlp) : ReadRequest(fields, tlp);
        ReadPasid(fields, ref tlp);
        if (fields.Has("malformed")) fields.Text("malformed", "the name of a rule");
        fields.RefuseTheRest(type);
        data.CopyTo(tlp.AllocatePayload(pool));
        return tlp;
    }

    private static byte[] ReadData(TlpFields fields)
    {
        var column = fields.ColumnOf("data");
        var data = fields.Bytes("data");
        if (data.Length is 0 or > Limits.MaxPayloadBytes || data.Length % 4 != 0)
            throw fields.Wrong($"'data' has {data.Length} bytes", "4 to 4096, in whole DWs", column);
        return data;
    }

    private static int ReadLength(TlpFields fields, in Tlp kind, int dataDw)
    {
        var column = fields.ColumnOf("length");
        if (kind.HasData)
        {
            var length = (int)fields.Number("length", MostLengthDw, (ulong)dataDw);
            return length == dataDw ? length : throw fields.Wrong($"'length' is {length} and 'data' has {dataDw} DW", "leave 'length' out and it follows the data", column);
        }
        if (kind.IsCompletion || kind.IsMessage)
            return (int)fields.Number("length", 0, 0);
        var asked = (int)(kind.IsMemoryRead ? fields.Number("length", MostLengthDw) : fields.Number("length", MostLengthDw, 1));
        return asked != 0 ? asked : throw fields.Wrong("'length' is zero", "1 to 1024 DW; a zero-length read is one DW with firstBe 0", column);
    }

    private static Tlp ReadRequest(TlpFields fields, in Tlp common)
    {
        var tlp = common;
        if (!tlp.IsAtomic)
        {
            tlp = tlp with
            {
                FirstBe = (byte)fields.Number("firstBe", 15, 15),
                LastBe = (byte)fields.Number("lastBe", 15, common.LengthDw > 1 ? 15u : 0u),
            };
        }
        if (tlp.IsConfiguration)
            return tlp with { Target = fields.Id("target"), RegisterOffset = (int)ReadAligned(fields, "register", Limits.ConfigSpaceBytes - 1) };
        tlp = tlp with { Address = ReadAligned(fields, "address", tlp.HasFourDwHeader ? ulong.MaxValue : uint.MaxValue) };
        if (tlp.IsMemoryRead && tlp.AddressType == AddressType.TranslationRequest) tlp.NoWrite = fields.Flag("nw");
        return tlp.IsMemoryRequest ? ReadHints(fields, tlp) : tlp;
    }

    private static ulong ReadAligned(TlpFields fields, string name, ulong most)
    {
        var column = fields.ColumnOf(name);
        var value = fields.Number(name, most);
        return (value & 3) == 0 ? value : throw fields.Wrong($"'{name}' is not a multiple of 4", "TLPs address DWs; byte enables choose the bytes", column);
    }

    private static Tlp ReadHints(TlpFields fields, in Tlp common)
    {
        var column = fields.ColumnOf("th");
        if (!fields.Flag("th")) return common;
        var tlp = common with { HasProcessingHints = true, ProcessingHint = (byte)fields.Number("ph", 3, 0), SteeringTag = (byte)fields.Number("steeringTag", 255, 0) };
        if (tlp.IsMemoryWrite && tlp.Tag != 0) throw fields.Wrong("a write with 'th' has no tag", "its steering tag takes the place; leave 'tag' out", column);
        var displacesByteEnables = tlp.IsMemoryRead || tlp.IsDeferrableWrite;
        if (displacesByteEnables && (tlp.FirstBe != 15 || tlp.LastBe != (tlp.LengthDw > 1 ? 15 : 0)))
            throw fields.Wrong($"a {tlp.Type} with 'th' enables all bytes", "its steering tag takes the place of the byte enables; leave them out", column);
        return tlp;
    }

    private static Tlp ReadCompletion(TlpFields fields, in Tlp common)
    {
        var column = fields.ColumnOf("byteCount");
        var tlp = common with
        {
            Completer = fields.Id("completer"),
            Status = (CompletionStatus)fields.NameOrNumber("status", Statuses, 7),
            ByteCount = (int)fields.Number("byteCount", Limits.MaxPayloadBytes),
            LowerAddress = (byte)fields.Number("lowerAddress", 0x7F),
            ByteCountModified = fields.Flag("bcm"),
        };
        return tlp.ByteCount != 0 ? tlp : throw fields.Wrong("'byteCount' is zero", "1 to 4096", column);
    }

    private static Tlp ReadMessage(TlpFields fields, in Tlp common)
    {
        var routing = (MessageRouting)fields.NameOrNumber("routing", Routings, 7);
        var tlp = common with { FmtType = (byte)(common.FmtType | (int)routing), MessageCode = (byte)fields.Number("code", 255) };
        return routing switch
        {
            MessageRouting.ByAddress => tlp with { MessageHeader = fields.Number("address", ulong.MaxValue) },
            MessageRouting.ById => tlp with { Target = fields.Id("target"), MessageHeader = fields.Number("header", 0x0000_FFFF_FFFF_FFFF, 0) },
            _ => tlp with { MessageHeader = fields.Number("header", ulong.MaxValue, 0) },
        };
    }

    private static void ReadPasid(TlpFields fields, ref Tlp tlp)
    {
        if (!fields.Has("pasid")) return;
        var pasid = (uint)fields.Number("pasid", 0xFFFFF);
        tlp.SetPasid(pasid, fields.Flag("pasidExecute"), fields.Flag("pasidPrivileged"));
    }
}
