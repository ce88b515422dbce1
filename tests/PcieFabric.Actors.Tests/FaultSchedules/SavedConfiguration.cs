using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Actors.Tests.FaultSchedules;

/// <summary>What a host writes back after a reset (Linux: <c>pci_save_state</c>): all that it had set up, bridges before what is below them.</summary>
internal sealed class SavedConfiguration
{
    private const byte All = 15, Low = 0b0011, High = 0b1100;

    private readonly ConfigurationAccess _access;
    private readonly List<(Bdf Function, int Offset, uint Value, byte Enables)> _registers = [];

    private SavedConfiguration(ConfigurationAccess access) => _access = access;

    public static async Task<SavedConfiguration> OfAsync(Host host, EnumeratedHierarchy tree)
    {
        var saved = new SavedConfiguration(host.Configuration[0]);
        foreach (var function in tree.Functions) await saved.SaveAsync(function);
        return saved;
    }

    /// <summary>What does not answer stays as it is.</summary>
    public async Task RestoreAsync()
    {
        foreach (var (function, offset, value, enables) in _registers) await _access.WriteAsync(function, offset, value, enables);
    }

    private async Task SaveAsync(EnumeratedFunction function)
    {
        // First of all it must be awake.
        if (function.FindCapability(CapabilityId.PowerManagement) is { } power) _registers.Add((function.Bdf, power + 4, 0, 0b0001));
        if (function.IsBridge)
        {
            await SaveAsync(function, 0x18, 0b0111);
            await SaveAsync(function, 0x1C, Low);
            foreach (var offset in new[] { 0x10, 0x14, 0x20, 0x24, 0x28, 0x2C, 0x30 }) await SaveAsync(function, offset);
            await SaveAsync(function, 0x3C, High);
        }
        else
        {
            for (var offset = 0x10; offset < 0x28; offset += 4) await SaveAsync(function, offset);
            await SaveAsync(function, 0x30);
        }
        if (function.FindCapability(CapabilityId.PciExpress) is { } express)
            foreach (var offset in new[] { 0x08, 0x10, 0x18, 0x1C, 0x28 }) await SaveAsync(function, express + offset, Low);
        if (function.FindCapability(CapabilityId.Msi) is { } msi)
        {
            for (var offset = 4; offset < 0x14; offset += 4) await SaveAsync(function, msi + offset);
            await SaveAsync(function, msi, High);
        }
        if (function.FindCapability(CapabilityId.MsiX) is { } msiX) await SaveAsync(function, msiX, High);
        if (function.FindExtendedCapability(ExtendedCapabilityId.AccessControlServices) is { } acs)
        {
            await SaveAsync(function, acs + 8);
            await SaveAsync(function, acs + 4, High);
        }
        if (function.FindExtendedCapability(ExtendedCapabilityId.AddressTranslationServices) is { } ats) await SaveAsync(function, ats + 4, High);
        if (function.FindExtendedCapability(ExtendedCapabilityId.AdvancedErrorReporting) is { } aer)
            foreach (var offset in new[] { 0x08, 0x0C, 0x14 }) await SaveAsync(function, aer + offset);
        if (function.FindExtendedCapability(ExtendedCapabilityId.SingleRootIoVirtualization) is { } virtualFunctions)
        {
            // Their number, page size and BARs are fixed while they are enabled.
            _registers.Add((function.Bdf, virtualFunctions + 8, 0, Low));
            await SaveAsync(function, virtualFunctions + 0x10, Low);
            for (var offset = 0x20; offset < 0x3C; offset += 4) await SaveAsync(function, virtualFunctions + offset);
            await SaveAsync(function, virtualFunctions + 8, Low);
        }
        await SaveAsync(function, 4, Low);
    }

    private async Task SaveAsync(EnumeratedFunction function, int offset, byte enables = All) =>
        _registers.Add((function.Bdf, offset, await _access.ReadAsync(function.Bdf, offset), enables));
}
