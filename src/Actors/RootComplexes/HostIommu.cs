using PcieFabric.AddressTranslation;
using PcieFabric.Engine;
using PcieFabric.Iommus;

namespace PcieFabric.RootComplexes;

/// <summary>
/// A host's IOMMU as its software sees it. Until software attaches a requester to a domain and maps something there, the requester reaches no memory at all; interrupts
/// pass as the IOMMU's policy says. Commands take effect in the order in which they are given, also when they are not awaited.
/// </summary>
/// <example><code>
/// var domain = host.Iommu!.CreateDomain();
/// await host.Iommu.AttachAsync(domain, device);
/// await host.Iommu.MapAsync(domain, 0x10000, buffer, 0x4000, PagePermissions.ReadWrite);
/// </code></example>
public sealed class HostIommu
{
    private readonly IActorContext _context;
    private readonly HostInterrupts _interrupts;
    private readonly ActorSynchronizationContext _software;
    private readonly List<IommuRequest> _requests = [];
    private readonly Stack<IommuRequest> _idle = new();
    private ActorRef? _toIommu;
    private InterruptVector? _faultInterrupt;
    private int _domains;

    internal HostIommu(IActorContext context, HostInterrupts interrupts, ActorSynchronizationContext software) =>
        (_context, _interrupts, _software) = (context, interrupts, software);

    /// <summary>Raised when there is a first fault to take. From the first use on.</summary>
    public InterruptVector FaultInterrupt
    {
        get
        {
            if (_faultInterrupt is not null) return _faultInterrupt;
            _faultInterrupt = _interrupts.Allocate(1)[0];
            Post(new IommuCommand { Operation = IommuOperation.UseInterrupt, Base = _faultInterrupt.MessageAddress, Size = _faultInterrupt.MessageData });
            return _faultInterrupt;
        }
    }

    /// <param name="passThrough">Addresses are not translated, and all memory may be reached.</param>
    public IommuDomain CreateDomain(bool passThrough = false)
    {
        if (_domains == Limits.MaxIommuDomains) throw new InvalidOperationException($"an IOMMU has {Limits.MaxIommuDomains} domains");
        var domain = new IommuDomain(_domains++, passThrough);
        Post(new IommuCommand { Operation = IommuOperation.CreateDomain, Domain = domain.Id, PassThrough = passThrough });
        return domain;
    }

    /// <summary>From now on the requester's requests, those with the PASID or those without one, are translated by the domain.</summary>
    /// <param name="atsDepth">The function may use ATS and takes this many Invalidate Requests at a time, 1 to 32; zero if it may not.</param>
    /// <param name="hierarchy">Among the host's, by place.</param>
    /// <exception cref="InvalidOperationException">It is attached already.</exception>
    public async ValueTask AttachAsync(IommuDomain domain, Bdf requester, uint? pasid = null, int atsDepth = 0, int hierarchy = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)atsDepth, (uint)InvalidateRequest.Tags, nameof(atsDepth));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pasid ?? 0, 0xFFFFFu, nameof(pasid));
        var report = await SendAsync(new IommuCommand
        {
            Operation = IommuOperation.Attach,
            Domain = domain.Id,
            Device = new DeviceId(requester, (ushort)hierarchy),
            Pasid = pasid ?? DeviceId.NoPasid,
            InvalidateDepth = (byte)atsDepth,
        });
        ThrowUnlessDone(report, $"{requester} is attached already");
    }

    /// <summary>From now on such requests are faults. Done when those that came before are over and the function has forgotten its translations.</summary>
    /// <exception cref="InvalidOperationException">It is not attached.</exception>
    public async ValueTask DetachAsync(Bdf requester, uint? pasid = null, int hierarchy = 0)
    {
        var report = await SendAsync(new IommuCommand { Operation = IommuOperation.Detach, Device = new DeviceId(requester, (ushort)hierarchy), Pasid = pasid ?? DeviceId.NoPasid });
        ThrowUnlessDone(report, $"{requester} is not attached");
    }

    /// <summary>Maps a range, with the largest pages that its alignment and the IOMMU allow.</summary>
    /// <param name="iova">I/O address, a multiple of 4 KiB, with 48 bits at most.</param>
    /// <param name="address">Of memory, or of a device's BAR; a multiple of 4 KiB.</param>
    /// <param name="sizeBytes">A multiple of 4 KiB.</param>
    /// <exception cref="InvalidOperationException">Part of it is mapped already, or is the interrupt window, or tables are full; nothing has changed.</exception>
    public async ValueTask MapAsync(IommuDomain domain, ulong iova, ulong address, ulong sizeBytes, PagePermissions permissions)
    {
        if (((iova | address | sizeBytes) & (PageTable.SmallestPageBytes - 1)) != 0 || sizeBytes == 0 || address > ulong.MaxValue - sizeBytes) throw new ArgumentException($"0x{sizeBytes:x} bytes from 0x{iova:x} to 0x{address:x} are not whole pages of 4 KiB");
        if (permissions is PagePermissions.None or > PagePermissions.ReadWrite) throw new ArgumentException("a mapping permits something", nameof(permissions));
        var report = await SendAsync(new IommuCommand { Operation = IommuOperation.Map, Domain = domain.Id, Base = iova, Size = sizeBytes, Address = address, Permissions = permissions });
        ThrowUnlessDone(report, $"0x{sizeBytes:x} bytes at 0x{iova:x} to 0x{address:x}");
    }

    /// <summary>
    /// Unmaps what is mapped of a range. Done when nothing uses it any more: translations are forgotten, by the IO-TLB and by functions with ATS; writes that came before
    /// have reached memory, and reads have got their data.
    /// </summary>
    /// <returns>Bytes that were mapped.</returns>
    /// <exception cref="TimeoutException">A function did not answer that it has forgotten.</exception>
    public async ValueTask<ulong> UnmapAsync(IommuDomain domain, ulong iova, ulong sizeBytes)
    {
        var report = await SendAsync(new IommuCommand { Operation = IommuOperation.Unmap, Domain = domain.Id, Base = iova, Size = sizeBytes });
        ThrowUnlessDone(report, $"0x{sizeBytes:x} bytes at 0x{iova:x}");
        return report.Bytes;
    }

    /// <summary>As <see cref="UnmapAsync"/>, but what is mapped stays mapped.</summary>
    public async ValueTask InvalidateAsync(IommuDomain domain, ulong iova, ulong sizeBytes) =>
        ThrowUnlessDone(await SendAsync(new IommuCommand { Operation = IommuOperation.Invalidate, Domain = domain.Id, Base = iova, Size = Math.Max(1, sizeBytes) }), $"0x{iova:x}");

    /// <summary>The oldest fault that was not taken; null if there is none.</summary>
    public async ValueTask<IommuFault?> TakeFaultAsync()
    {
        var report = await SendAsync(new IommuCommand { Operation = IommuOperation.TakeFault });
        return report.Status == IommuStatus.Done ? report.Fault : null;
    }

    /// <summary>The oldest fault that was not taken; waits for one if there is none.</summary>
    public async ValueTask<IommuFault> NextFaultAsync()
    {
        var interrupt = FaultInterrupt;
        while (true)
        {
            if (await TakeFaultAsync() is { } fault) return fault;
            await interrupt.WaitAsync();
        }
    }

    internal void Connect(ActorRef toIommu) => _toIommu = toIommu;

    internal void Reported(in IommuReport report)
    {
        var request = _requests[(int)report.Sequence];
        request.Report = report;
        _software.Happened(request);
    }

    private static void ThrowUnlessDone(in IommuReport report, string what)
    {
        if (report.Status == IommuStatus.InvalidateTimeout) throw new TimeoutException($"a function did not answer an Invalidate Request: {what}");
        if (report.Status != IommuStatus.Done) throw new InvalidOperationException($"the IOMMU refused, {report.Status}: {what}");
    }

    /// <summary>Sends what cannot fail.</summary>
    private void Post(in IommuCommand command) => Begin(in command).IsAwaited = false;

    private ValueTask<IommuReport> SendAsync(in IommuCommand command) => Begin(in command).Task;

    private IommuRequest Begin(in IommuCommand command)
    {
        _software.Begin();
        if (!_idle.TryPop(out var request)) _requests.Add(request = new IommuRequest(_requests.Count, _idle));
        request.Begin();
        var message = Message.Of(MessageKind.IommuCommand, command with { Sequence = (ulong)request.Slot });
        _toIommu!.Tell(in message, _context.NowPs + 1);
        return request;
    }
}
