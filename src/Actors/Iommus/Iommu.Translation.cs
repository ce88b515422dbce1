using System.Buffers.Binary;
using PcieFabric.AddressTranslation;
using PcieFabric.Engine;
using PcieFabric.InterruptControllers;

namespace PcieFabric.Iommus;

public sealed partial class Iommu
{
    private static readonly AddressRange InterruptWindow = HostInterruptController.Window;

    /// <summary>What a pass-through domain tells a function at a time; as large as pages get.</summary>
    private const int PassThroughShift = 30;

    private IommuVerdict Translate(ref Port port, ref Tlp request, ref long readyPs)
    {
        var address = request.Address;
        if (InterruptWindow.Contains(address))
        {
            if (!request.IsMemoryWrite || request.HasPasid || _settings.Interrupts == InterruptPolicy.Block) return Fault(ref port, in request, IommuFaultKind.InterruptForbidden);
            Counters.Bypassed++;
            return IommuVerdict.Pass;
        }
        if (_settings.PeerToPeer == PeerTranslationPolicy.Bypass && (port.Memory.Contains(address) || port.Prefetchable.Contains(address)))
        {
            Counters.Bypassed++;
            return IommuVerdict.Pass;
        }
        if (AttachmentOf(ref port, in request) is not { Domain: var domain }) return Fault(ref port, in request, IommuFaultKind.NotAttached);
        if (domain.Table is null)
        {
            Counters.Bypassed++;
            return IommuVerdict.Pass;
        }
        if (!TryTranslate(domain, domain.Table, address, out var translation, ref readyPs)) return Fault(ref port, in request, IommuFaultKind.NotMapped);
        var needed = request.IsMemoryRead ? PagePermissions.Read : request.IsAtomic ? PagePermissions.ReadWrite : PagePermissions.Write;
        if (!translation.Allows(needed))
        {
            var lacksRead = (needed & ~translation.Permissions & PagePermissions.Read) != 0;
            return Fault(ref port, in request, lacksRead ? IommuFaultKind.ReadForbidden : IommuFaultKind.WriteForbidden);
        }
        request = request.WithAddress(translation.Of(address));
        return IommuVerdict.Pass;
    }

    /// <param name="readyPs">When the IOMMU would have it at once; becomes when it has it.</param>
    private bool TryTranslate(Domain domain, PageTable table, ulong address, out Translation translation, ref long readyPs)
    {
        if (_cache.TryFind(domain.Space, address, out translation, out var walkedAtPs))
        {
            Counters.Hits++;
            if (walkedAtPs <= readyPs) return true;
            Counters.HitsUnderWalk++;
            readyPs = walkedAtPs;
            return true;
        }
        var isMapped = table.TryFind(address, out translation, out var levels);
        Counters.Misses++;
        Counters.LevelsWalked += levels;
        var beginPs = _walkers.Begin(readyPs, levels * _walkPs);
        Counters.WalkerWait += new SimTime(beginPs - readyPs);
        readyPs = beginPs + levels * _walkPs;
        if (isMapped) _cache.Insert(domain.Space, address, in translation, readyPs);
        return isMapped;
    }

    /// <summary>PCIe 6.0 section 10.2.3: what is not mapped is no error, but a translation without permissions. One translation at a time, however many are asked for.</summary>
    private IommuVerdict AnswerTranslationRequest(ref Port port, ref readonly Tlp request, ref long readyPs)
    {
        if (!request.IsMemoryRead || request.LengthDw < 2 || AttachmentOf(ref port, in request) is not { AllowsAts: true, Domain: var domain })
            return Fault(ref port, in request, IommuFaultKind.TranslationRequestForbidden);
        Counters.TranslationRequests++;
        var entry = TranslationEntry.NoAccess;
        var translation = new Translation(request.Address >> PassThroughShift << PassThroughShift, PassThroughShift, PagePermissions.ReadWrite);
        var isMapped = !InterruptWindow.Contains(request.Address) && (domain.Table is not { } table || TryTranslate(domain, table, request.Address, out translation, ref readyPs));
        if (isMapped)
        {
            var permissions = request.NoWrite ? translation.Permissions & ~PagePermissions.Write : translation.Permissions;
            entry = new TranslationEntry(new AddressRange(translation.PageAddress, translation.PageBytes), permissions);
        }
        SendDown(ref port, Tlp.TranslationCompletion(in request, default, entry.Code), readyPs);
        return IommuVerdict.Answered;
    }

    /// <summary>A function that may use ATS is trusted with memory, as on real hosts, but not with interrupts.</summary>
    private IommuVerdict AcceptTranslated(ref Port port, ref readonly Tlp request)
    {
        if (DeviceOf(ref port, in request) is not { AllowsAts: true }) return Fault(ref port, in request, IommuFaultKind.TranslatedForbidden);
        if (InterruptWindow.Contains(request.Address)) return Fault(ref port, in request, IommuFaultKind.InterruptForbidden);
        Counters.Translated++;
        return IommuVerdict.Pass;
    }

    private Attachment? AttachmentOf(ref Port port, ref readonly Tlp request) =>
        DeviceOf(ref port, in request)?.Find(request.HasPasid ? request.Pasid : DeviceId.NoPasid);

    private Device? DeviceOf(ref Port port, ref readonly Tlp request)
    {
        var id = new DeviceId(request.Requester, port.Hierarchy);
        if (_lastDevice is { } last && last.Id == id) return last;
        return _devices.TryGetValue(id, out var device) ? _lastDevice = device : null;
    }

    private IommuVerdict Fault(ref Port port, ref readonly Tlp request, IommuFaultKind kind)
    {
        Record(new IommuFault(
            request.Address,
            new SimTime(Context.NowPs),
            new DeviceId(request.Requester, port.Hierarchy),
            request.HasPasid ? request.Pasid : DeviceId.NoPasid,
            kind,
            isWrite: !request.IsMemoryRead));
        return IommuVerdict.Refuse;
    }

    private void Record(in IommuFault fault)
    {
        Counters.Count(fault.Kind);
        if (!_faults.TryAdd(in fault)) Counters.FaultsLost++;
        else if (_faults.Count == 1) Interrupt();
    }

    /// <summary>Software is told when there is a first fault to take; it then takes all.</summary>
    private void Interrupt()
    {
        if (_interruptAddress == 0) return;
        Span<byte> data = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(data, _interruptData);
        var message = Message.Of(Tlp.MemoryWrite(default, _interruptAddress, data, Context.Payloads));
        _interrupts!.Tell(in message, Context.NowPs + _commandPs);
    }
}
