using PcieFabric.EndpointFunctions.EpfTests;
using PcieFabric.Gateways;
using PcieFabric.Input;
using PcieFabric.Recording;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Live;
using Xunit.Abstractions;

namespace PcieFabric.VfioUser.Tests.Live;

/// <summary>A journal of what a guest did repeats the run without the guest.</summary>
public sealed class SessionReplayTests(ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("pciefabric-");

    private string Journal => Path.Combine(_directory.FullName, "session.pfj");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ASessionReplaysWithoutItsGuest(bool isAsked)
    {
        Record(isAsked);
        var result = JournalReplay.ExpectNoDivergence(Journal);
        Assert.True(result.Digests > 4, $"{result.Digests} digests");
        output.WriteLine($"{new FileInfo(Journal).Length} bytes, {result.ComparedUntil}");
    }

    /// <summary>
    /// A Linux guest ran the kernel's endpoint tests on small BARs, and its session was kept. Whoever changes what a fabric does records it anew:
    /// <c>PCIEFABRIC_WRITE_DOCS=1 dotnet test tests/PcieFabric.Guests.Tests --filter TheSessionThatIsKept</c>.
    /// </summary>
    [Fact]
    public void TheKeptSessionOfTheKernelsTestsReplays()
    {
        var result = JournalReplay.ExpectNoDivergence(Path.Combine(AppContext.BaseDirectory, "kselftest.pfj"));
        output.WriteLine($"{result.Digests} digests, {result.Messages} messages, {result.ComparedUntil}");
        Assert.True(result.Digests > 30, $"{result.Digests} digests");
    }

    [Fact]
    public void WhatDmaReadIsPartOfTheJournal()
    {
        Record(isAsked: false);
        using var journal = JournalReplay.Open(Journal);
        var read = journal.Inputs().Where(input => input.Kind == (ushort)Engine.MessageKind.MemoryRead).Sum(input => input.Body.Length);
        Assert.InRange(read, 60_000, 70_000);
        Assert.True(new FileInfo(Journal).Length < 60_000, "what repeats itself is packed");
    }

    [Fact]
    public void AJournalThatIsCutAnywhereReplaysAsFarAsItGoesOrIsRefused()
    {
        Record(isAsked: false);
        var whole = File.ReadAllBytes(Journal);
        var random = TestSeed.Random(output);
        var replayed = 0;
        for (var i = 0; i < 30; i++)
        {
            File.WriteAllBytes(Journal, whole[..random.Next(whole.Length)]);
            try
            {
                var result = JournalReplay.Run(Journal, new ReplayOptions { AllowTruncated = true });
                Assert.Null(result.Divergence);
                replayed++;
            }
            catch (InputException)
            {
                // Cut before its tables are complete.
            }
        }
        Assert.True(replayed > 0);
    }

    [Fact]
    public void AJournalWithoutOneInputDiverges()
    {
        Record(isAsked: false);
        using var journal = JournalReplay.Open(Journal);
        var last = journal.Inputs().Last(input => input.Kind == (ushort)Engine.MessageKind.MemoryRead);
        Assert.NotEmpty(last.Body.ToArray());
        var result = JournalReplay.Run(journal, new ReplayOptions
        {
            Rebuild = run => new FabricRun(GatewayFabric.Build(PcieFabric.Topologies.Reading.TopologyReader.Read(LiveFixture.Source("epf-test")), new PcieFabric.Topologies.Building.FabricOptions { Seed = run.Seed }, AttachMode.Functions, _ => null!).Fabric),
            Until = Units.SimTime.FromMilliseconds(400),
        });
        Assert.NotNull(result.Divergence);
    }

    private void Record(bool isAsked)
    {
        using var fixture = new LiveFixture("epf-test", journal: Journal);
        var (device, guest, driver) = fixture.Attach(new PlayedGuest { IsAsked = isAsked });
        device.InterruptsChanged(InterruptIndex.MsiX, InterruptChange.Enabled, 0, 32);
        guest.Bytes(0x1000, 32_768).Fill(0x5A);
        driver.Perform(EpfTestCommand.Copy, 0x1000, 0x10_0000, 65_536);
        driver.Perform(EpfTestCommand.Read, 0x8000_0000, 0, 256);
        driver.Perform(EpfTestCommand.Write, 0, 0x9000_0000, 256);
        driver.Perform(EpfTestCommand.RaiseMsiX, irqNumber: 5);
        driver.Begin(EpfTestCommand.Copy, 0x1000, 0x10_0000, 65_536);
        device.Detached(guest);
        device.Attached(guest);
        driver.Enable();
        driver.Perform(EpfTestCommand.Copy, 0x1000, 0x10_0000, 512);
        device.Detached(guest);
        fixture.Live.Stop();
        Assert.False(fixture.Live.Completion.IsFaulted);
    }
}
