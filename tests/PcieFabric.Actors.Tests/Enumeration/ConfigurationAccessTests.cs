using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Engine;
using PcieFabric.RootComplexes.Enumeration;
using Xunit.Abstractions;
using static PcieFabric.Actors.Tests.Enumeration.Model;

namespace PcieFabric.Actors.Tests.Enumeration;

public class ConfigurationAccessTests(ITestOutputHelper output)
{
    private const int AccessesPerFunction = 60;

    [Fact]
    public async Task ARackOf4096FunctionsTakesAtMost60AccessesForEach()
    {
        var found = 0;
        var rootPorts = Enumerable.Range(0, 8).Select(device => RootPort(device, Switch(Enumerable.Range(0, 16).Select(port => Downstream(port, AriDevice([.. Enumerable.Range(0, 32)]))))));
        var (model, result) = await Enumerate(Options with { Progress = count => found = count }, rootPorts);
        Assert.Equal(4096, result.Functions.Count(f => !f.IsBridge));
        Assert.Equal(result.Functions.Count, found);
        output.WriteLine($"{model.Accesses} accesses, {model.Accesses / (double)result.Functions.Count:F1} for each function");
        Assert.InRange(model.Accesses, 1, AccessesPerFunction * result.Functions.Count);
    }

    [Fact]
    public async Task AFunctionWithEveryRegisterTakesAtMost60Accesses()
    {
        var bare = await Accesses(Endpoint());
        Capability[] capabilities = [new MsiCapability(), new MsiXCapability(4, 0), new AerCapability(), new DeviceSerialNumberCapability(), new LtrCapability()];
        var layout = new EndpointFunctionLayout(Identity(1), [.. Enumerable.Range(0, 3).Select(i => BarDefinition.Memory64(2 * i, MiB, true))], capabilities, expansionRomSize: 64 * KiB);
        var full = await Accesses(new ModelFunction(layout, 0));
        var none = await Accesses();
        output.WriteLine($"{bare - none} accesses for a bare function, {full - none} for a full one");
        Assert.True(bare < full);
        Assert.InRange(full - none, 1, AccessesPerFunction);

        static async Task<int> Accesses(params ModelFunction[] below) => (await Enumerate(Options, RootPort(1, below))).Model.Accesses;
    }

    [Fact]
    public async Task ACapabilityListThatBitesItsTailEnds()
    {
        // The first header of each list names itself as the next.
        var standard = await Tampered((_, offset, value) => offset == 0x40 ? value & 0xFFFF_00FF | 0x4000 : value);
        Assert.Equal(48, standard.Capabilities.Count);
        var extended = await Tampered((_, offset, value) => offset == 0x100 ? value & 0x000F_FFFF | 0x1000_0000 : value);
        Assert.Equal(960, extended.ExtendedCapabilities.Count);

        static async Task<EnumeratedFunction> Tampered(Func<Bdf, int, uint, uint> tamper) =>
            (await new Enumerator(new ModelHierarchy(RootPort(1)) { Tamper = tamper }, Options).RunAsync()).RootBus[0];
    }

    [Fact]
    public async Task InsideAnActorEachAccessWaitsForTheOneBefore()
    {
        var model = new ModelHierarchy(RootPort(1, Switch(Downstream(0, AriDevice(0, 1, 40)), Downstream(3, Endpoint(BarDefinition.Memory64(0, MiB, true))))));
        var access = new PendingAccess(model);
        var context = new ActorSynchronizationContext();
        var run = ValueTask.FromException<EnumeratedHierarchy>(new InvalidOperationException("not started"));
        InTurn(() => run = new Enumerator(access, Options).RunAsync());
        while (!run.IsCompleted) InTurn(access.Answer);
        Assert.Equal(8, (await run).Functions.Count);
        Assert.Equal(access.Answered, model.Accesses);

        void InTurn(Action action)
        {
            context.Run(new Code(action));
            context.RunTurn();
        }
    }

    private sealed class Code(Action action) : ActorSynchronizationContext.IAwaited
    {
        public void Resume() => action();
    }

    /// <summary>Answers when told to, one access at a time, as completions arrive in an actor.</summary>
    private sealed class PendingAccess(ModelHierarchy model) : IConfigurationAccess
    {
        private Action? _pending;

        public int Answered { get; private set; }

        public ValueTask<uint> ReadAsync(Bdf function, int registerOffset) => Pend(() => model.ReadAsync(function, registerOffset));

        public async ValueTask WriteAsync(Bdf function, int registerOffset, uint value, byte byteEnables) => await Pend(async () =>
        {
            await model.WriteAsync(function, registerOffset, value, byteEnables);
            return 0;
        });

        public void Answer()
        {
            var answer = _pending!;
            _pending = null;
            Answered++;
            answer();
        }

        private ValueTask<uint> Pend(Func<ValueTask<uint>> access)
        {
            Assert.Null(_pending);
            var done = new TaskCompletionSource<uint>();
            _pending = () => done.SetResult(access().AsTask().GetAwaiter().GetResult());
            return new ValueTask<uint>(done.Task);
        }
    }
}
