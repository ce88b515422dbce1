using PcieFabric.EndpointFunctions;
using PcieFabric.Endpoints;
using PcieFabric.Links;

namespace PcieFabric.Topologies.Building;

public sealed partial class FabricBuilder
{
    /// <summary>The virtual functions that an endpoint can have: what each is made from when software enables it, and the models that wait for that.</summary>
    private VirtualModels VirtualFunctionsOf(EndpointDefinition endpoint, LinkSettings link)
    {
        var all = new VirtualModels(new VirtualFunctionSettings?[endpoint.Functions.Count], []);
        var place = endpoint.Functions.Count;
        for (var number = 0; number < endpoint.Functions.Count; number++)
        {
            var physical = endpoint.Functions[number];
            if (physical.VirtualFunction is not { } function) continue;
            var count = physical.Capabilities.SrIov!.Options.TotalVfs;
            var layout = _layouts.OfVirtual(physical, link, endpoint.Ari);
            var first = ModelOf(function);
            var regions = BarMemory.Allocate(_fabric.Memory, function, first, count);
            var registers = _registers.Of(function, first);
            all.Settings[number] = new VirtualFunctionSettings
            {
                Make = vf => new FunctionSettings { Layout = layout, BarMemory = BarMemory.Share(regions, function, vf), Registers = registers },
                FirstModel = first is null ? null : place,
            };
            if (first is null) continue;
            for (var vf = 0; vf < count; vf++, place++)
                all.Models.Add((number, vf, place, vf == 0 ? first : ModelOf(function)!, BarMemory.Share(regions, function, vf)));
        }
        return all;
    }

    /// <param name="Settings">By function number; null where a function has none.</param>
    /// <param name="Models">With the number of the physical function, their own from zero, and their place among all models of the endpoint.</param>
    private sealed record VirtualModels(
        VirtualFunctionSettings?[] Settings, List<(int Number, int Vf, int Place, EndpointFunction Model, IReadOnlyDictionary<int, MemoryRegion> Memory)> Models);
}
