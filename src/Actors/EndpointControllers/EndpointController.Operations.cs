using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Endpoints;
using PcieFabric.Engine;

namespace PcieFabric.EndpointControllers;

public sealed partial class EndpointController
{
    private const int MaxMsiVectors = 32;
    private const int MaxMsiXVectors = 2048;

    private void Answer(ComposedFunction function, ControllerCall call)
    {
        Activity.Operations++;
        var (value, data) = (0ul, 0ul);
        var rule = !Exists(function)
            ? ControllerRule.NoSuchFunction
            : call.Operation switch
            {
                ControllerOperation.WriteHeader => WriteHeader(function, call),
                ControllerOperation.AddSubrange => AddSubrange(function, call),
                ControllerOperation.SetBar => SetBar(function, call),
                ControllerOperation.ClearBar => ClearBar(function, call.Number),
                ControllerOperation.MapAddress => _outbound.Map(function.Number, call.Address, call.SizeBytes, out value),
                ControllerOperation.UnmapAddress => _outbound.Unmap(function.Number, call.Address),
                ControllerOperation.SetMsi => SetMsi(function, call.Number),
                ControllerOperation.GetMsi => GetMsi(function.Number, out value),
                ControllerOperation.SetMsiX => SetMsiX(function, call),
                ControllerOperation.GetMsiX => GetMsiX(function.Number, out value),
                ControllerOperation.RaiseIrq => RaiseIrq(function.Number, (InterruptType)call.Flags, call.Number),
                ControllerOperation.MapMsiIrq => MapMsiIrq(function.Number, out value, out data),
                ControllerOperation.Start => Start(),
                ControllerOperation.Stop => Stop(),
                ControllerOperation.Bound => Bound(function),
                _ => throw new InvalidOperationException($"Invariant: a controller was asked for {call.Operation}"),
            };
        if (rule != ControllerRule.None) Activity.Refusals++;
        Reply(function, call.Slot, call.Operation, rule, value, data);
    }

    private void Reply(ComposedFunction function, int slot, ControllerOperation operation, ControllerRule rule, ulong value = 0, ulong data = 0)
    {
        var reply = Message.Of(MessageKind.ControllerReply, new ControllerReply(slot, operation, rule, value, data));
        function.Software!.Tell(in reply, Context.NowPs + _settings.SoftwareLatency.Picoseconds);
    }

    private bool Exists(ComposedFunction function) =>
        function.Physical is null ? function.Number < Profile.MaxFunctions : Exists(function.Physical) && function.VirtualNumber <= Profile.MaxVirtualFunctions;

    /// <summary>Virtual functions share all of a header but the device id, which stands in the SR-IOV capability.</summary>
    private ControllerRule WriteHeader(ComposedFunction function, ControllerCall call)
    {
        if (function.VirtualNumber > 1) return ControllerRule.HeaderOfVirtualFunction;
        if (_isStarted) return ControllerRule.Started;
        function.Header = ControllerHeader.Unpack(call.Address, call.SizeBytes);
        return ControllerRule.None;
    }

    private static ControllerRule AddSubrange(ComposedFunction function, ControllerCall call)
    {
        if (call.Number == 0) function.Subranges.Clear();
        if (function.Subranges.Count == Limits.MaxBarSubranges) return ControllerRule.NoInboundWindow;
        function.Subranges.Add(new BarSubrange(call.Address, call.SizeBytes));
        return ControllerRule.None;
    }

    private ControllerRule SetBar(ComposedFunction function, ControllerCall call)
    {
        var bar = new BarSettings(call.Number, call.Address, call.SizeBytes, (BarFlags)call.Flags);
        var rule = BarRules.Check(function.Profile, bar.Bar, bar.SizeBytes, bar.Flags);
        if (rule == ControllerRule.None && function.Physical is { } physical) rule = CheckVirtualBar(physical, bar);
        if (rule != ControllerRule.None) return rule;
        if (function.IsTaken(bar.Bar, bar.Flags)) return ControllerRule.BarTakesTwoRegisters;
        var before = function.Bars[bar.Bar];
        if (before is not null && (before.SizeBytes, before.Flags) != (bar.SizeBytes, bar.Flags)) return ControllerRule.BarChanged;
        if (before is null && _isStarted) return ControllerRule.BarNotSet;
        if (before is not null && !function.Profile.Inbound.IsDynamic) return ControllerRule.NotDynamic;
        BarSubrange[] parts = call.Other == 0 ? [new BarSubrange(bar.LocalAddress, bar.SizeBytes)] : [.. function.Subranges];
        if (call.Other != 0) rule = CheckSubranges(function, bar, parts);
        if (rule == ControllerRule.None) rule = CheckTargets(function, parts);
        if (rule != ControllerRule.None) return rule;
        if (InboundWindowsBeside(function) - function.Inbound.CountOf(bar.Bar) + parts.Length > function.Profile.Inbound.Windows) return ControllerRule.NoInboundWindow;
        function.Set(bar);
        function.Inbound.Map(bar.Bar, parts);
        return ControllerRule.None;
    }

    private static ControllerRule CheckVirtualBar(ComposedFunction physical, BarSettings bar)
    {
        if (bar.SizeBytes < Limits.RequestBoundaryBytes) return ControllerRule.VirtualBarTooSmall;
        foreach (var sibling in physical.Virtual)
            if (sibling.IsTaken(bar.Bar, bar.Flags) || sibling.Bars[bar.Bar] is { } same && (same.SizeBytes, same.Flags) != (bar.SizeBytes, bar.Flags))
                return ControllerRule.VirtualBarsDiffer;
        return ControllerRule.None;
    }

    /// <summary>Physical functions share the controller's windows; each virtual function has as many of its own, as in the one controller that has virtual functions.</summary>
    private int InboundWindowsBeside(ComposedFunction function) =>
        function.Physical is not null ? function.Inbound.Count : _functions.Sum(each => each.Physical is null ? each.Inbound.Count : 0);

    private ControllerRule CheckSubranges(ComposedFunction function, BarSettings bar, BarSubrange[] parts)
    {
        if (!function.Profile.Inbound.HasSubranges) return ControllerRule.NoSubranges;
        if (!_isStarted || Running(function.Number) is not { } running || AddressOf(running, bar.Bar) == 0) return ControllerRule.BarHasNoAddress;
        var sum = 0ul;
        foreach (var part in parts)
        {
            if (part.SizeBytes == 0 || part.SizeBytes > bar.SizeBytes) return ControllerRule.SubrangesDoNotTile;
            if (part.SizeBytes % SubrangeAlignment(function) != 0) return ControllerRule.SubrangeNotAligned;
            sum += part.SizeBytes;
        }
        return sum == bar.SizeBytes ? ControllerRule.None : ControllerRule.SubrangesDoNotTile;
    }

    /// <summary>Where a profile says nothing the hardware still has a granule of a page.</summary>
    private static ulong SubrangeAlignment(ComposedFunction function) => Math.Max(function.Profile.Inbound.AlignmentBytes, Limits.RequestBoundaryBytes);

    private ControllerRule CheckTargets(ComposedFunction function, BarSubrange[] parts)
    {
        foreach (var part in parts)
        {
            if (part.LocalAddress % function.Profile.Inbound.AlignmentBytes != 0) return ControllerRule.LocalAddressNotAligned;
            if (part.LocalAddress == BarSubrange.Nowhere || _bus.Contains(part.LocalAddress, part.SizeBytes)) continue;
            if (part.LocalAddress > (ulong)_settings.LocalMemory.SizeBytes || part.SizeBytes > (ulong)_settings.LocalMemory.SizeBytes - part.LocalAddress) return ControllerRule.NotLocalMemory;
        }
        return ControllerRule.None;
    }

    private static ulong AddressOf(Function function, int bar)
    {
        if (function.Physical is { } physical) return physical.Layout.SrIov!.VfRange(physical.Space, physical.Virtual!.IndexOf(function), bar).Base;
        foreach (var register in function.Layout.Header.Bars)
            if (register.Definition.Index == bar)
                return register.Address(function.Space);
        return 0;
    }

    /// <summary>The BAR's translation goes; while the controller runs, the register stays and what the host asks of it is an unsupported request.</summary>
    private ControllerRule ClearBar(ComposedFunction function, int bar)
    {
        if ((uint)bar >= ControllerProfile.BarCount) return ControllerRule.NoSuchBar;
        if (function.Bars[bar] is null) return ControllerRule.BarNotSet;
        function.Inbound.Map(bar);
        if (!_isStarted) function.Clear(bar);
        return ControllerRule.None;
    }

    private ControllerRule SetMsi(ComposedFunction function, int vectors)
    {
        if (vectors is < 1 or > MaxMsiVectors) return ControllerRule.MsiCount;
        if (!function.Profile.Interrupts.Msi) return ControllerRule.NoMsi;
        if (_isStarted) return ControllerRule.Started;
        function.MsiVectors = vectors;
        return ControllerRule.None;
    }

    private ControllerRule SetMsiX(ComposedFunction function, ControllerCall call)
    {
        if (call.SizeBytes is < 1 or > MaxMsiXVectors) return ControllerRule.MsiXCount;
        if (!function.Profile.Interrupts.MsiX) return ControllerRule.NoMsiX;
        if (_isStarted) return ControllerRule.Started;
        if (call.Number >= ControllerProfile.BarCount) return ControllerRule.NoSuchBar;
        (function.MsiXVectors, function.MsiXBar, function.MsiXOffset) = ((int)call.SizeBytes, call.Number, (uint)call.Address);
        if (function.MsiXTableFits()) return ControllerRule.None;
        function.MsiXVectors = 0;
        return ControllerRule.MsiXTableDoesNotFit;
    }

    private ControllerRule Bound(ComposedFunction function)
    {
        function.IsBound = true;
        return _settings.StartsByItself && !_isStarted && _functions.All(f => f.IsBound) ? Start() : ControllerRule.None;
    }

    /// <summary>The configuration spaces are what was composed, and the link comes up.</summary>
    private ControllerRule Start()
    {
        if (_isStarted) return ControllerRule.Started;
        if (_functions[0].Header is null) return ControllerRule.NoHeader;
        if (_functions.Any(f => f.MsiXVectors > 0 && !f.MsiXTableFits())) return ControllerRule.MsiXTableDoesNotFit;
        var express = new PciExpressOptions
        {
            MaxLinkSpeed = _settings.Link.Generation.Number,
            MaxLinkWidth = _settings.Link.Width.Lanes,
            MaxPayloadSizeSupported = _settings.Link.MaxPayloadSize,
        };
        _device.Install([.. _functions.Take(_settings.Functions).Select(f => f.Header is null ? null : Compose(f, express))]);
        _isStarted = true;
        Link.Train(Context.NowPs);
        foreach (var function in _functions) Tell(function.Number, ControllerEventKind.Started);
        return ControllerRule.None;
    }

    private Function Compose(ComposedFunction composed, PciExpressOptions express)
    {
        var layout = composed.MakeLayout(express, _settings.Functions, HasVirtualFunctions);
        var next = Array.FindIndex(_functions, composed.Number + 1, f => f.Physical is null && f.Header is not null);
        var settings = new FunctionSettings
        {
            Layout = layout,
            Mapping = composed.Inbound,
            Initialize = space =>
            {
                space[layout.Header.MultiFunction] = !HasVirtualFunctions && _functions.Count(f => f.Header is not null) > 1;
                space[layout.Header.InterruptPin] = composed.Header!.Value.InterruptPin;
                if (layout.Ari is { } ari) space[ari.NextFunction] = (uint)Math.Max(0, next);
                if (layout.SrIov is { } capability) space[capability.FunctionDependencyLink] = (uint)composed.Number;
            },
            VirtualFunctions = composed.Virtual.Count == 0 ? null : new VirtualFunctionSettings
            {
                Make = vf => new FunctionSettings { Layout = composed.Virtual[vf].MakeVirtualLayout(layout), Mapping = composed.Virtual[vf].Inbound },
                FirstModel = composed.Virtual[0].Number,
            },
        };
        return new Function(settings, composed.Number) { Model = composed.Software };
    }

    /// <summary>The link goes down, and the functions with it; what their software composed stays for the next start.</summary>
    private ControllerRule Stop()
    {
        if (!_isStarted) return ControllerRule.NotStarted;
        if (Link.Leave(Context.NowPs)) GoDown();
        _device.Install(new Function?[_settings.Functions]);
        _isStarted = false;
        return ControllerRule.None;
    }
}
