using System.Numerics;
using PcieFabric.Addressing;
using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Single Root I/O Virtualization, in a physical function (PCIe 6.0 section 9.3.3).</summary>
public sealed class SrIovCapability : ExtendedCapability
{
    private const int MaxVfs = 65535;
    private const ulong SmallestVfBar = 4096;

    // 4 KiB, 8 KiB, 64 KiB, 256 KiB, 1 MiB and 4 MiB: what every physical function must support (section 9.3.3.12).
    private const uint PageSizes = 0x553;

    private readonly BaseAddressRegister[] _bars;
    private readonly RegisterField _systemPageSize;

    /// <exception cref="InputException">An option says what no function can be.</exception>
    public SrIovCapability(SrIovOptions options)
        : base("Single Root I/O Virtualization", ExtendedCapabilityId.SingleRootIoVirtualization, 1)
    {
        if (options.TotalVfs is < 1 or > MaxVfs) throw new InputException($"a function cannot have {options.TotalVfs} VFs", $"1 to {MaxVfs}");
        if (options.FirstVfOffset is < 1 or > MaxVfs || options.VfStride is < 1 or > MaxVfs) throw new InputException($"VF offset {options.FirstVfOffset} and stride {options.VfStride} do not name other functions", $"both 1 to {MaxVfs}");
        Options = options;
        Dword(0x04, "SR-IOV Capabilities").Flag(1, "ARI Capable Hierarchy Preserved", Access.ReadOnly, true);
        var control = Word(0x08, "SR-IOV Control", Concerns.SrIov | Concerns.Bar);
        VfEnable = control.Flag(0, "VF Enable", Access.ReadWrite);
        VfMemorySpaceEnable = control.Flag(3, "VF MSE", Access.ReadWrite);
        AriCapableHierarchy = control.Flag(4, "ARI Capable Hierarchy", Access.ReadWrite, survives: ResetKind.FunctionLevel);
        Word(0x0A, "SR-IOV Status").Whole(Access.ReadOnly);
        Word(0x0C, "InitialVFs").Whole(Access.ReadOnly, (uint)options.TotalVfs);
        Word(0x0E, "TotalVFs").Whole(Access.ReadOnly, (uint)options.TotalVfs);
        var numVfs = Word(0x10, "NumVFs", Concerns.SrIov);
        NumVfs = numVfs.Whole(Access.ReadWrite);
        numVfs.AfterWrite(KeepWhileEnabled);
        FunctionDependencyLink = Byte(0x12, "Function Dependency Link").Whole(Access.HardwareInitialized);
        Word(0x14, "First VF Offset").Whole(Access.ReadOnly, (uint)options.FirstVfOffset);
        Word(0x16, "VF Stride").Whole(Access.ReadOnly, (uint)options.VfStride);
        Word(0x1A, "VF Device ID").Whole(Access.ReadOnly, options.VfDeviceId);
        Dword(0x1C, "Supported Page Sizes").Whole(Access.ReadOnly, PageSizes);
        var systemPageSize = Dword(0x20, "System Page Size", Concerns.SrIov | Concerns.Bar);
        _systemPageSize = systemPageSize.Whole(Access.ReadWrite, 1);
        systemPageSize.AfterWrite(AcceptPageSize);
        _bars = [.. BarDefinition.Arrange(options.VfBars, 6).Select(Declare)];
        Dword(0x3C, "VF Migration State Array Offset").Whole(Access.ReadOnly);
    }

    public SrIovOptions Options { get; }
    public Flag VfEnable { get; }
    public Flag VfMemorySpaceEnable { get; }
    public Flag AriCapableHierarchy { get; }
    public RegisterField NumVfs { get; }

    /// <summary>The physical function's own number where it depends on no other.</summary>
    public RegisterField FunctionDependencyLink { get; }

    /// <summary>VFs that exist at the moment.</summary>
    public int EnabledVfs(ConfigSpace space) => space[VfEnable] ? (int)Math.Min(space[NumVfs], (uint)Options.TotalVfs) : 0;

    /// <summary>VFs are functions of the physical function's bus or of those after it (section 9.2.1.2).</summary>
    /// <param name="vf">From zero.</param>
    public Bdf VfId(Bdf physical, int vf) => new((ushort)(physical.Value + Options.FirstVfOffset + vf * Options.VfStride));

    /// <summary>In the order of their indices; each says where the first VF's is.</summary>
    public IReadOnlyList<BaseAddressRegister> VfBars => _bars;

    /// <summary>What all VFs together decode by one of <see cref="VfBars"/> at the moment, one after the other; empty if there are none, or VF MSE is clear.</summary>
    public AddressRange VfRange(ConfigSpace space, BaseAddressRegister bar)
    {
        if (!space[VfMemorySpaceEnable]) return AddressRange.Empty;
        var first = bar.Range(space);
        return first with { Size = first.Size * (ulong)EnabledVfs(space) };
    }

    /// <summary>What a VF decodes by a BAR at the moment; empty if it does not exist, has no such BAR, or VF MSE is clear.</summary>
    public AddressRange VfRange(ConfigSpace space, int vf, int bar)
    {
        if (vf >= EnabledVfs(space) || !space[VfMemorySpaceEnable]) return AddressRange.Empty;
        foreach (var register in _bars)
        {
            if (register.Definition.Index != bar) continue;
            var first = register.Range(space);
            return first with { Base = first.Base + (ulong)vf * first.Size };
        }
        return AddressRange.Empty;
    }

    private BaseAddressRegister Declare(BarDefinition bar)
    {
        if (bar.Kind == BarKind.Io || bar.Size < SmallestVfBar || bar.ResizableSizes != 0) throw new InputException($"VF BAR {bar.Index}: no VF can have it", "a memory BAR of one size, at least 4 KiB");
        var register = new BaseAddressRegister(this, 0x24 + 4 * bar.Index, $"VF BAR {bar.Index}", bar);
        // No two VFs share a page of the system, so a small BAR grows to it (section 9.3.3.13).
        register.SizeBy(space => Math.Max(bar.Size, (ulong)space[_systemPageSize] << 12));
        return register;
    }

    private Concerns KeepWhileEnabled(ConfigSpace space, uint before)
    {
        if (space[VfEnable] || space[NumVfs] > (uint)Options.TotalVfs) space[NumVfs] = NumVfs.In(before);
        return Concerns.None;
    }

    private Concerns AcceptPageSize(ConfigSpace space, uint before)
    {
        var chosen = space[_systemPageSize];
        if (!BitOperations.IsPow2(chosen) || (chosen & PageSizes) == 0 || space[VfEnable]) space[_systemPageSize] = before;
        foreach (var bar in _bars) bar.Trim(space, before);
        return Concerns.None;
    }
}
