using PcieFabric.AddressTranslation;
using PcieFabric.Engine;

namespace PcieFabric.Iommus;

public sealed partial class Iommu
{
    private void Execute(IommuCommand command)
    {
        switch (command.Operation)
        {
            case IommuOperation.CreateDomain:
                Report((uint)command.Sequence, CreateDomain(in command));
                break;
            case IommuOperation.Attach:
                Report((uint)command.Sequence, Attach(in command));
                break;
            case IommuOperation.Detach:
                Detach(in command);
                break;
            case IommuOperation.Map:
                Report((uint)command.Sequence, Map(in command));
                break;
            case IommuOperation.Unmap:
                Unmap(in command);
                break;
            case IommuOperation.Invalidate:
                Invalidate(_domains[command.Domain], (uint)command.Sequence, bytes: 0, command.Range);
                break;
            case IommuOperation.TakeFault:
                var taken = _faults.TryTake(out var fault);
                Tell(new IommuReport(0, fault, (uint)command.Sequence, taken ? IommuStatus.Done : IommuStatus.NoFault), Context.NowPs + _commandPs);
                break;
            case IommuOperation.UseInterrupt:
                (_interruptAddress, _interruptData) = (command.Base, (uint)command.Size);
                if (_faults.Count > 0) Interrupt();
                Report((uint)command.Sequence, IommuStatus.Done);
                break;
            default:
                throw new InvalidOperationException($"Invariant: {Context.Path} was told to {command.Operation}");
        }
    }

    private IommuStatus CreateDomain(in IommuCommand command)
    {
        if (command.Domain != _domains.Count) throw new InvalidOperationException($"Invariant: domain {command.Domain} of {Context.Path} was made out of turn");
        var table = command.PassThrough ? null : new PageTable(System.Numerics.BitOperations.Log2(_settings.LargestPageBytes));
        _domains.Add(new Domain(command.Domain, table));
        return IommuStatus.Done;
    }

    private IommuStatus Attach(in IommuCommand command)
    {
        if (!_devices.TryGetValue(command.Device, out var device)) _devices.Add(command.Device, device = new Device(command.Device));
        if (device.Find(command.Pasid) is not null) return IommuStatus.WrongAttachment;
        var domain = _domains[command.Domain];
        var attachment = new Attachment(domain, device, command.Pasid, AllowsAts: command.InvalidateDepth != 0);
        if (attachment.AllowsAts) device.InvalidateDepth = command.InvalidateDepth;
        device.Add(attachment);
        domain.Attachments.Add(attachment);
        return IommuStatus.Done;
    }

    private void Detach(in IommuCommand command)
    {
        if (!_devices.TryGetValue(command.Device, out var device) || device.Find(command.Pasid) is not { } attachment)
        {
            Report((uint)command.Sequence, IommuStatus.WrongAttachment);
            return;
        }
        device.Remove(attachment);
        attachment.Domain.Attachments.Remove(attachment);
        var invalidation = new Invalidation((uint)command.Sequence, bytes: 0, TranslationRange.Everything);
        Ask(attachment, invalidation);
        EndIfAnswered(invalidation);
    }

    private IommuStatus Map(in IommuCommand command)
    {
        if (_domains[command.Domain].Table is not { } table || !PageTable.IsMappable(command.Range) || IsReserved(command.Range)) return IommuStatus.NotMappable;
        // Otherwise a function could make interrupts of its own by writing to a page.
        if (new AddressRange(command.Address, command.Size).Overlaps(InterruptWindow)) return IommuStatus.NotMappable;
        return table.Map(command.Range, command.Address, command.Permissions) switch
        {
            PageTableResult.Done => IommuStatus.Done,
            PageTableResult.AlreadyMapped => IommuStatus.AlreadyMapped,
            _ => IommuStatus.Full,
        };
    }

    /// <summary>I/O addresses that never reach the tables.</summary>
    private bool IsReserved(AddressRange range)
    {
        if (range.Overlaps(InterruptWindow)) return true;
        if (_settings.PeerToPeer != PeerTranslationPolicy.Bypass) return false;
        foreach (ref readonly var port in _ports.AsSpan())
            if (range.Overlaps(port.Memory) || range.Overlaps(port.Prefetchable))
                return true;
        return false;
    }

    private void Unmap(in IommuCommand command)
    {
        var domain = _domains[command.Domain];
        if (domain.Table is not { } table || !PageTable.IsMappable(command.Range))
        {
            Report((uint)command.Sequence, IommuStatus.NotMappable);
            return;
        }
        Invalidate(domain, (uint)command.Sequence, table.Unmap(command.Range), command.Range);
    }

    private void Invalidate(Domain domain, uint sequence, ulong bytes, AddressRange range)
    {
        _cache.Invalidate(domain.Space, range);
        var invalidation = new Invalidation(sequence, bytes, TranslationRange.Enclosing(range));
        foreach (var attachment in domain.Attachments) Ask(attachment, invalidation);
        EndIfAnswered(invalidation);
    }

    private void Ask(Attachment attachment, Invalidation invalidation)
    {
        if (!attachment.AllowsAts) return;
        invalidation.Unanswered++;
        attachment.Device.Enqueue(invalidation, attachment.Pasid);
        SendInvalidations(attachment.Device);
    }

    private void SendInvalidations(Device device)
    {
        var port = Array.FindIndex(_ports, p => p.Hierarchy == device.Id.Hierarchy);
        while (device.TryNext(Context.NowPs + _settings.InvalidateTimeout.Picoseconds, out var request))
        {
            Counters.InvalidateRequests++;
            SendDown(ref _ports[port], request.ToTlp(default, device.Id.Requester, Context.Payloads), Context.NowPs + 1);
            SetTimer(_settings.InvalidateTimeout.Picoseconds);
        }
    }

    private void Invalidated(ref Port port, ref readonly Tlp message)
    {
        Counters.InvalidateCompletions++;
        if (DeviceOf(ref port, in message) is not { } device) return;
        var completion = InvalidateCompletion.Of(in message);
        for (var tag = 0; tag < InvalidateRequest.Tags; tag++)
        {
            if ((completion.Tags >> tag & 1) == 0 || device.Answered(tag, completion.CompletionCount) is not { } invalidation) continue;
            invalidation.Unanswered--;
            EndIfAnswered(invalidation);
        }
        SendInvalidations(device);
    }

    private void ExpireInvalidations()
    {
        _timerSet = false;
        var earliestPs = long.MaxValue;
        foreach (var device in _devices.Values)
        {
            while (device.TryExpire(Context.NowPs, out var expired))
            {
                Record(new IommuFault(expired.Range.Base, new SimTime(Context.NowPs), device.Id, DeviceId.NoPasid, IommuFaultKind.InvalidateTimeout, isWrite: false));
                (expired.TimedOut, expired.Unanswered) = (true, expired.Unanswered - 1);
                EndIfAnswered(expired);
            }
            SendInvalidations(device);
            earliestPs = Math.Min(earliestPs, device.EarliestDeadlinePs);
        }
        if (earliestPs != long.MaxValue) SetTimer(earliestPs - Context.NowPs);
    }

    private void SetTimer(long delayPs)
    {
        if (_timerSet) return;
        _timerSet = true;
        Context.Schedule(Math.Max(1, delayPs), default);
    }

    /// <summary>Over when no function holds the translations, and what used them is over: writes have reached memory and reads have got their data.</summary>
    private void EndIfAnswered(Invalidation invalidation)
    {
        if (invalidation.Unanswered > 0) return;
        var status = invalidation.TimedOut ? IommuStatus.InvalidateTimeout : IommuStatus.Done;
        var atPs = Math.Max(Context.NowPs + _commandPs, _lastDeparturePs + _visiblePs);
        Tell(new IommuReport(invalidation.Bytes, default, invalidation.Sequence, status), atPs);
    }

    private void Report(uint sequence, IommuStatus status) => Tell(new IommuReport(0, default, sequence, status), Context.NowPs + _commandPs);

    private void Tell(in IommuReport report, long atPs)
    {
        var message = Message.Of(MessageKind.IommuReport, in report);
        _software!.Tell(in message, atPs);
    }
}
