using System.Xml.Linq;
using PcieFabric.Cli.Plots;
using PcieFabric.Experiments;
using PcieFabric.Topologies;
using PcieFabric.Units;

namespace PcieFabric.Cli.Tests.Plots;

/// <summary>From results to a picture.</summary>
public sealed class SvgPlotTests
{
    private static Measurement Of(string workload, int size, double gigabits, params (string Key, string Text, double? Value)[] settings) => new(workload, Metric.Bandwidth, size, Distribution.Of(gigabits * 1e9))
    {
        Point = new SweepPoint([.. settings.Select(setting => new SweepSetting(setting.Key, setting.Text, setting.Value is { } value ? new Quantity(value, Dimension.Count) : null))]),
    };

    private static Plot PlotOf(params Measurement[] measurements) => ExperimentPlot.Of(new ExperimentResult
    {
        Experiment = new ExperimentDefinition { Name = "e", Topology = new TopologyDefinition { Name = "t", Hosts = [] }, Workloads = [] },
        Seed = 1,
        Measurements = measurements,
        Checks = [],
        Counters = [],
        Unfinished = [],
        VirtualTime = SimTime.Zero,
        Messages = 0,
    });

    private static string Draw(Plot plot)
    {
        var writer = new StringWriter();
        SvgPlot.Write(writer, plot);
        return writer.ToString();
    }

    [Fact]
    public void SizesAreTheAbscissaAndOtherListsTheSeries()
    {
        var diagram = Assert.Single(PlotOf(
            Of("a", 4096, 3, ("outstanding", "1", 1), ("acs", "none", null)), Of("a", 64, 1, ("outstanding", "1", 1), ("acs", "none", null)),
            Of("a", 64, 2, ("outstanding", "8", 8), ("acs", "none", null)), Of("b", 64, 5)).Diagrams);

        Assert.Equal(("bandwidth", "size", false), (diagram.Ordinate, diagram.Abscissa, diagram.HasBars));
        Assert.Equal(["64 B", "4 KiB"], diagram.Places.Select(place => place.Text));
        Assert.Equal(["a, outstanding 1", "a, outstanding 8", "b"], diagram.Series.Select(series => series.Name));
        Assert.Equal([(0, 1e9), (1, 3e9)], diagram.Series[0].Points);
    }

    [Fact]
    public void WithOneSizeTheFirstListIsTheAbscissaAndWordsAreBars()
    {
        var diagram = Assert.Single(PlotOf(Of("a", 64, 1, ("acs", "none", null)), Of("a", 64, 2, ("acs", "isolation", null))).Diagrams);

        Assert.Equal(("acs", true), (diagram.Abscissa, diagram.HasBars));
        Assert.Equal(["none", "isolation"], diagram.Places.Select(place => place.Text));
        Assert.Equal("a", Assert.Single(diagram.Series).Name);
    }

    [Fact]
    public void WorkloadsThatSweepNothingAreComparedByName()
    {
        var diagram = Assert.Single(PlotOf(Of("a", 64, 1), Of("b", 64, 2)).Diagrams);

        Assert.Equal("workload", diagram.Abscissa);
        Assert.Equal(["a", "b"], diagram.Places.Select(place => place.Text));
    }

    [Fact]
    public void WorkloadsThatSweepDifferentSettingsHaveDiagramsOfTheirOwn()
    {
        var plot = PlotOf(Of("a", 64, 1, ("outstanding", "1", 1)), Of("a", 64, 2, ("outstanding", "2", 2)), Of("b", 64, 1), Of("b", 128, 1));

        Assert.Equal(["outstanding", "size"], plot.Diagrams.Select(diagram => diagram.Abscissa));
        Assert.Equal(["a", "b"], plot.Series);
        Assert.Equal(1, plot.Diagrams[1].Series[0].Number);
    }

    [Fact]
    public void APictureStandsAloneAndIsTheSameEachTime()
    {
        var plot = PlotOf([.. Enumerable.Range(0, 12).SelectMany(i => new[] { Of($"workload-{i}", 64, i), Of($"workload-{i}", 4096, i + 3) })]);
        var drawn = Draw(plot);
        XNamespace svg = "http://www.w3.org/2000/svg";
        var root = XDocument.Parse(drawn).Root!;

        Assert.Equal(drawn, Draw(plot));
        Assert.Equal(svg + "svg", root.Name);
        Assert.Equal(12, root.Elements(svg + "polyline").Count());
        Assert.Equal(12 * 2, root.Descendants(svg + "title").Count());
        Assert.DoesNotContain(root.Descendants(), element => element.Name.LocalName is "script" or "image" or "a" or "foreignObject");
        Assert.DoesNotContain("href", drawn);
        Assert.DoesNotContain("url(", drawn);
        Assert.DoesNotContain("NaN", drawn);
        Assert.DoesNotContain('\r', drawn);
        Assert.Contains("prefers-color-scheme:dark", drawn);
        var (width, height) = ((double)root.Attribute("width")!, (double)root.Attribute("height")!);
        foreach (var text in root.Elements(svg + "text"))
        {
            Assert.InRange((double)text.Attribute("x")!, 0, width);
            Assert.InRange((double)text.Attribute("y")!, 0, height);
        }
    }

    [Fact]
    public void SeriesOfOneColourDifferInTheirDash() => Assert.Equal(24, Enumerable.Range(0, 24).Select(SvgPalette.ClassOf).Distinct().Count());

    [Fact]
    public void WhatAnAuthorWroteCannotLeaveItsElement()
    {
        var drawn = Draw(PlotOf(Of("a", 64, 1, ("acs", "<b>&\"'", null)), Of("a", 64, 2, ("acs", "none", null))));

        Assert.Contains(XDocument.Parse(drawn).Descendants(), element => element.Value == "<b>&\"'");
    }

    [Theory]
    [InlineData("1 2 3 4 5 6 7 8", false)]
    [InlineData("1 2", false)]
    [InlineData("1 2 4", false)]
    [InlineData("0 1 10", false)]
    [InlineData("1 2 4 8", true)]
    [InlineData("64 256 4096", true)]
    [InlineData("64 128 256 512 1024 4096 16384", true)]
    public void ASweepByFactorsIsGeometric(string values, bool isGeometric) =>
        Assert.Equal(isGeometric, AxisScale.IsGeometric([.. values.Split(' ').Select(value => double.Parse(value, System.Globalization.CultureInfo.InvariantCulture))]));

    [Theory]
    [InlineData(Dimension.Bandwidth, false, "0", "5 Gb/s", "10 Gb/s", "30 Gb/s", 26e9, 12e9)]
    [InlineData(Dimension.Time, false, "0", "500 ns", "1 us", "2 us", 1.6e6, 3e5)]
    [InlineData(Dimension.Time, true, "100 ns", "1 us", "10 us", "100 us", 60e6, 2e5)]
    [InlineData(Dimension.Count, false, "0", "0.2", "0.4", "1", 0, 0)]
    public void AnAxisHasRoundNumbers(Dimension dimension, bool isLogarithmic, string first, string second, string third, string last, double most, double least)
    {
        var scale = AxisScale.Of([least, most], dimension, besideGeometric: true);

        Assert.Equal(isLogarithmic, scale.IsLogarithmic);
        Assert.Equal([first, second, third, last], scale.Ticks.Take(3).Append(scale.Ticks[^1]).Select(tick => tick.Label));
        Assert.Equal((0, 1), (scale.Place(scale.Least), scale.Place(scale.Most)));
        Assert.True(scale.Place(most) <= 1 + 1e-9);
    }

    [Fact]
    public void HundredthsEndAtTheWhole() => Assert.Equal("100 %", AxisScale.Of([12, 99.9], Dimension.Percentage, besideGeometric: false).Ticks[^1].Label);
}
