using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>An engine's actors and channels as a journal keeps them.</summary>
internal static class JournalTables
{
    public static string[] Actors(DeterministicEngine engine) => [.. engine.Cells.Select(cell => cell.Path.Value)];

    public static JournalChannel[] Channels(DeterministicEngine engine) =>
        [.. engine.Channels.Select(channel => new JournalChannel(channel.Sender.Index, channel.Receiver.Index, channel.Inlet))];
}
