using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;

namespace PcieFabric.Actors.Tests.Enumeration;

/// <summary>Draws hierarchies of every shape that fits into 256 buses and the windows of <see cref="Model.Options"/>; each function has an ID of its own.</summary>
internal sealed class RandomHierarchy(Random random)
{
    private const int MostFunctions = 120;
    private const int MostIoBars = 5;
    private const int Deepest = 4;

    private int _functions;
    private int _ioBars;

    public ModelHierarchy Draw()
    {
        (_functions, _ioBars) = (0, 0);
        var rootBus = new List<ModelFunction>();
        foreach (var device in Distinct(32, 1, 6))
        {
            if (random.Next(5) == 0) rootBus.AddRange(Device(device, PortType.RootComplexIntegratedEndpoint));
            else rootBus.Add(Port(PortType.RootPort, device << 3, BelowLink(Deepest)));
        }
        return new ModelHierarchy(rootBus);
    }

    /// <summary>Numbers in rising order, zero among them only by chance.</summary>
    private int[] Distinct(int below, int least, int most) => [.. Enumerable.Range(0, below).OrderBy(_ => random.Next()).Take(random.Next(least, most + 1)).Order()];

    private ModelFunction[] BelowLink(int depth)
    {
        if (_functions > MostFunctions || random.Next(6) == 0) return [];
        if (depth > 0 && random.Next(2) == 0) return [SwitchBelow(depth - 1)];
        return random.Next(4) == 0 ? AriDevice() : Device(0, PortType.Endpoint);
    }

    private ModelFunction SwitchBelow(int depth) =>
        Port(PortType.UpstreamSwitchPort, 0, [.. Distinct(32, 1, 5).Select(device => Port(PortType.DownstreamSwitchPort, device << 3, BelowLink(depth)))]);

    private ModelFunction Port(PortType type, int number, ModelFunction[] below)
    {
        var hasIo = below.SelectMany(f => f.DepthFirst()).Any(f => f.Layout.Header.Bars.Any(b => b.Definition.Kind == BarKind.Io));
        var express = new PciExpressOptions { AriForwarding = random.Next(3) != 0, MaxPayloadSizeSupported = 128 << random.Next(6) };
        return Model.Bridge(type, number, below, express, (WindowKind)random.Next(hasIo ? 1 : 0, 3), random.Next(4) == 0 ? (WindowKind)random.Next(2) : WindowKind.Wide, NextId());
    }

    private ModelFunction[] Device(int device, PortType type)
    {
        int[] numbers = random.Next(3) == 0 ? [0, .. Distinct(7, 1, 7).Select(n => n + 1)] : [0];
        var functions = numbers.Select(n => Function(device << 3 | n, type)).ToArray();
        if (numbers.Length > 1) functions[0].MultiFunction();
        return functions;
    }

    /// <summary>Some of its functions only ARI reaches; the others are found either way.</summary>
    private ModelFunction[] AriDevice()
    {
        int[] numbers = [0, .. Distinct(255, 1, 12).Select(n => n + 1)];
        var functions = numbers.Select(n => Function(n, PortType.Endpoint, new AriCapability())).ToArray();
        for (var i = 0; i < functions.Length; i++)
        {
            functions[i].MultiFunction();
            functions[i].Space[((EndpointFunctionLayout)functions[i].Layout).Ari!.NextFunction] = i + 1 < functions.Length ? (uint)numbers[i + 1] : 0;
        }
        return functions;
    }

    private ModelFunction Function(int number, PortType type, params Capability[] capabilities)
    {
        var express = new PciExpressOptions { MaxPayloadSizeSupported = 128 << random.Next(6), TenBitTagRequester = random.Next(2) == 0, TenBitTagCompleter = random.Next(8) != 0 };
        var rom = random.Next(5) == 0 ? 2048ul << random.Next(8) : 0;
        return new ModelFunction(new EndpointFunctionLayout(Model.Identity(NextId()), Bars(), capabilities, express, type, rom), number);
    }

    private BarDefinition[] Bars()
    {
        var bars = new List<BarDefinition>();
        for (var index = 0; index < 6; index++)
        {
            switch (random.Next(9))
            {
                case 0:
                    bars.Add(BarDefinition.Memory32(index, 16ul << random.Next(17), random.Next(2) == 0));
                    break;
                case 1 when index < 5:
                    bars.Add(BarDefinition.Memory64(index++, 16ul << random.Next(17)));
                    break;
                case 2 or 3 when index < 5:
                    bars.Add(BarDefinition.Memory64(index++, 4096ul << random.Next(12), true));
                    break;
                case 4 when _ioBars < MostIoBars:
                    _ioBars++;
                    bars.Add(BarDefinition.Io(index, 4ul << random.Next(7)));
                    break;
            }
        }
        return [.. bars];
    }

    private int NextId() => ++_functions;
}
