using PcieFabric.ConfigSpaces;

namespace PcieFabric.Endpoints;

/// <content>Virtual functions come and go as the SR-IOV capability of their physical function says (PCIe 6.0 section 9.3.3.3.1).</content>
internal sealed partial class DeviceFunctions
{
    /// <param name="number">Routing ID less that of function 0 of the device's bus.</param>
    private Function? VirtualFunctionAt(int number)
    {
        foreach (var functions in _virtual)
            if (functions.At(number) is { } found)
                return found;
        return null;
    }

    /// <summary>Software has set or cleared VF Enable, or a reset has cleared it.</summary>
    private void Rearrange(Function physical)
    {
        if (physical.Virtual is not { } functions) return;
        var (before, wanted) = (functions.Enabled, functions.Wanted);
        if (before == wanted) return;
        for (var vf = wanted; vf < before; vf++) Disable(functions[vf]);
        functions.Enable(wanted);
        for (var vf = before; vf < wanted; vf++) Enable(functions[vf]);
    }

    private void Enable(Function function)
    {
        if (function.Source >= 0)
        {
            ref var place = ref _virtualBySource[function.Source - _functions.Length];
            place.Function = function;
            function.Model = place.Model;
        }
        TellState(function, wasReset: true);
        _observer?.VirtualFunctionChanged(function, isEnabled: true);
    }

    /// <summary>What it knew is gone, Bus Master Enable too: what its model still sends goes nowhere.</summary>
    private void Disable(Function function)
    {
        function.Reset(ResetKind.Cold);
        TellState(function, wasReset: true);
        _observer?.VirtualFunctionChanged(function, isEnabled: false);
    }

    /// <summary>Tells a function's model, and those of its virtual functions, which heed its registers too.</summary>
    private void TellStates(Function function, bool wasReset)
    {
        TellState(function, wasReset);
        if (function.Virtual is not { } functions) return;
        for (var vf = 0; vf < functions.Enabled; vf++) TellState(functions[vf], wasReset: false);
    }
}
