using System.Text;
using System.Text.Json;
using PcieFabric.VfioUser.Client;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Tests.Server;

public class NegotiationTests
{
    private const string OfQemu = """
        {"capabilities":{"max_msg_fds":16,"max_data_xfer_size":1048576,"pgsizes":4096,"max_dma_maps":65535,"write_multiple":true,"migration":{"pgsize":4096,"max_bitmap_size":268435456}}}
        """;

    [Fact]
    public void WhatQemuOffersIsAnsweredWithinItsLimits()
    {
        using var served = new Served();
        using var client = VfioUserClient.Connect(served.Path);

        Assert.Equal(Errno.None, client.Request(Command.Version, Version(0, 0, OfQemu), out var reply));

        Assert.Equal([0, 0, 0, 0], reply[..4].ToArray());
        Assert.Equal(0, reply[^1]);
        var capabilities = JsonDocument.Parse(Encoding.UTF8.GetString(reply[4..^1])).RootElement.GetProperty("capabilities");
        Assert.Equal(["max_data_xfer_size", "max_dma_maps", "max_msg_fds", "pgsizes", "write_multiple"], capabilities.EnumerateObject().Select(p => p.Name).Order());
        Assert.Equal(16, capabilities.GetProperty("max_msg_fds").GetInt32());
        Assert.Equal(1 << 20, capabilities.GetProperty("max_data_xfer_size").GetInt32());
        Assert.Equal(4096, capabilities.GetProperty("pgsizes").GetInt32());
        Assert.Equal(Limits.VfioUserDmaMaps, capabilities.GetProperty("max_dma_maps").GetInt32());
        Assert.True(capabilities.GetProperty("write_multiple").GetBoolean());
    }

    [Theory]
    [InlineData("""{"capabilities":{"max_msg_fds":1}}""", """{"capabilities":{"max_msg_fds":16}}""")]
    [InlineData("""{"capabilities":{"max_data_xfer_size":4096,"unknown":[1]}}""", """{"capabilities":{"max_data_xfer_size":4096}}""")]
    [InlineData("""{"capabilities":{"max_dma_maps":8,"write_multiple":false}}""", """{"capabilities":{"max_dma_maps":8,"write_multiple":false}}""")]
    [InlineData("""{"capabilities":{"pgsizes":2101248}}""", """{"capabilities":{"pgsizes":4096}}""")]
    [InlineData("""{"capabilities":{}}""", """{"capabilities":{}}""")]
    [InlineData("""{"more":1}""", """{"capabilities":{}}""")]
    [InlineData(null, """{"capabilities":{}}""")]
    public void TheReplyNamesNoMoreThanWasOffered(string? offered, string expected)
    {
        using var served = new Served();
        using var client = VfioUserClient.Connect(served.Path);

        Assert.Equal(Errno.None, client.Request(Command.Version, Version(0, 3, offered), out var reply));
        Assert.Equal(expected, Encoding.UTF8.GetString(reply[4..^1]));
    }

    [Theory]
    [InlineData(1, OfQemu)]
    [InlineData(0, "")]
    [InlineData(0, "{")]
    [InlineData(0, "[]")]
    [InlineData(0, "{}\0{}")]
    [InlineData(0, """{"capabilities":[]}""")]
    [InlineData(0, """{"capabilities":{"max_msg_fds":"16"}}""")]
    [InlineData(0, """{"capabilities":{"max_msg_fds":-1}}""")]
    [InlineData(0, """{"capabilities":{"max_msg_fds":1.5}}""")]
    [InlineData(0, """{"capabilities":{"max_data_xfer_size":0}}""")]
    [InlineData(0, """{"capabilities":{"max_data_xfer_size":1e99}}""")]
    [InlineData(0, """{"capabilities":{"pgsizes":65536}}""")]
    [InlineData(0, """{"capabilities":{"write_multiple":1}}""")]
    public void AnotherVersionOrWrongCapabilitiesAreRefusedAndTheConnectionEnds(int major, string data)
    {
        using var served = new Served();
        using var client = VfioUserClient.Connect(served.Path);

        Assert.Equal(Errno.EINVAL, client.Request(Command.Version, Version(major, 0, data), out _));
        Assert.False(client.TryReceive(out _, out _));
        using var next = served.Attach();
    }

    [Fact]
    public void VersionDataWithoutItsEndOrTooMuchOfItIsRefused()
    {
        using var served = new Served();
        foreach (var data in new byte[][] { [0, 0], [0, 0, 0], [0, 0, 0, 0, (byte)'{', (byte)'}'], [0, 0, 0, 0, .. Encoding.UTF8.GetBytes("{}" + new string(' ', Limits.VfioUserVersionBytes)), 0] })
        {
            using var client = VfioUserClient.Connect(served.Path);
            Assert.Equal(Errno.EINVAL, client.Request(Command.Version, data, out _));
        }
        using var next = served.Attach();
    }

    [Fact]
    public void WhoDoesNotStartWithAVersionIsCutOff()
    {
        using var served = new Served();
        foreach (var message in Messages.OfEachCommand)
        {
            using var client = VfioUserClient.Connect(served.Path);
            client.SendRaw(message);
            Assert.False(client.TryReceive(out _, out _));
        }
        using var next = served.Attach();
    }

    private static byte[] Version(int major, int minor, string? data) =>
        [.. Messages.Bytes((ushort)major), .. Messages.Bytes((ushort)minor), .. data is null ? [] : Encoding.UTF8.GetBytes(data + "\0")];
}
