using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;

namespace PcieFabric.EndpointFunctions.EpfTests;

public sealed partial class EpfTest
{
    private const int Subranges = 2;

    private async Task HandleCommandAsync()
    {
        var irqType = this[EpfTestRegisters.IrqType];
        var command = (EpfTestCommand)this[EpfTestRegisters.Command];
        if (command == EpfTestCommand.None) return;
        Commands++;
        this[EpfTestRegisters.Command] = 0;
        this[EpfTestRegisters.Status] = 0;
        var wantsDma = (this[EpfTestRegisters.Flags] & EpfTestRegisters.UseDma) != 0;
        if ((wantsDma && Controller.Features.Dma.Kind == DmaKind.None) || irqType > (uint)InterruptType.MsiX)
        {
            InvalidCommands++;
            return;
        }
        switch (command)
        {
            case EpfTestCommand.RaiseIntx or EpfTestCommand.RaiseMsi or EpfTestCommand.RaiseMsiX:
                break;
            case EpfTestCommand.Write:
                Show(await WriteHostAsync(wantsDma));
                break;
            case EpfTestCommand.Read:
                Show(await ReadHostAsync(wantsDma));
                break;
            case EpfTestCommand.Copy:
                Show(await CopyHostAsync(wantsDma));
                break;
            case EpfTestCommand.EnableDoorbell:
                Add(await EnableDoorbellAsync());
                break;
            case EpfTestCommand.DisableDoorbell:
                Add(await DisableDoorbellAsync());
                break;
            case EpfTestCommand.SetupSubrange:
                Add(await SetupSubrangeAsync(this[EpfTestRegisters.Size]));
                break;
            case EpfTestCommand.ClearSubrange:
                Add(await ClearSubrangeAsync(this[EpfTestRegisters.Size]));
                break;
            default:
                InvalidCommands++;
                return;
        }
        await RaiseIrqAsync();
    }

    private void Show(EpfTestStatus status) => this[EpfTestRegisters.Status] = (uint)status;

    private void Add(EpfTestStatus status) => this[EpfTestRegisters.Status] |= (uint)status;

    /// <summary>By the type and number that the registers hold by now; the status says so first, whether or not an interrupt can be sent.</summary>
    private async Task RaiseIrqAsync()
    {
        Add(EpfTestStatus.IrqRaised);
        var type = (InterruptType)Math.Min(this[EpfTestRegisters.IrqType], byte.MaxValue);
        var number = this[EpfTestRegisters.IrqNumber];
        switch (type)
        {
            case InterruptType.Intx:
                Keep(await Controller.RaiseIrqAsync(type));
                break;
            case InterruptType.Msi or InterruptType.MsiX:
                var count = type == InterruptType.Msi ? await Controller.GetMsiAsync() : await Controller.GetMsiXAsync();
                if (!count.IsSuccess || number > count.Value) return;
                Keep(await Controller.RaiseIrqAsync(type, (int)number));
                break;
        }
    }

    /// <summary>The halves of a BAR change places, and each is marked, so that the host sees whether they did.</summary>
    private async Task<EpfTestStatus> SetupSubrangeAsync(uint number)
    {
        var inbound = Controller.Features.Inbound;
        if (number >= ControllerProfile.BarCount || number == _registerBar || !inbound.IsDynamic || !inbound.HasSubranges || _bars[number] is not { } bar) return EpfTestStatus.SubrangeSetupFail;
        var half = bar.SizeBytes / Subranges;
        BarSubrange[] swapped = [new(bar.LocalAddress + half, half), new(bar.LocalAddress, half)];
        var result = Keep(await Controller.SetBarAsync(bar with { Subranges = swapped }));
        if (!result.IsSuccess)
        {
            var status = EpfTestStatus.SubrangeSetupFail | (result.Errno == Errno.ENOSPC ? EpfTestStatus.NoResource : EpfTestStatus.None);
            Keep(await Controller.SetBarAsync(bar));
            return status;
        }
        _bars[number] = bar with { Subranges = swapped };
        for (var i = 0; i < Subranges; i++) Memory.Span(swapped[i].LocalAddress, (int)half).Fill(SubrangeSignature((int)number, i));
        return EpfTestStatus.SubrangeSetupSuccess;
    }

    private async Task<EpfTestStatus> ClearSubrangeAsync(uint number)
    {
        if (number >= ControllerProfile.BarCount || _bars[number] is not { Subranges: not null } bar) return EpfTestStatus.SubrangeClearFail;
        var whole = bar with { Subranges = null };
        if (!Keep(await Controller.SetBarAsync(whole)).IsSuccess) return EpfTestStatus.SubrangeClearFail;
        _bars[number] = whole;
        return EpfTestStatus.SubrangeClearSuccess;
    }

    /// <summary>What the endpoint fills a part of a BAR with.</summary>
    public static byte SubrangeSignature(int bar, int part) => (byte)(0x50 + bar * 8 + part);
}
