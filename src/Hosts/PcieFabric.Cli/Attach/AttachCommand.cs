using System.CommandLine;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Documents;
using PcieFabric.Gateways;
using PcieFabric.Input;
using PcieFabric.VfioUser.Live;

namespace PcieFabric.Cli.Attach;

/// <summary><c>pciefabric attach</c>: serves a topology to virtual machines until it is told to stop.</summary>
internal static class AttachCommand
{
    /// <summary>Of the processor's time after each access, with --poll.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);

    public static Command Create()
    {
        var file = new Argument<string>("TOPOLOGY") { Description = "A topology file" };
        var mode = new Option<AttachMode>("--as")
        {
            Description = "What a socket is: each function, or the whole hierarchy of a root complex, which the guest's vmd driver finds",
            HelpName = "functions|hierarchy",
            CustomParser = argument => ModeOf(argument.Tokens[0].Value),
        };
        var directory = new Option<string?>("--socket-dir") { Description = "Where the sockets are, for their owner alone; a private directory unless said otherwise", HelpName = "DIR" };
        var journal = new Option<string?>("--journal") { Description = "Record the session, for replay without the guests", HelpName = "FILE" };
        var poll = new Option<bool>("--poll") { Description = "Look for a guest's next access for a while before sleeping: faster, for a processor's time" };
        var sets = new Option<string[]>("--set") { Description = "Change a value of the topology; may be given again", HelpName = "PATH=VALUE" };
        var seed = new Option<ulong>("--seed") { Description = "Of the functions' random numbers", HelpName = "N", DefaultValueFactory = _ => 1 };
        var command = new FabricCommand("attach",
            """
            Serves a topology to virtual machines over vfio-user, and prints what to give to QEMU.

            Each function is a socket, or with '--as hierarchy' each root complex with all that is below it. Virtual time goes with the wall's. Guests come and go;
            a function is as after a reset for the next one. Ctrl-C or SIGTERM ends it in good order.
            """,
            "pciefabric attach config/topologies/epf-test.yaml",
            "pciefabric attach config/topologies/epf-test.yaml --set endpoints.card.controller=rk3588 --set functions.test.vendor=0x1d87 --set functions.test.device=0x3588",
            "pciefabric attach config/topologies/hierarchy.yaml --as hierarchy --socket-dir sockets",
            "pciefabric attach config/topologies/eight-functions.yaml --journal session.pfj --poll") { file, mode, directory, journal, poll, sets, seed, new JsonOption() };
        command.SetAction((context, cancellation) =>
        {
            var arguments = context.Arguments;
            var options = new LiveOptions
            {
                Seed = arguments.GetValue(seed),
                Mode = arguments.GetValue(mode),
                Journal = arguments.GetValue(journal),
                Overrides = [.. (arguments.GetValue(sets) ?? []).Select(Override.Parse)],
            };
            return RunAsync(context, arguments.GetValue(file)!, arguments.GetValue(directory), options, arguments.GetValue(poll) ? Poll : TimeSpan.Zero, cancellation);
        });
        return command;
    }

    private static AttachMode ModeOf(string text) => text switch
    {
        "functions" => AttachMode.Functions,
        "hierarchy" => AttachMode.Hierarchy,
        _ => throw new InputException($"--as: a socket cannot be a '{text}'", "functions or hierarchy"),
    };

    private static async Task<ExitCode> RunAsync(CommandContext context, string file, string? directory, LiveOptions options, TimeSpan poll, CancellationToken cancellation)
    {
        var source = DiskFiles.Instance.Read(file);
        using var live = LiveFabric.Start(source, options, cancellation);
        var topology = live.Fabric.Fabric.Topology.Name;
        directory = Path.GetFullPath(directory ?? DefaultDirectory(topology));
        using (var sockets = new ServedSockets(live, directory, poll, line => Tell(context, line)))
        {
            if (sockets.All.Count == 0) throw new InputException($"'{file}' has no function to attach to", "attach an endpoint to one of its ports");
            Announce(context, new AttachReport(topology, options.Mode == AttachMode.Hierarchy ? "hierarchy" : "functions", directory, QemuArguments.Machine, QemuArguments.KernelOptions,
                [.. sockets.All.Select(socket => new AttachedSocket(socket.Path, socket.Name, socket.Id, QemuArguments.Device(socket.Path)))]));
            var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = cancellation.Register(() => told.TrySetResult());
            // The fabric's own failure first: it is why servers fail.
            await new AttachStatus(context, live, sockets).ShowUntilAsync(Task.WhenAny(live.Completion, sockets.Completion, told.Task));
            if (live.Completion.IsFaulted) await live.Completion;
            if (!told.Task.IsCompleted) await sockets.Completion;
        }
        live.Stop();
        if (live.Completion.IsFaulted) await live.Completion;
        Tell(context, options.Journal is { } journal ? $"{topology}: stopped; the session is in {journal}" : $"{topology}: stopped");
        return ExitCode.Done;
    }

    private static string DefaultDirectory(string topology) =>
        Path.Combine(Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime ? Path.Combine(runtime, "pciefabric") : Path.Combine(Path.GetTempPath(), $"pciefabric-{Environment.UserName}"), topology);

    private static void Announce(CommandContext context, AttachReport report)
    {
        if (context.Json) context.WriteJson(report, AttachJson.Default.AttachReport);
        else
        {
            context.Output.WriteLine($"{report.Topology}: {report.Sockets.Count} {(report.Sockets.Count == 1 ? "socket" : "sockets")} in {report.Directory}");
            context.Output.WriteLine($"QEMU (10.1 or later) needs this once, and a Linux with many MSI vectors '{report.KernelOptions}' on its command line:");
            context.Output.WriteLine($"  {QemuArguments.Quoted(report.QemuMachine)}");
            context.Output.WriteLine("and for each function that the guest is to have:");
            foreach (var socket in report.Sockets)
            {
                context.Output.WriteLine($"  {QemuArguments.Quoted(socket.Qemu)}");
                context.Output.WriteLine($"      # {socket.Function} {socket.Id}");
            }
        }
        context.Output.Flush();
    }

    /// <summary>Where nobody watches the status, a line for each guest that comes and goes.</summary>
    private static void Tell(CommandContext context, string line)
    {
        if (!context.Interactive && !context.Quiet) context.Error.WriteLine(line);
    }
}
