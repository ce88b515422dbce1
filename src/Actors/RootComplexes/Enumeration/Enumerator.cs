using PcieFabric.Input;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>
/// Brings up what is below a root complex, as firmware and an operating system do: finds functions, numbers buses, gives addresses to BARs and bridge windows,
/// tunes payload sizes and tags, and enables the functions. It knows nothing but what configuration reads return.
/// </summary>
/// <remarks>Every await is one of the accesses, one after the other, so a run is as repeatable as they are. A second run over the same hierarchy ends in the same state.</remarks>
public sealed class Enumerator
{
    private readonly IConfigurationAccess _access;
    private readonly EnumeratorOptions _options;

    /// <exception cref="InputException">An option says what no hierarchy can have.</exception>
    public Enumerator(IConfigurationAccess access, EnumeratorOptions options)
    {
        options.Validate();
        _access = access;
        _options = options;
    }

    /// <exception cref="InputException">Bus numbers or addresses do not suffice; the function is named.</exception>
    public async ValueTask<EnumeratedHierarchy> RunAsync()
    {
        var rootBus = await new BusScan(_access, _options).RunAsync();
        new AddressPlan(_options).Assign(rootBus);

        var setup = new FunctionSetup(_access, _options);
        var tuning = new HierarchyTuning(_access, _options);
        foreach (var top in rootBus)
        {
            await tuning.ApplyAsync(top);
            foreach (var function in top.DepthFirst())
            {
                await setup.WriteAddressesAsync(function);
                await setup.EnableAsync(function);
            }
        }
        var hierarchy = new EnumeratedHierarchy(_options.FirstBus, [.. rootBus.Select(f => new EnumeratedFunction(f))]);
        foreach (var function in hierarchy.Functions)
            if (Math.Min(function.TotalVfs, _options.VirtualFunctions) is > 0 and var count)
                await EnableVirtualFunctionsAsync(function, count);
        return hierarchy;
    }

    /// <summary>
    /// Enables virtual functions of a function that has none enabled (Linux: <c>sriov_enable</c>). They answer at once; hardware wants 100 ms first
    /// (PCIe 6.0 section 9.3.3.3.1).
    /// </summary>
    /// <param name="count">1 to <see cref="EnumeratedFunction.TotalVfs"/>.</param>
    /// <returns>They, by number from zero, with the addresses of their BARs.</returns>
    public ValueTask<IReadOnlyList<EnumeratedFunction>> EnableVirtualFunctionsAsync(EnumeratedFunction physical, int count) =>
        new VirtualFunctionSetup(_access, _options).EnableAsync(physical, count);

    /// <summary>Disables all virtual functions of a function. What they were doing is lost.</summary>
    public ValueTask DisableVirtualFunctionsAsync(EnumeratedFunction physical) => new VirtualFunctionSetup(_access, _options).DisableAsync(physical);
}
