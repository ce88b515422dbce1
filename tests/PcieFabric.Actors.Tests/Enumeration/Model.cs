using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Actors.Tests.Enumeration;

/// <summary>Short names for the parts that examples put together.</summary>
internal static class Model
{
    public const ulong KiB = 1 << 10;
    public const ulong MiB = 1 << 20;
    public const ulong GiB = 1 << 30;

    public static readonly EnumeratorOptions Options = new()
    {
        Memory = new AddressRange(0x8000_0000, 0x7000_0000),
        PrefetchableMemory = new AddressRange(0x40_0000_0000, 1024 * GiB),
        Io = new AddressRange(0x1000, 0xF000),
    };

    public static FunctionIdentity Identity(int device, uint classCode = 0x058000) => new(0x1DE5, (ushort)device, classCode, 7, 0x1DE5, 0x0042);

    public static ModelFunction RootPort(int device, params IEnumerable<ModelFunction> below) =>
        Bridge(PortType.RootPort, device << 3, below);

    public static ModelFunction Switch(params IEnumerable<ModelFunction> downstream) => Bridge(PortType.UpstreamSwitchPort, 0, downstream);

    public static ModelFunction Downstream(int device, params IEnumerable<ModelFunction> below) =>
        Bridge(PortType.DownstreamSwitchPort, device << 3, below);

    public static ModelFunction Bridge(
        PortType type,
        int number,
        IEnumerable<ModelFunction> below,
        PciExpressOptions? express = null,
        WindowKind io = WindowKind.Wide,
        WindowKind prefetchable = WindowKind.Wide,
        int id = 0xB000) =>
        new(new BridgeLayout(type, Identity(id, BridgeLayout.ClassCode), express, ioWindow: io, prefetchableWindow: prefetchable), number, below);

    public static ModelFunction Endpoint(params BarDefinition[] bars) => Function(0, bars);

    public static ModelFunction Function(int number, params BarDefinition[] bars) =>
        new(new EndpointFunctionLayout(Identity(0xE000 + number), bars), number);

    public static ModelFunction Function(int number, PciExpressOptions express) =>
        new(new EndpointFunctionLayout(Identity(0xE000 + number), express: express), number);

    /// <summary>Functions of one device that ARI links, by rising numbers from zero.</summary>
    public static ModelFunction[] AriDevice(params IReadOnlyList<int> numbers)
    {
        var functions = new ModelFunction[numbers.Count];
        for (var i = 0; i < functions.Length; i++)
        {
            var layout = new EndpointFunctionLayout(Identity(0xA000 + numbers[i]), [BarDefinition.Memory64(0, 4 * KiB, true)], [new MsiXCapability(4, 0), new AerCapability(), new AriCapability()]);
            functions[i] = new ModelFunction(layout, numbers[i]).MultiFunction();
            functions[i].Space[layout.Ari!.NextFunction] = i + 1 < functions.Length ? (uint)numbers[i + 1] : 0;
        }
        return functions;
    }

    public static async Task<(ModelHierarchy Model, EnumeratedHierarchy Result)> Enumerate(EnumeratorOptions options, params IEnumerable<ModelFunction> rootBus)
    {
        var model = new ModelHierarchy(rootBus) { RootBusNumber = options.FirstBus };
        return (model, await new Enumerator(model, options).RunAsync());
    }
}
