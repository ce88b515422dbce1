using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Input;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class InterruptTests
{
    private const int Entry = 16;

    [Fact]
    public void AnMsiVectorFillsTheLowBitsOfTheData()
    {
        var (layout, space) = WithMsi(new MsiCapability(8));
        Program(layout, space, multipleMessageEnable: 3);
        Assert.True(layout.Msi!.TryRaise(space, 5, out var message));
        Assert.Equal(new InterruptMessage(0x1_FEE00000, 0x4045), message);
    }

    [Fact]
    public void MsiVectorsBeyondThoseGrantedShareTheLast()
    {
        var (layout, space) = WithMsi(new MsiCapability(8));
        Program(layout, space, multipleMessageEnable: 1);
        Assert.Equal(2, layout.Msi!.GrantedVectors(space));
        Assert.True(layout.Msi.TryRaise(space, 7, out var message));
        Assert.Equal(0x4041u, message.Data);
    }

    [Fact]
    public void AMaskedMsiVectorWaitsUntilItsMaskIsCleared()
    {
        var (layout, space) = WithMsi(new MsiCapability(4));
        Program(layout, space, multipleMessageEnable: 2);
        var mask = new RegisterOffset(layout.Msi!.Offset + 0x10);
        space.Write(mask, 0b0110);
        Assert.False(layout.Msi.TryRaise(space, 2, out _));
        Assert.Equal(0b0100u, space.Read(new(mask.Value + 4)));
        Assert.False(layout.Msi.TryTakePending(space, out _));
        Assert.Equal(Concerns.Msi, space.Write(mask, 0).Concerns);
        Assert.True(layout.Msi.TryTakePending(space, out var message));
        Assert.Equal(0x4042u, message.Data);
        Assert.False(layout.Msi.TryTakePending(space, out _));
        Assert.Equal(0u, space.Read(new(mask.Value + 4)));
    }

    [Fact]
    public void ADisabledMsiSendsAndRemembersNothing()
    {
        var (layout, space) = WithMsi(new MsiCapability(4));
        Assert.False(layout.Msi!.TryRaise(space, 0, out _));
        Program(layout, space, multipleMessageEnable: 2);
        Assert.False(layout.Msi.TryTakePending(space, out _));
    }

    [Theory]
    [InlineData(false, 0x00004040u)]
    [InlineData(true, 0xABCD4040u)]
    public void ExtendedMessageDataCountsOnceEnabled(bool enabled, uint data)
    {
        var (layout, space) = WithMsi(new MsiCapability(1, extendedData: true));
        Program(layout, space, multipleMessageEnable: 0);
        space.Write(new(layout.Msi!.Offset + 0x0C), MaskedDword.Word(2, 0xABCD));
        space[layout.Msi.ExtendedDataEnable!] = enabled;
        Assert.True(layout.Msi.TryRaise(space, 0, out var message));
        Assert.Equal(data, message.Data);
    }

    [Fact]
    public void A32BitMsiHasItsDataWhereTheUpperAddressWouldBe()
    {
        var (layout, space) = WithMsi(new MsiCapability(1, is64Bit: false, perVectorMasking: false));
        space.Write(new(layout.Msi!.Offset + 4), 0xFEE01003);
        space.Write(new(layout.Msi.Offset + 8), 0x31);
        space[layout.Msi.Enable] = true;
        Assert.True(layout.Msi.TryRaise(space, 0, out var message));
        Assert.Equal(new InterruptMessage(0xFEE01000, 0x31), message);
    }

    [Fact]
    public void EachMsiXVectorHasItsOwnMessageAndMask()
    {
        var (layout, space, table) = WithMsiX(70);
        Write(table, 65, 0x1_00001000, 0xDEAD, masked: false);
        Assert.False(table.TryRaise(65, out _));
        space[layout.MsiX!.Enable] = true;
        Assert.True(table.TryRaise(65, out var message));
        Assert.Equal(new InterruptMessage(0x1_00001000, 0xDEAD), message);
        Assert.False(table.TryRaise(64, out _));
        Assert.Equal(1u, table.ReadPending(8));
    }

    [Fact]
    public void MaskedMsiXVectorsWaitForBothMasks()
    {
        var (layout, space, table) = WithMsiX(70);
        space[layout.MsiX!.Enable] = true;
        space[layout.MsiX.FunctionMask] = true;
        Write(table, 3, 0x1000, 3, masked: false);
        Write(table, 69, 0x2000, 69, masked: true);
        Assert.False(table.TryRaise(3, out _));
        Assert.False(table.TryRaise(69, out _));
        Assert.False(table.TryTakePending(out _));
        Assert.Equal(Concerns.MsiX, space.Write(new(layout.MsiX.Offset), MaskedDword.Word(2, 0x8000)).Concerns);
        Assert.True(table.TryTakePending(out var message));
        Assert.Equal(3u, message.Data);
        Assert.False(table.TryTakePending(out _));
        table.WriteTable(69 * Entry + 12, 0);
        Assert.True(table.TryTakePending(out message));
        Assert.Equal(69u, message.Data);
        Assert.Equal(0u, table.ReadPending(0) | table.ReadPending(8));
    }

    [Fact]
    public void TheMsiXTableComesUpMaskedAndKeepsItsReservedBitsZero()
    {
        var (_, _, table) = WithMsiX(4);
        table.WriteTable(0, 0xFFFFFFFF);
        Assert.Equal(1u, table.ReadTable(12));
        table.WriteTable(12, 0xFFFFFFFE);
        Assert.Equal(0xFFFFFFFCu, table.ReadTable(0));
        Assert.Equal(0u, table.ReadTable(12));
        table.Reset();
        Assert.Equal((0u, 1u), (table.ReadTable(0), table.ReadTable(12)));
    }

    [Fact]
    public void AccessesFindTheMsiXTableAndItsPendingBits()
    {
        var layout = new EndpointFunctionLayout(Endpoints.Nvme, [BarDefinition.Memory64(0, 65536), BarDefinition.Memory32(2, 4096)], [new MsiXCapability(33, 0, 0x2000, 0x800, 2)]);
        var table = new MsiXTable(layout.MsiX!, new ConfigSpace(layout));
        Assert.True(table.TryFindInTable(0, 0x2000 + 33 * 16 - 4, out var offset));
        Assert.Equal(33 * 16 - 4, offset);
        Assert.False(table.TryFindInTable(0, 0x2000 + 33 * 16, out _));
        Assert.False(table.TryFindInTable(2, 0x2000, out _));
        Assert.False(table.TryFindInTable(0, 0x1FFC, out _));
        Assert.True(table.TryFindInPending(2, 0x804, out offset));
        Assert.Equal(4, offset);
        Assert.False(table.TryFindInPending(2, 0x808, out _));
    }

    [Fact]
    public void IntxIsAssertedOnlyWhileNothingElseIsChosen()
    {
        var layout = Endpoints.Minimal();
        var space = new ConfigSpace(layout);
        Assert.False(layout.AssertsIntx(space));
        space[layout.Header.Status.InterruptStatus] = true;
        Assert.True(layout.AssertsIntx(space));
        space[layout.Header.Command.InterruptDisable] = true;
        Assert.False(layout.AssertsIntx(space));
        space[layout.Header.Command.InterruptDisable] = false;
        space[layout.MsiX!.Enable] = true;
        Assert.False(layout.AssertsIntx(space));
    }

    [Fact]
    public void TablesThatCannotBeAreRefused()
    {
        Assert.Throws<InputException>(() => new MsiCapability(3));
        Assert.Throws<InputException>(() => new MsiXCapability(2049, 0));
        Assert.Throws<InputException>(() => new MsiXCapability(4, 0, 0x1004));
        Assert.Throws<InputException>(() => new MsiXCapability(4, 0, 0, 32));
        Assert.Throws<InputException>(() => new EndpointFunctionLayout(Endpoints.Nvme, [BarDefinition.Memory32(0, 4096)], [new MsiXCapability(300, 0)]));
        Assert.Throws<InputException>(() => new EndpointFunctionLayout(Endpoints.Nvme, [BarDefinition.Io(0, 256)], [new MsiXCapability(1, 0)]));
    }

    private static (EndpointFunctionLayout Layout, ConfigSpace Space) WithMsi(MsiCapability msi)
    {
        var layout = new EndpointFunctionLayout(Endpoints.Nvme, capabilities: [msi]);
        return (layout, new ConfigSpace(layout));
    }

    private static void Program(EndpointFunctionLayout layout, ConfigSpace space, int multipleMessageEnable)
    {
        var at = layout.Msi!.Offset;
        space.Write(new(at + 4), 0xFEE00000);
        space.Write(new(at + 8), 1);
        space.Write(new(at + 12), MaskedDword.Word(0, 0x4040));
        space.Write(new(at), MaskedDword.Word(2, (ushort)(1 | multipleMessageEnable << 4)));
    }

    private static (EndpointFunctionLayout Layout, ConfigSpace Space, MsiXTable Table) WithMsiX(int vectors)
    {
        var layout = new EndpointFunctionLayout(Endpoints.Nvme, [BarDefinition.Memory64(0, 65536)], [new MsiXCapability(vectors, 0)]);
        var space = new ConfigSpace(layout);
        return (layout, space, new MsiXTable(layout.MsiX!, space));
    }

    private static void Write(MsiXTable table, int vector, ulong address, uint data, bool masked)
    {
        table.WriteTable(vector * Entry, (uint)address);
        table.WriteTable(vector * Entry + 4, (uint)(address >> 32));
        table.WriteTable(vector * Entry + 8, data);
        table.WriteTable(vector * Entry + 12, masked ? 1u : 0);
    }
}
