using System.Buffers.Binary;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Input;

namespace PcieFabric.Topologies.Building;

/// <summary>The configuration space layouts of a topology's functions: one for each kind of function on each kind of link, shared by all of its uses.</summary>
internal sealed class FunctionLayouts
{
    private readonly Dictionary<(FunctionDefinition Function, LinkDefinition Link, bool Ari), EndpointFunctionLayout> _known = new(new ByReference());

    public EndpointFunctionLayout Of(FunctionDefinition function, LinkDefinition link, bool ari)
    {
        if (_known.TryGetValue((function, link, ari), out var layout)) return layout;
        try
        {
            layout = Make(function, link, ari);
        }
        catch (InputException e) when (e.Location is null)
        {
            throw new InputException($"function {function.Name}: {e.Message}", e.Hint, function.Source, e);
        }
        _known.Add((function, link, ari), layout);
        return layout;
    }

    private static EndpointFunctionLayout Make(FunctionDefinition function, LinkDefinition link, bool ari)
    {
        var subsystem = function.Subsystem ?? new SubsystemDefinition(function.VendorId, function.DeviceId);
        return new EndpointFunctionLayout(
            new FunctionIdentity(function.VendorId, function.DeviceId, (uint)function.ClassCode, function.RevisionId, subsystem.VendorId, subsystem.DeviceId),
            function.Bars.Select(bar => Bar(bar, function.Capabilities.ResizableBars)),
            Capabilities(function, ari),
            Express(function, link),
            expansionRomSize: (ulong)function.RomBytes);
    }

    public static PciExpressOptions Express(LinkDefinition link) => new()
    {
        MaxLinkSpeed = link.Generation,
        MaxLinkWidth = link.Width,
        MaxPayloadSizeSupported = link.MaxPayloadBytes,
    };

    private static PciExpressOptions Express(FunctionDefinition function, LinkDefinition link) => Express(link) with
    {
        TenBitTagRequester = true,
        LatencyToleranceReporting = function.Capabilities.Ltr,
        EndEndTlpPrefixes = function.Capabilities.Pasid is not null,
        Atomics = AtomicSupport.Completer32 | AtomicSupport.Completer64 | AtomicSupport.Completer128,
    };

    private static ConfigSpaces.BarDefinition Bar(BarDefinition bar, IReadOnlyList<ResizableBarDefinition> resizable)
    {
        if (resizable.FirstOrDefault(r => r.Bar == bar.Index) is { } sizes)
            return ConfigSpaces.BarDefinition.Resizable(bar.Index, bar.SizeBytes, [.. sizes.SizesBytes]);
        var kind = bar.Type switch
        {
            BarType.Io => BarKind.Io,
            BarType.Memory32 => BarKind.Memory32,
            _ => BarKind.Memory64,
        };
        return new ConfigSpaces.BarDefinition(bar.Index, bar.SizeBytes, kind, bar.Prefetchable);
    }

    private static IEnumerable<Capability> Capabilities(FunctionDefinition function, bool ari)
    {
        var given = function.Capabilities;
        if (given.PowerManagement is { } power) yield return new PowerManagementCapability(power.NoSoftReset);
        if (given.Msi is { } msi) yield return new MsiCapability(msi.Vectors, perVectorMasking: msi.Masking);
        if (given.Msix is { } msix) yield return new MsiXCapability(msix.Vectors, msix.Bar, msix.TableOffset, msix.PbaOffset);
        for (var i = 0; i < given.VendorSpecific.Count; i++) yield return VendorSpecific(given.VendorSpecific[i].Data);
        if (given.Aer is { } aer) yield return new AerCapability(ecrcCapable: aer.Ecrc);
        if (given.Acs != 0) yield return new AcsCapability((ConfigSpaces.Capabilities.AcsControls)given.Acs);
        if (ari) yield return new AriCapability();
        if (given.SerialNumber is not null) yield return new DeviceSerialNumberCapability();
        if (given.SrIov is { } srIov)
        {
            yield return new SrIovCapability(new SrIovOptions
            {
                TotalVfs = srIov.TotalVfs,
                VfDeviceId = srIov.VfDeviceId,
                FirstVfOffset = srIov.FirstVfOffset,
                VfStride = srIov.VfStride,
                VfBars = [.. srIov.VfBars.Select(b => Bar(b, []))],
            });
        }
        if (given.Ats is { } ats) yield return new AtsCapability(ats.InvalidateQueueDepth);
        if (given.Pasid is { } pasid) yield return new PasidCapability(pasid.Width, pasid.Execute, pasid.Privileged);
        if (given.Ltr) yield return new LtrCapability();
        foreach (var dvsec in given.Dvsecs) yield return new DvsecCapability(dvsec.VendorId, dvsec.Id, dvsec.Revision, Dwords(dvsec.Data));
    }

    /// <summary>The first byte is the tag that <see cref="VendorSpecificCapability"/> shows apart, where there is one.</summary>
    private static VendorSpecificCapability VendorSpecific(IReadOnlyList<byte> data) =>
        data.Count == 0 ? new VendorSpecificCapability(0, []) : new VendorSpecificCapability(data[0], Dwords([.. data.Skip(1)]));

    private static uint[] Dwords(IReadOnlyList<byte> data)
    {
        var padded = new byte[(data.Count + 3) & ~3];
        for (var i = 0; i < data.Count; i++) padded[i] = data[i];
        return [.. Enumerable.Range(0, padded.Length / 4).Select(i => BinaryPrimitives.ReadUInt32LittleEndian(padded.AsSpan(i * 4)))];
    }

    /// <summary>Definitions are shared objects: identity is enough, and quicker than comparing all that they hold.</summary>
    private sealed class ByReference : IEqualityComparer<(FunctionDefinition Function, LinkDefinition Link, bool Ari)>
    {
        public bool Equals((FunctionDefinition Function, LinkDefinition Link, bool Ari) x, (FunctionDefinition Function, LinkDefinition Link, bool Ari) y) =>
            ReferenceEquals(x.Function, y.Function) && x.Ari == y.Ari && (ReferenceEquals(x.Link, y.Link) || x.Link == y.Link);

        public int GetHashCode((FunctionDefinition Function, LinkDefinition Link, bool Ari) key) =>
            System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(key.Function);
    }
}
