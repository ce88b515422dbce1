using System.Globalization;
using PcieFabric.Engine;
using PcieFabric.Input;
using PcieFabric.Journals;
using PcieFabric.Topologies;

namespace PcieFabric.Recording;

/// <summary>
/// Chooses messages of a journal. A filter is a list of terms, all of which must hold; a term is <c>key=value</c>, or <c>key=value,value</c> where any may hold:
/// <code>
/// actor=host0/**          sender or receiver; also from= and to=
/// type=MWr64,CplD         of a TLP
/// kind=CreditReturn       of any message
/// bdf=03:00.0             requester, completer or target of a TLP
/// address=0x1000-0x1fff   a request touches it; one address alone will do
/// time=1us-2us            from, and before; either may be left out
/// </code>
/// </summary>
public sealed class MessageFilter
{
    private static readonly string[] Keys = ["actor", "from", "to", "type", "kind", "bdf", "address", "time"];

    private readonly List<Func<string, string, bool>> _paths = [];
    private readonly List<Func<MessageKind, bool>> _kinds = [];
    private readonly List<Func<Tlp, bool>> _tlps = [];

    private MessageFilter()
    {
    }

    public SimTime From { get; private set; } = SimTime.Zero;

    public SimTime Until { get; private set; } = SimTime.Never;

    /// <param name="text">Without a term, everything is chosen.</param>
    /// <param name="name">What messages call the text by.</param>
    /// <exception cref="InputException">What is wrong, located.</exception>
    public static MessageFilter Parse(string text, string name = "--filter")
    {
        var filter = new MessageFilter();
        var at = 0;
        foreach (var term in text.Split(' '))
        {
            if (term.Length > 0) filter.Add(term, new SourceLocation(name, 1, at + 1));
            at += term.Length + 1;
        }
        return filter;
    }

    /// <summary>The messages of a journal that are chosen. Blocks of other times are not read.</summary>
    public IEnumerable<JournalMessage> Select(JournalReader journal)
    {
        var recorded = new RecordedMessages(journal);
        bool[] channels = [.. journal.Channels.Select(c => _paths.TrueForAll(chooses => chooses(journal.Actors[c.Sender], journal.Actors[c.Receiver])))];
        foreach (var message in journal.Messages(From, Until))
            if (channels[message.ChannelId] && Chooses(recorded, in message))
                yield return message;
    }

    private bool Chooses(RecordedMessages recorded, in JournalMessage message)
    {
        var kind = (MessageKind)message.Kind;
        if (!_kinds.TrueForAll(chooses => chooses(kind))) return false;
        if (_tlps.Count == 0) return true;
        return RecordedMessages.IsTlp(in message) && recorded.Decode(in message, decoded => _tlps.TrueForAll(chooses => chooses(decoded.Tlp)));
    }

    private void Add(string term, SourceLocation at)
    {
        var equals = term.IndexOf('=');
        if (equals < 0) throw new InputException($"'{term}' is no term", "a term is key=value, such as type=MWr64", at);
        var key = term[..equals];
        var value = at with { Column = at.Column + equals + 1 };
        var values = term[(equals + 1)..].Split(',');
        if (Array.IndexOf(Keys, key) < 0) throw new InputException($"unknown key '{key}'", DidYouMean.For(key, Keys) ?? $"known: {string.Join(", ", Keys)}", at);
        if (values.Any(v => v.Length == 0)) throw new InputException($"'{key}' has no value", $"write {key}=VALUE", value);
        switch (key)
        {
            case "actor":
                AddPaths(values, value, static (pattern, from, to) => pattern.Matches(from) || pattern.Matches(to));
                break;
            case "from":
                AddPaths(values, value, static (pattern, from, _) => pattern.Matches(from));
                break;
            case "to":
                AddPaths(values, value, static (pattern, _, to) => pattern.Matches(to));
                break;
            case "type":
                var types = values.Select(v => Name<TlpType>(v, "TLP type", value)).ToArray();
                _tlps.Add(tlp => Array.IndexOf(types, tlp.Type) >= 0);
                break;
            case "kind":
                var kinds = values.Select(v => Name<MessageKind>(v, "kind of message", value)).ToArray();
                _kinds.Add(kind => Array.IndexOf(kinds, kind) >= 0);
                break;
            case "bdf":
                var ids = values.Select(v => Bdf.TryParse(v, out var id) ? id : throw new InputException($"'{v}' is no bus:device.function", "for instance 03:00.0, in hex", value)).ToArray();
                _tlps.Add(tlp => Array.Exists(ids, id => Concerns(in tlp, id)));
                break;
            case "address":
                var ranges = values.Select(v => Range(v, value)).ToArray();
                _tlps.Add(tlp => Array.Exists(ranges, range => Touches(in tlp, range)));
                break;
            default:
                SetTimes(values, value);
                break;
        }
    }

    private void AddPaths(string[] values, SourceLocation at, Func<PathPattern, string, string, bool> matches)
    {
        var patterns = values.Select(v => new PathPattern(v, at)).ToArray();
        _paths.Add((from, to) => Array.Exists(patterns, pattern => matches(pattern, from, to)));
    }

    private static T Name<T>(string value, string what, SourceLocation at)
        where T : struct, Enum
    {
        // Not by number, and not several at once, both of which the parser of .NET would take.
        var name = Array.Find(Enum.GetNames<T>(), n => n.Equals(value, StringComparison.OrdinalIgnoreCase));
        return name is null
            ? throw new InputException($"unknown {what} '{value}'", DidYouMean.For(value, Enum.GetNames<T>()) ?? $"known: {string.Join(", ", Enum.GetNames<T>())}", at)
            : Enum.Parse<T>(name);
    }

    private static bool Concerns(in Tlp tlp, Bdf id) =>
        tlp.Requester == id
        || (tlp.IsCompletion && tlp.Completer == id)
        || ((tlp.IsConfiguration || (tlp.IsMessage && tlp.Routing == MessageRouting.ById)) && tlp.Target == id);

    private static bool Touches(in Tlp tlp, (ulong First, ulong Last) range) =>
        (tlp.IsMemoryRequest || tlp.IsIo) && tlp.Address <= range.Last && tlp.Address + (ulong)tlp.LengthDw * 4 - 1 >= range.First;

    private static (ulong First, ulong Last) Range(string text, SourceLocation at)
    {
        var dash = text.IndexOf('-');
        var first = Address(dash < 0 ? text : text[..dash], at);
        var last = dash < 0 ? first : Address(text[(dash + 1)..], at with { Column = at.Column + dash + 1 });
        return first <= last ? (first, last) : throw new InputException($"'{text}' ends before it starts", "write FIRST-LAST", at);
    }

    private static ulong Address(string text, SourceLocation at) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var address)
            ? address
            : throw new InputException($"'{text}' is no address", "in hex with 0x, such as 0x380000000000", at);

    private void SetTimes(string[] values, SourceLocation at)
    {
        if (values.Length > 1) throw new InputException("only one range of times", "leave out what follows the comma", at);
        var dash = values[0].IndexOf('-');
        if (dash < 0) throw new InputException($"'{values[0]}' is no range of times", "write time=1us-2us, time=1us- or time=-2us", at);
        var (from, until) = (values[0][..dash], values[0][(dash + 1)..]);
        if (from.Length > 0) From = Time(from, at);
        if (until.Length > 0) Until = Time(until, at with { Column = at.Column + dash + 1 });
        if (Until <= From) throw new InputException($"'{values[0]}' ends before it starts", "write FROM-UNTIL", at);
    }

    private static SimTime Time(string text, SourceLocation at) => new((long)Quantity.Parse(text, Dimension.Time, at).Value);
}
