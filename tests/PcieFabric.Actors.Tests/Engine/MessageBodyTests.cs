using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PcieFabric.Engine;
using PcieFabric.Ports;

namespace PcieFabric.Actors.Tests.Engine;

public class MessageBodyTests
{
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Padded(ulong Value, byte Last);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly record struct Packed(ulong Value, bool Last, MessageKind Kind, FourWords Words);

    [InlineArray(4)]
    private struct FourWords
    {
        private uint _first;
    }

    [Fact]
    public void ABodyWithPaddingIsRefusedAsRunsWouldDiffer()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => Message.Of(MessageKind.Timer, new Padded(1, 2)));
        Assert.Contains("Padded has 7 bytes of padding", refused.Message, StringComparison.Ordinal);
        Assert.Equal(new Packed(1, true, MessageKind.Timer, default).Value, Message.Of(MessageKind.Timer, new Packed(1, true, MessageKind.Timer, default)).Read<Packed>().Value);
    }

    /// <summary>Its registers of 256 ports and one byte of controls once left seven bytes to chance.</summary>
    [Fact]
    public void WhatARootPortTellsOfItsAccessControlIsTheSameInEveryRun() => Assert.Equal(33, Unsafe.SizeOf<AccessControl>());

    [Fact]
    public void AMessageIsACacheLineAndABodyFitsIt()
    {
        Assert.Equal(64, Unsafe.SizeOf<Message>());
        Assert.True(Unsafe.SizeOf<Route>() <= Message.BodyBytes);
    }
}
