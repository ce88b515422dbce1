using PcieFabric.Guests.Tests.Kselftests;
using Xunit.Abstractions;

namespace PcieFabric.Guests.Tests.Attached;

/// <summary>Several guests on one fabric, which disturb one another in nothing.</summary>
public class ManyGuestsTests(ITestOutputHelper output)
{
    private const int Deaths = 50;

    /// <summary>So often it is QEMU that is killed with a Linux in it; else somebody who speaks as QEMU does, for a boot takes seconds.</summary>
    private const int DeathsOfQemu = 2;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [GuestFact]
    public async Task TwoGuestsWorkWhileAThirdIsKilledFiftyTimes()
    {
        await using var fabric = await AttachedFabric.StartAsync("eight-functions", "--set", "hosts.host0.ports.0.count=6");
        Assert.Equal(10, fabric.Sockets.Count);
        await using (var first = await Guest.StartAsync(new GuestOptions { Sockets = [.. fabric.Sockets.Skip(2)] }))
        await using (var second = await Guest.StartAsync(new GuestOptions { Sockets = [fabric.Sockets[1]] }))
        {
            var third = Task.Run(() => LiveAndDieAsync(fabric.Sockets[0]));
            var rounds = await Task.WhenAll(WorkAsync(first, 8, third), WorkAsync(second, 1, third), CopyBetweenPeersAsync(first, third));
            await third;
            output.WriteLine($"{rounds[0]} and {rounds[1]} rounds of transfers and {rounds[2]} copies between functions meanwhile");
        }
        var attached = (await fabric.StopAsync()).Split('\n').Count(line => line.EndsWith(": attached", StringComparison.Ordinal));
        Assert.Equal(9 + Deaths + 1, attached);
    }

    /// <summary>Each function has its turn; the kernel's test opens the first.</summary>
    private static async Task<int> WorkAsync(Guest guest, int functions, Task other)
    {
        Assert.Equal(functions, int.Parse(await guest.OutputOfAsync("ls /dev/pci-endpoint-test.* | wc -l")));
        await guest.OutputOfAsync("cp -a /dev/pci-endpoint-test.* /tmp");
        var turn = 0;
        for (; turn < functions || !other.IsCompleted; turn++)
        {
            var run = await guest.RunAsync($"rm /dev/pci-endpoint-test.0; cp -a /tmp/pci-endpoint-test.{turn % functions} /dev/pci-endpoint-test.0; pci_endpoint_test -v memcpy -v dma", Limit);
            Assert.True(KselftestReport.Parse(run.Output).Count(result => result.Outcome == "pass") == 6, run.Output);
        }
        return turn;
    }

    private static async Task<int> CopyBetweenPeersAsync(Guest guest, Task other)
    {
        var copies = 0;
        do
        {
            var word = $"0x{++copies * 0x01010101:X8}";
            Assert.Equal($"{word}\n", await guest.OutputOfAsync(PeerCopy(word), Limit));
        }
        while (!other.IsCompleted);
        return copies;
    }

    /// <summary>A function reads a word of 4 KiB from a BAR of a second one, and writes it to a BAR of a third one, of the same guest.</summary>
    private static string PeerCopy(string word) => $$"""
        bar() { echo $(($(sed -n "$(($2 + 1))p" /sys/bus/pci/devices/0000:$1:00.0/resource | cut -d ' ' -f 1))); }
        registers=$(bar 01 0) source=$(bar 02 1) target=$(bar 08 2)
        devmem $((source + 4092)) 32 {{word}}
        set_register() { devmem $((registers + $1)) 32 $2; }
        set_register 0x08 0; set_register 0x0c $source; set_register 0x10 0; set_register 0x14 $target; set_register 0x18 0
        set_register 0x1c 4096; set_register 0x24 1; set_register 0x28 1; set_register 0x2c 0; set_register 0x04 0x20
        until [ $(($(devmem $((registers + 8)) 32) & 0x30)) != 0 ]; do :; done
        devmem $((target + 4092)) 32
        """;

    private async Task LiveAndDieAsync(string socket)
    {
        var random = TestSeed.Random(output);
        for (var death = 1; death <= Deaths; death++)
        {
            if (death % (Deaths / DeathsOfQemu) == 0) await DieWithLinuxAsync(socket);
            else Die(socket, random, isInTheMiddle: death % 3 != 0);
        }
        using var last = new PlayedMachine(socket);
        last.ExpectReset();
        last.BeginCopy(random);
        last.ExpectCopied();
    }

    private static void Die(string socket, Random random, bool isInTheMiddle)
    {
        using var machine = new PlayedMachine(socket);
        machine.ExpectReset();
        machine.BeginCopy(random);
        if (isInTheMiddle) Thread.Sleep(random.Next(5));
        else machine.ExpectCopied();
    }

    private static async Task DieWithLinuxAsync(string socket)
    {
        await using var guest = await Guest.StartAsync(new GuestOptions { Sockets = [socket] });
        await guest.OutputOfAsync("pci_endpoint_test -v memcpy >/dev/null & sleep 0.1");
        await guest.KillAsync();
    }
}
