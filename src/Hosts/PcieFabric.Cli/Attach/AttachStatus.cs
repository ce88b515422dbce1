using PcieFabric.Cli.CommandLine;
using PcieFabric.VfioUser.Live;
using Spectre.Console;

namespace PcieFabric.Cli.Attach;

/// <summary>What a person sees while guests are served: who is attached, and what was done.</summary>
internal sealed class AttachStatus(CommandContext context, LiveFabric live, ServedSockets sockets)
{
    /// <summary>Between two looks of a person.</summary>
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(500);

    /// <summary>Shows the status until something ends. Who is no terminal sees nothing of it.</summary>
    public async Task ShowUntilAsync(Task end)
    {
        if (!context.Interactive)
        {
            await end.ConfigureAwait(false);
            return;
        }
        await context.Console.Live(Table()).StartAsync(async display =>
        {
            while (await Task.WhenAny(end, Task.Delay(Refresh)).ConfigureAwait(false) != end)
            {
                display.UpdateTarget(Table());
                display.Refresh();
            }
        }).ConfigureAwait(false);
        await end.ConfigureAwait(false);
    }

    private Table Table()
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("function", "ids", "guest");
        foreach (var title in new[] { "guests so far", "reads", "writes", "errors", "DMA refused" }) table.AddColumn(title, column => column.RightAligned());
        foreach (var socket in sockets.All)
        {
            var counters = socket.Server.Counters;
            table.AddRow(Markup.Escape(socket.Name), socket.Id, socket.IsAttached() ? "[green]attached[/]" : "[grey]none[/]", $"{counters.Clients}", $"{counters.Reads}", $"{counters.Writes}", $"{counters.Errors}", $"{counters.DmaErrors}");
        }
        var (now, read, written, interrupts, faults) = live.Inspect(fabric => (
            fabric.Fabric.Engine.Now,
            fabric.Gateways.Sum(gateway => gateway.Counters.BytesRead),
            fabric.Gateways.Sum(gateway => gateway.Counters.BytesWritten),
            fabric.Gateways.Sum(gateway => gateway.Counters.Interrupts),
            fabric.Gateways.Sum(gateway => gateway.Counters.Faults)));
        return table.Caption($"{now.Seconds:0.0} s of virtual time; DMA: {read} bytes read, {written} written, {faults} faults; {interrupts} interrupts. Ctrl-C ends it.");
    }
}
