using System.Text.Json.Nodes;
using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;

namespace PcieFabric.Experiments;

/// <summary>
/// A record whose settings may be lists: read once for every combination of their values, as if the author had written each of them out. The first list changes
/// fastest, so that rows of a table which differ in it alone stand together.
/// </summary>
/// <param name="keys">Of the record.</param>
/// <param name="recordAt">The record at a point.</param>
internal sealed class SweptRecordShape<T>(Key[] keys, Func<SweepPoint, Shape<T>> recordAt) : Shape<IReadOnlyList<T>>
{
    private readonly Shape<T> _plain = recordAt(SweepPoint.None);

    public override string Description => _plain.Description;

    public override string Reference => _plain.Reference;

    public override IReadOnlyList<T> Read(Node node, string what)
    {
        if (node is not MappingNode mapping) return [_plain.Read(node, what)];
        var lists = Lists(mapping);
        var points = lists.Aggregate(1L, (product, list) => product * list.Settings.Length);
        if (points > Limits.MaxSweepPoints)
            throw new InputException($"the lists make {points} points", $"at most {Limits.MaxSweepPoints}; shorten {string.Join(" or ", lists.Select(list => $"'{list.Entry.Key}'"))}", lists[^1].Entry.Value.Location);
        var read = new T[points];
        for (var number = 0; number < read.Length; number++)
        {
            var (rest, settings, entries) = (number, new SweepSetting[lists.Count], mapping.Entries.ToArray());
            for (var i = 0; i < lists.Count; i++)
            {
                var (entry, values) = lists[i];
                var place = rest % values.Length;
                rest /= values.Length;
                settings[i] = values[place];
                entries[Array.IndexOf(entries, entry)] = entry with { Value = ((SequenceNode)entry.Value).Items[place] };
            }
            read[number] = (lists.Count == 0 ? _plain : recordAt(new SweepPoint(settings))).Read(mapping with { Entries = entries }, what);
        }
        return read;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => _plain.Schema(definitions);

    private List<(MappingEntry Entry, SweepSetting[] Settings)> Lists(MappingNode mapping)
    {
        var lists = new List<(MappingEntry, SweepSetting[])>();
        foreach (var entry in mapping.Entries)
        {
            if (entry.Value is not SequenceNode list || keys.FirstOrDefault(key => key.Name == entry.Key)?.UntypedShape is not ISweepShape shape) continue;
            if (list.Items.Count == 0) throw new InputException($"'{entry.Key}' is an empty list", "write a value, or leave the key out", list.Location);
            var settings = list.Items.Select(item => shape.Read(entry.Key, item)).ToArray();
            for (var i = 1; i < settings.Length; i++)
                if (settings.AsSpan(0, i).Contains(settings[i])) throw new InputException($"'{entry.Key}' has {settings[i].Text} twice", "each value is measured by itself", list.Items[i].Location);
            lists.Add((entry, settings));
        }
        return lists;
    }
}
