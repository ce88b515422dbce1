using PcieFabric.Endpoints;

namespace PcieFabric.EndpointControllers;

public sealed partial class EndpointController
{
    /// <summary>Controllers raise INTx as a pulse of this length; drivers hold it 1 to 2 ms.</summary>
    private static readonly SimTime IntxPulse = SimTime.FromMilliseconds(1);

    private ControllerRule GetMsi(int number, out ulong vectors)
    {
        vectors = 0;
        if (Running(number) is not { Layout.Msi: { } msi } function) return ControllerRule.NoMsi;
        if (!function.Space[msi.Enable]) return ControllerRule.InterruptDisabled;
        vectors = (ulong)msi.GrantedVectors(function.Space);
        return ControllerRule.None;
    }

    private ControllerRule GetMsiX(int number, out ulong vectors)
    {
        vectors = 0;
        if (Running(number) is not { Layout.MsiX: { } msiX } function) return ControllerRule.NoMsiX;
        if (!function.Space[msiX.Enable]) return ControllerRule.InterruptDisabled;
        vectors = (ulong)msiX.Vectors;
        return ControllerRule.None;
    }

    /// <param name="vector">From 1.</param>
    private ControllerRule RaiseIrq(int number, InterruptType type, int vector)
    {
        if (type == InterruptType.Intx && _functions[number].Profile.Interrupts.Intx == Profiles.IntxSupport.None) return ControllerRule.NoIntx;
        if (!_isStarted) return ControllerRule.NotStarted;
        if (Running(number) is not { } function) return _functions[number].Physical is null ? ControllerRule.NotStarted : ControllerRule.NotEnabled;
        if (!Link.IsUp) return ControllerRule.LinkDown;
        return type switch
        {
            InterruptType.Intx => RaiseIntx(function),
            InterruptType.Msi => RaiseMsi(function, vector),
            InterruptType.MsiX => RaiseMsiX(function, vector),
            _ => ControllerRule.NoSuchVector,
        };
    }

    private ControllerRule RaiseIntx(Function function)
    {
        if (function.Space[function.Layout.Header.InterruptPin] == 0) return ControllerRule.NoIntx;
        _device.Signal(function, new FunctionSignal(0, IsLevel: true, Asserted: true));
        Context.Schedule(IntxPulse.Picoseconds, new Engine.Timer(0, (ulong)function.Source));
        return ControllerRule.None;
    }

    private void EndIntxPulse(int number)
    {
        if (Running(number) is { } function) _device.Signal(function, new FunctionSignal(0, IsLevel: true, Asserted: false));
    }

    private ControllerRule RaiseMsi(Function function, int vector)
    {
        var rule = GetMsi(function.Source, out var granted);
        if (rule != ControllerRule.None) return rule;
        if (vector < 1 || (ulong)vector > granted) return ControllerRule.NoSuchVector;
        if (!function.MayInitiate) return ControllerRule.NotBusMaster;
        if (!function.Layout.Msi!.TryRaise(function.Space, vector - 1, out var message)) return ControllerRule.VectorMasked;
        _device.SendInterrupt(function, message);
        return ControllerRule.None;
    }

    private ControllerRule RaiseMsiX(Function function, int vector)
    {
        var rule = GetMsiX(function.Source, out var vectors);
        if (rule != ControllerRule.None) return rule;
        if (vector < 1 || (ulong)vector > vectors) return ControllerRule.NoSuchVector;
        if (!function.MayInitiate) return ControllerRule.NotBusMaster;
        // Controllers that keep the table in memory do not remember what was masked: the interrupt is refused, not pending.
        if (function.MsiX!.IsMasked(vector - 1)) return ControllerRule.VectorMasked;
        function.MsiX.TryRaise(vector - 1, out var message);
        _device.SendInterrupt(function, message);
        return ControllerRule.None;
    }

    /// <summary>An outbound window to where the host wants its MSI: vector n is a write of the data plus n.</summary>
    private ControllerRule MapMsiIrq(int number, out ulong localAddress, out ulong data)
    {
        (localAddress, data) = (0, 0);
        var rule = GetMsi(number, out _);
        if (rule != ControllerRule.None) return rule;
        var function = Running(number)!;
        if (!function.Layout.Msi!.TryRaise(function.Space, 0, out var message)) return ControllerRule.VectorMasked;
        var page = Profile.Outbound.PageBytes;
        var offset = message.Address & (page - 1);
        rule = _outbound.Map(number, message.Address - offset, offset + sizeof(uint), out var window);
        if (rule == ControllerRule.None) (localAddress, data) = (window + offset, message.Data);
        return rule;
    }
}
