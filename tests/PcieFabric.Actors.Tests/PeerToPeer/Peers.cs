using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.RootComplexes.PeerToPeer;
using PcieFabric.Tlps;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.PeerToPeer;

/// <summary>What a test's host software has: the enumerated fabric by the paths of its topology, and DMA on demand.</summary>
internal sealed class Peers(Host host, IReadOnlyList<EnumeratedHierarchy> hierarchies, IReadOnlyDictionary<string, FunctionPlace> places)
{
    public Host Host => host;

    public IReadOnlyList<EnumeratedHierarchy> Hierarchies => hierarchies;

    public AccessControlSetup Acs { get; } = new(host.Configuration[0]);

    public EnumeratedFunction this[string path] => places[path].Find(hierarchies[places[path].Hierarchy])!;

    public ulong Memory(string path) => this[path].FindBar(2)!.Range.Base;

    public Task AcsAsync(string path, AcsControls controls) => Acs.EnableAsync(this[path], controls).AsTask();

    /// <returns>How it ended; of a write, only that it left.</returns>
    public Task<CompletionStatus?> WriteAsync(string from, string to, uint how = 0, ulong offset = 0x100, int bytes = 4) => DmaAsync(from, Memory(to) + offset, PeerProbe.Write | how, bytes);

    public Task<CompletionStatus?> ReadAsync(string from, string to, uint how = 0, ulong offset = 0x100, int bytes = 4) => DmaAsync(from, Memory(to) + offset, how, bytes);

    /// <returns>Null if the completion never came.</returns>
    public async Task<CompletionStatus?> DmaAsync(string from, ulong address, uint what, int bytes)
    {
        await StartAsync(from, address, what, bytes);
        return await EndAsync(from);
    }

    public async Task StartAsync(string from, ulong address, uint what, int bytes)
    {
        var registers = this[from].FindBar(0)!.Range.Base;
        await host.Write32Async(registers, (uint)address);
        await host.Write32Async(registers + 4, (uint)(address >> 32));
        await host.Write32Async(registers + 8, (uint)bytes);
        await host.Write32Async(registers + 0xC, what);
    }

    public async Task<CompletionStatus?> EndAsync(string from)
    {
        var registers = this[from].FindBar(0)!.Range.Base;
        var ended = 0u;
        // Ever more rarely, as what waits for a completion that is lost waits for milliseconds.
        for (var pause = SimTime.FromMicroseconds(1); (ended = await host.Read32Async(registers + 0x10)) == 0; pause = new SimTime(pause.Picoseconds * 2)) await host.DelayAsync(pause);
        // A posted write has left, and time passes until it is there.
        await host.DelayAsync(SimTime.FromMicroseconds(5));
        return ended == PeerProbe.TimedOut ? null : (CompletionStatus)(ended - 1);
    }

    /// <summary>What stands at the start of a probe's memory, or further on.</summary>
    public Task<uint> PeekAsync(string path, ulong offset = 0) => host.Read32Async(Memory(path) + offset).AsTask();

    public Task PokeAsync(string path, uint value, ulong offset = 0) => host.Write32Async(Memory(path) + offset, value).AsTask();

    public async Task<uint> ConfigAsync(string path, int capability, int offset)
    {
        var function = this[path];
        return await host.Configuration[0].ReadAsync(function.Bdf, function.FindExtendedCapability(capability)!.Value + offset);
    }
}
