using PcieFabric.ConfigSpaces.Capabilities;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>Enables the virtual functions of a function, and finds what they have (PCIe 6.0 section 9.2).</summary>
internal sealed class VirtualFunctionSetup(IConfigurationAccess access, EnumeratorOptions options)
{
    /// <summary>VF Enable and VF MSE, in SR-IOV Control.</summary>
    public const uint Enables = 1u << 0 | 1u << 3;

    public async ValueTask<IReadOnlyList<EnumeratedFunction>> EnableAsync(EnumeratedFunction physical, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, physical.TotalVfs);
        var (bdf, capability) = (physical.Bdf, CapabilityOf(physical));
        await access.WriteAsync(bdf, capability + ConfigurationRegister.NumVfs, (uint)count, ConfigurationRegister.LowWord);
        // Both may depend on the number of VFs.
        var places = await access.ReadAsync(bdf, capability + ConfigurationRegister.VfOffsetAndStride);
        var deviceId = (ushort)(await access.ReadAsync(bdf, capability + ConfigurationRegister.VfDeviceId) >> 16);
        var control = await access.ReadAsync(bdf, capability + ConfigurationRegister.SrIovControl);
        await access.WriteAsync(bdf, capability + ConfigurationRegister.SrIovControl, control | Enables, ConfigurationRegister.LowWord);

        var probe = new FunctionProbe(access);
        var enabled = new EnumeratedFunction[count];
        for (var vf = 0; vf < count; vf++)
        {
            var id = new Bdf((ushort)(bdf.Value + (ushort)places + vf * (int)(places >> 16)));
            var found = await probe.ReadVirtualAsync(id, physical, deviceId, vf);
            if (options.EnableBusMaster) await access.WriteAsync(id, ConfigurationRegister.CommandAndStatus, CommandBits.BusMasterEnable, ConfigurationRegister.LowWord);
            enabled[vf] = new EnumeratedFunction(found);
        }
        return physical.VirtualFunctions = enabled;
    }

    public async ValueTask DisableAsync(EnumeratedFunction physical)
    {
        var capability = CapabilityOf(physical);
        var control = await access.ReadAsync(physical.Bdf, capability + ConfigurationRegister.SrIovControl);
        await access.WriteAsync(physical.Bdf, capability + ConfigurationRegister.SrIovControl, control & ~Enables, ConfigurationRegister.LowWord);
        await access.WriteAsync(physical.Bdf, capability + ConfigurationRegister.NumVfs, 0, ConfigurationRegister.LowWord);
        physical.VirtualFunctions = [];
    }

    private static int CapabilityOf(EnumeratedFunction physical) => physical.FindExtendedCapability(ExtendedCapabilityId.SingleRootIoVirtualization)
        ?? throw new ArgumentException($"{physical} has no SR-IOV capability", nameof(physical));
}
