using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace PcieFabric.Engine;

/// <summary>
/// Has the processor fetch what alarms in line will need. Where thousands of functions are busy, all that belongs to one is in main memory by the time that its alarm is due, and
/// each object leads to the next: without this an event waits for memory some twenty times, one time after the other. It changes nothing but how long things take.
/// </summary>
internal static unsafe class Foresight
{
    private const int CacheLineBytes = 64;

    /// <summary>
    /// How many alarms ahead. Each step reads what the one before had fetched: the place in the table of channels, the channel, what the channel refers to, and at last
    /// what the actor knows of its own. An alarm and what it causes take about as long as main memory does, so one between two steps is enough.
    /// </summary>
    private const int Place = 12, ChannelItself = 6, Receiver = 4, Message = 2;

    /// <param name="line">What comes next, in order: at least <see cref="EngineLimits.ForeseenFrom"/>.</param>
    public static void See(Channel?[] channels, ReadOnlySpan<EventHeap.Entry> line)
    {
        if (!Sse.IsSupported) return;
        Fetch((byte*)Unsafe.AsPointer(ref channels[line[Place].ChannelId]), sizeof(long));
        Fetch(channels[line[ChannelItself].ChannelId], 0, 2 * CacheLineBytes);
        var channel = channels[line[Receiver].ChannelId]!;
        Fetch(channel.Ring, 0, 2 * CacheLineBytes);
        Fetch(channel.Receiver, 0, 2 * CacheLineBytes);
        Fetch(channel.Actor, 0, EngineLimits.ForeseenBytes);
        channel = channels[line[Message].ChannelId]!;
        channel.Receiver.Actor.Foresee(in channel.Head);
    }

    /// <summary>What an object consists of was mostly made with it, so that it lies around it.</summary>
    public static void Fetch(object? start, int bytesBefore, int bytes)
    {
        if (start is not null && Sse.IsSupported) Fetch(*(byte**)Unsafe.AsPointer(ref start) - bytesBefore, bytesBefore + bytes);
    }

    private static void Fetch(byte* start, int bytes)
    {
        for (var offset = 0; offset < bytes; offset += CacheLineBytes) Sse.Prefetch0(start + offset);
    }
}
