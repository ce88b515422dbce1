using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;

namespace PcieFabric.EndpointFunctions.EpfTests;

public sealed partial class EpfTest
{
    private DoorbellSet? _doorbells;

    /// <summary>A BAR shows the doorbell in place of the memory that is behind it otherwise; null where the hardware shows the doorbell anyway.</summary>
    private BarSettings? _coveredBar;

    /// <summary>
    /// One doorbell: of the interrupt controller where the endpoint has one, of the DMA engine otherwise, as <c>pci_epf_alloc_doorbell</c> chooses. It is shown in the first
    /// free BAR behind that of the registers, unless a reserved BAR shows it already.
    /// </summary>
    private async Task<EpfTestStatus> EnableDoorbellAsync()
    {
        if (_doorbells is not null) return EpfTestStatus.DoorbellEnableFail;
        var number = Controller.Features.NextFreeBar(_registerBar + 1);
        var free = number < 0 ? null : _bars[number];
        var kind = Doorbells.Supports(DoorbellKind.Its) ? DoorbellKind.Its : DoorbellKind.Embedded;
        var (result, set) = await Doorbells.AllocateAsync(new DoorbellRequest(1, kind, free?.SizeBytes ?? DoorbellRequest.DefaultWindowBytes));
        if (!Keep(result).IsSuccess) return EpfTestStatus.DoorbellEnableFail;
        _doorbells = set;
        if (set!.Bar < 0 && (free is null || !Keep(await Controller.SetBarAsync(free with { LocalAddress = set.WindowAddress, Subranges = null })).IsSuccess))
        {
            await ReleaseDoorbellAsync();
            return EpfTestStatus.DoorbellEnableFail;
        }
        _coveredBar = set.Bar < 0 ? free : null;
        set[0].Handler = _ => Start(AnswerDoorbellAsync);
        this[EpfTestRegisters.DoorbellBar] = (uint)(set.Bar < 0 ? number : set.Bar);
        this[EpfTestRegisters.DoorbellOffset] = (uint)set[0].Offset;
        this[EpfTestRegisters.DoorbellData] = set[0].Data;
        return EpfTestStatus.DoorbellEnableSuccess;
    }

    private Task AnswerDoorbellAsync()
    {
        Add(EpfTestStatus.DoorbellSuccess);
        return RaiseIrqAsync();
    }

    private async Task<EpfTestStatus> DisableDoorbellAsync()
    {
        // The host may have written the register; what counts for the kernel's function is what it says now.
        if ((int)this[EpfTestRegisters.DoorbellBar] < 0 || _doorbells is null) return EpfTestStatus.DoorbellDisableFail;
        var covered = _coveredBar;
        await ReleaseDoorbellAsync();
        return covered is null || Keep(await Controller.SetBarAsync(covered)).IsSuccess ? EpfTestStatus.DoorbellDisableSuccess : EpfTestStatus.DoorbellDisableFail;
    }

    private async Task ReleaseDoorbellAsync()
    {
        if (_doorbells is not { } set) return;
        (_doorbells, _coveredBar) = (null, null);
        this[EpfTestRegisters.DoorbellBar] = EpfTestRegisters.NoBar;
        await Doorbells.FreeAsync(set);
    }
}
