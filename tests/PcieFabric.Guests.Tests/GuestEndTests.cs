using System.Diagnostics;
using System.Net.Sockets;

namespace PcieFabric.Guests.Tests;

/// <summary>How guests end, restart, or do not start at all.</summary>
public class GuestEndTests
{
    [GuestFact]
    public async Task AKilledGuestIsSeenToHaveEnded()
    {
        await using var guest = await Guest.StartAsync();
        var waiting = guest.WaitForLineAsync("never said");
        var running = guest.RunAsync("sleep 60");

        await guest.KillAsync();

        Assert.True(guest.HasEnded);
        await Assert.ThrowsAsync<IOException>(() => running);
        Assert.StartsWith("the guest ended before it printed 'never said'", (await Assert.ThrowsAsync<TimeoutException>(() => waiting)).Message);
        Assert.Equal("'true' cannot be run: the guest has ended", (await Assert.ThrowsAsync<IOException>(() => guest.RunAsync("true"))).Message);
    }

    [GuestFact]
    public async Task AGuestRestartsAndThenTakesCommandsAgain()
    {
        await using var guest = await Guest.StartAsync(new GuestOptions { Restarts = true });
        await guest.OutputOfAsync("touch /tmp/before");

        await guest.RestartAsync();

        Assert.Equal(1, (await guest.RunAsync("test -e /tmp/before")).ExitStatus);
        // What a command that does not end has printed is told, and nothing can follow it.
        var late = await Assert.ThrowsAsync<TimeoutException>(() => guest.RunAsync("echo so far; sleep 60", TimeSpan.FromSeconds(1)));
        Assert.Equal("'echo so far; sleep 60' did not end within 1 s; it printed:\nso far\n", late.Message);
        Assert.EndsWith("has not ended", (await Assert.ThrowsAsync<IOException>(() => guest.RunAsync("true"))).Message);
    }

    [GuestFact]
    public async Task AGuestWhoseDeviceIsNotThereSaysSo()
    {
        var failure = await Assert.ThrowsAsync<TimeoutException>(() => Guest.StartAsync(new GuestOptions { Sockets = ["/nowhere/a.sock"] }));

        Assert.Contains("/nowhere/a.sock", failure.Message);
    }

    [GuestFact]
    public async Task ACommandGivenToBootEndsWithTheCommandsOutputAndStatus()
    {
        await GuestKit.ProvideAsync();

        var (output, _, code) = Boot("--run", "echo one, two; lspci -n -s 0; exit 5");

        Assert.StartsWith("one, two\n00:00.0 0600: 8086:29c0\n", output);
        Assert.Equal(5, code);
        Assert.Equal(125, Boot("--run", "poweroff -f; sleep 60").ExitCode);
    }

    [GuestFact]
    public async Task AGuestEndsWithWhoeverHoldsItsInput()
    {
        await GuestKit.ProvideAsync();
        var folder = Directory.CreateTempSubdirectory("pciefabric-guest");
        var path = Path.Combine(folder.FullName, "agent");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        using var process = Process.Start(new ProcessStartInfo(GuestKit.Boot, ["--agent", path]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        using var agent = await listener.AcceptAsync();

        process.StandardInput.Close();

        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("--frobnicate")]
    [InlineData("--socket")]
    [InlineData("--help")]
    public void WrongArgumentsOfBootAreAnsweredWithItsUsage(string argument)
    {
        var (output, error, code) = Boot(argument);

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.StartsWith("Boots a Linux guest of the kit:\n", error);
        Assert.Contains("--run COMMAND", error);
    }

    private static (string Output, string Error, int ExitCode) Boot(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(GuestKit.Boot, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output, error.Result, process.ExitCode);
    }
}
