using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Fabric.Tests.Units;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("50 ns", Dimension.Time, 50e3)]
    [InlineData("50ns", Dimension.Time, 50e3)]
    [InlineData(" 1.5 us ", Dimension.Time, 1.5e6)]
    [InlineData("4 KiB", Dimension.Size, 4096)]
    [InlineData("0.5 GiB", Dimension.Size, 536870912)]
    [InlineData("12.5 Gb/s", Dimension.Bandwidth, 12.5e9)]
    [InlineData("1 GB/s", Dimension.Bandwidth, 8e9)]
    [InlineData("2 M/s", Dimension.Rate, 2e6)]
    [InlineData("1 %", Dimension.Percentage, 1)]
    [InlineData("-3", Dimension.Count, -3)]
    public void ANumberAndItsUnitMakeAQuantity(string text, Dimension dimension, double value) =>
        Assert.Equal(new Quantity(value, dimension), Quantity.Parse(text, dimension));

    [Theory]
    [InlineData("50", Dimension.Time, "'50' has no unit", "'50 ns'")]
    [InlineData("1048576", Dimension.Size, "'1048576' has no unit", "'1048576 B'")]
    [InlineData("50 Ns", Dimension.Time, "'Ns' is not a unit of a time", "ps, ns, us, ms, s")]
    [InlineData("1 KB", Dimension.Size, "'KB' is not a unit of a size", "KiB")]
    [InlineData("1 %", Dimension.Count, "'%' is a unit of a percentage, not of a number", "no unit here")]
    [InlineData("ns", Dimension.Time, "'ns' is not a time", "units of a time")]
    [InlineData("", Dimension.Size, "'' is not a size", "units of a size")]
    [InlineData("1.2.3 ns", Dimension.Time, "'1.2.3 ns' is not a time", "units of a time")]
    [InlineData("99999999999999999999999999999999 B", Dimension.Size, "is not a size", "units of a size")]
    public void WhatIsNoQuantityIsRefusedWithTheUnitsThatWouldDo(string text, Dimension dimension, string message, string hint)
    {
        var at = new SourceLocation("f", 3, 4);
        var wrong = Assert.Throws<InputException>(() => Quantity.Parse(text, dimension, at));
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
        Assert.Contains(hint, wrong.Hint, StringComparison.Ordinal);
        Assert.Equal(at, wrong.Location);
    }

    [Theory]
    [InlineData(52.923214e9, Dimension.Bandwidth, "52.92 Gb/s")]
    [InlineData(1234.5e12, Dimension.Bandwidth, "1234.5 Tb/s")]
    [InlineData(1500, Dimension.Size, "1500 B")]
    [InlineData(4096, Dimension.Size, "4 KiB")]
    [InlineData(0, Dimension.Size, "0 B")]
    [InlineData(410_500, Dimension.Time, "410.5 ns")]
    [InlineData(2e6, Dimension.Rate, "2 M/s")]
    [InlineData(0.5, Dimension.Percentage, "0.5 %")]
    [InlineData(10000, Dimension.Count, "10000")]
    public void AQuantityIsShownInTheUnitThatAPersonWouldChoose(double value, Dimension dimension, string text) =>
        Assert.Equal(text, new Quantity(value, dimension).ToString());
}
