using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace PcieFabric.Tlps;

/// <summary>
/// A TLP as one JSON object on one line, field by field; <see cref="TlpJsonReader"/> is the inverse. Field names are the
/// specification's in camel case; fields that a type does not have are absent.
/// </summary>
/// <remarks>
/// Numbers are JSON numbers, <c>ep</c>, <c>td</c> and <c>bcm</c> booleans. <c>length</c> is in DW. <c>attr</c> is Attr[2:0]: 4 for IDO, 2 for Relaxed Ordering, 1 for No Snoop.
/// Addresses and a message's <c>header</c> (bytes 8 to 15) are strings with <c>0x</c>, because 64 bits do not fit a JSON number everywhere;
/// <c>data</c> is hex in wire order. <c>status</c> is SC, UR, RRS or CA, and <c>routing</c> a name of <see cref="MessageRouting"/>; their reserved values are numbers.
/// <c>malformed</c> is there if the TLP breaks a rule, and names the first (<see cref="TlpViolation"/>).
/// </remarks>
public static class TlpJson
{
    public static string Format(in Tlp tlp)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer)) Write(writer, tlp);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void Write(Utf8JsonWriter json, in Tlp tlp)
    {
        json.WriteStartObject();
        json.WriteString("type", tlp.Type.ToString());
        json.WriteNumber("length", tlp.LengthDw);
        json.WriteNumber("tc", tlp.TrafficClass);
        json.WriteNumber("attr", (tlp.IdBasedOrdering ? 4 : 0) | (tlp.RelaxedOrdering ? 2 : 0) | (tlp.NoSnoop ? 1 : 0));
        json.WriteBoolean("ep", tlp.IsPoisoned);
        json.WriteBoolean("td", tlp.HasDigest);
        json.WriteNumber("at", (int)tlp.AddressType);
        json.WriteNumber("tag", tlp.Tag);
        json.WriteString("requester", tlp.Requester.ToString());
        if (tlp.IsCompletion) WriteCompletion(json, tlp);
        else if (tlp.IsMessage) WriteMessage(json, tlp);
        else WriteRequest(json, tlp);
        if (tlp.HasProcessingHints)
        {
            json.WriteBoolean("th", true);
            json.WriteNumber("ph", tlp.ProcessingHint);
            json.WriteNumber("steeringTag", tlp.SteeringTag);
        }
        if (tlp.NoWrite) json.WriteBoolean("nw", true);
        if (tlp.HasPasid)
        {
            json.WriteNumber("pasid", tlp.Pasid);
            if (tlp.PasidExecuteRequested) json.WriteBoolean("pasidExecute", true);
            if (tlp.PasidPrivilegedMode) json.WriteBoolean("pasidPrivileged", true);
        }
        if (tlp.HasData) json.WriteString("data", Convert.ToHexStringLower(tlp.Payload));
        if (TlpRules.Check(tlp, new TlpLimits(Limits.MaxPayloadBytes)) is var violation && violation != TlpViolation.None) json.WriteString("malformed", violation.ToString());
        json.WriteEndObject();
    }

    private static void WriteRequest(Utf8JsonWriter json, in Tlp tlp)
    {
        if (!tlp.IsAtomic)
        {
            json.WriteNumber("firstBe", tlp.FirstBe);
            json.WriteNumber("lastBe", tlp.LastBe);
        }
        if (tlp.IsConfiguration)
        {
            json.WriteString("target", tlp.Target.ToString());
            json.WriteNumber("register", tlp.RegisterOffset);
        }
        else
        {
            json.WriteString("address", Hex(tlp.Address));
        }
    }

    private static void WriteCompletion(Utf8JsonWriter json, in Tlp tlp)
    {
        json.WriteString("completer", tlp.Completer.ToString());
        if (TlpText.StatusName(tlp.Status) is { } status) json.WriteString("status", status);
        else json.WriteNumber("status", (int)tlp.Status);
        json.WriteNumber("byteCount", tlp.ByteCount);
        json.WriteNumber("lowerAddress", tlp.LowerAddress);
        json.WriteBoolean("bcm", tlp.ByteCountModified);
    }

    private static void WriteMessage(Utf8JsonWriter json, in Tlp tlp)
    {
        json.WriteNumber("code", tlp.MessageCode);
        if (Enum.IsDefined(tlp.Routing)) json.WriteString("routing", tlp.Routing.ToString());
        else json.WriteNumber("routing", (int)tlp.Routing);
        if (tlp.Routing == MessageRouting.ById) json.WriteString("target", tlp.Target.ToString());
        if (tlp.Routing == MessageRouting.ByAddress) json.WriteString("address", Hex(tlp.MessageHeader));
        else json.WriteString("header", Hex(tlp.MessageHeader));
    }

    private static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
}
