using PcieFabric.ConfigSpaces.Capabilities;

namespace PcieFabric.Endpoints;

/// <summary>
/// The virtual functions of one physical function (PCIe 6.0 chapter 9). Which there are its SR-IOV capability says; which of them an address or a Routing ID
/// means is arithmetic.
/// </summary>
internal sealed class VirtualFunctions(Function physical, SrIovCapability capability, VirtualFunctionSettings settings)
{
    private Function[] _made = [];

    public SrIovCapability Capability => capability;

    /// <summary>How many exist at the moment.</summary>
    public int Enabled { get; private set; }

    /// <summary>How many the registers ask for.</summary>
    public int Wanted => capability.EnabledVfs(physical.Space);

    /// <param name="vf">From zero, below <see cref="Enabled"/>.</param>
    public Function this[int vf] => _made[vf];

    public IReadOnlyList<Function> All => new ArraySegment<Function>(_made, 0, Enabled);

    /// <summary>From zero.</summary>
    public int IndexOf(Function function) => (function.Number - physical.Number - capability.Options.FirstVfOffset) / capability.Options.VfStride;

    /// <param name="number">Routing ID less that of function 0 of the device's bus.</param>
    /// <returns>Null where none of these has it.</returns>
    public Function? At(int number)
    {
        var distance = number - physical.Number - capability.Options.FirstVfOffset;
        if (distance < 0) return null;
        var (vf, rest) = Math.DivRem(distance, capability.Options.VfStride);
        return rest == 0 && vf < Enabled ? _made[vf] : null;
    }

    /// <summary>From now on there are so many. Those that are new are as after a reset, and those that were there before are let be.</summary>
    public void Enable(int count)
    {
        if (count > _made.Length)
        {
            var before = _made.Length;
            Array.Resize(ref _made, count);
            for (var vf = before; vf < count; vf++) _made[vf] = Make(vf);
        }
        Enabled = count;
    }

    private Function Make(int vf)
    {
        var number = physical.Number + capability.Options.FirstVfOffset + vf * capability.Options.VfStride;
        return new Function(settings.Make(vf), number, settings.FirstModel + vf, physical);
    }
}
