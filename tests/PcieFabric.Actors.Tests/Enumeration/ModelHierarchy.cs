using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Actors.Tests.Enumeration;

/// <summary>
/// Routes configuration requests as bridges do, by the bus numbers that they hold at the moment, and checks that the software behaves: no two bridges claim
/// one bus, and nothing that decodes addresses has them changed.
/// </summary>
internal sealed class ModelHierarchy(params IEnumerable<ModelFunction> rootBus) : IConfigurationAccess
{
    public ModelFunction[] RootBus { get; } = [.. rootBus.OrderBy(f => f.Number)];
    public int RootBusNumber { get; init; }
    public int Accesses { get; private set; }

    /// <summary>Stands between a function and what a read returns.</summary>
    public Func<Bdf, int, uint, uint>? Tamper { get; init; }

    public IEnumerable<ModelFunction> Functions => RootBus.SelectMany(f => f.DepthFirst());

    public ValueTask<uint> ReadAsync(Bdf function, int registerOffset)
    {
        Accesses++;
        var value = Route(function)?.Space.Read(new RegisterOffset(registerOffset)) ?? uint.MaxValue;
        return ValueTask.FromResult(Tamper?.Invoke(function, registerOffset, value) ?? value);
    }

    public ValueTask WriteAsync(Bdf function, int registerOffset, uint value, byte byteEnables = 15)
    {
        Accesses++;
        var target = Route(function) ?? throw new InvalidOperationException($"a write to {function}, which is not there");
        var decodes = target.Decodes;
        var effect = target.Space.Write(new RegisterOffset(registerOffset), new MaskedDword(value, byteEnables));
        if (decodes && registerOffset < 0x40 && (effect.Has(Concerns.Bar) || effect.Has(Concerns.BridgeWindow)))
            throw new InvalidOperationException($"{function} decodes addresses while 0x{registerOffset:x2} changes");
        return ValueTask.CompletedTask;
    }

    public ModelFunction? Route(Bdf bdf)
    {
        var (bus, functions, above) = (RootBusNumber, RootBus, (ModelFunction?)null);
        while (bus != bdf.Bus)
        {
            var claims = functions.Where(f => f.Bridge is { } bridge && f.Space[bridge.SecondaryBus] != 0 && bdf.Bus >= f.Space[bridge.SecondaryBus] && bdf.Bus <= f.Space[bridge.SubordinateBus]).ToArray();
            if (claims.Length > 1) throw new InvalidOperationException($"{claims.Length} bridges on bus {bus:x2} claim bus {bdf.Bus:x2}");
            if (claims.Length == 0) return null;
            above = claims[0];
            (bus, functions) = (above.SecondaryBus, above.Below);
        }
        if (above is { HasLinkBelow: true, ForwardsAri: false } && bdf.Device != 0) return null;
        return functions.FirstOrDefault(f => f.Number == bdf.AriFunction);
    }
}
