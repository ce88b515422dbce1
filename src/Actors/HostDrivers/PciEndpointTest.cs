using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions.EpfTests;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.HostDrivers;

/// <summary>
/// A model of Linux's <c>pci_endpoint_test</c>, the host's side of the endpoint test function. Its operations are the driver's ioctls, with the driver's checks, waits and error
/// numbers. What the driver waits for without a limit hangs here after <see cref="HangLimit"/>, and the driver is of no use from then on.
/// </summary>
public sealed partial class PciEndpointTest
{
    /// <summary>When the kernel's test harness gives up on a test.</summary>
    public static readonly SimTime HangLimit = SimTime.FromSeconds(30);

    private static readonly SimTime CommandTimeout = SimTime.FromSeconds(1);

    private readonly Host _host;
    private readonly EndpointTestDevice _device;
    private readonly EnumeratedFunction _function;
    private readonly DriverInterrupts _interrupts;
    private readonly DriverCompletion _irqRaised;
    private readonly ulong _registers;
    private EpfTestCapabilities _capabilities;
    private int _lastIrq;

    private PciEndpointTest(Host host, int hierarchy, EnumeratedFunction function, EndpointTestDevice device, int intxLine)
    {
        (_host, _function, _device) = (host, function, device);
        _interrupts = new DriverInterrupts(host, hierarchy, function, intxLine);
        _irqRaised = new DriverCompletion(host);
        _registers = function.FindBar(device.RegisterBar)!.Range.Base;
    }

    /// <summary>What the endpoint says that it can do.</summary>
    public EpfTestCapabilities Capabilities => _capabilities;

    /// <summary>Null until <see cref="SetIrqTypeAsync"/>.</summary>
    public InterruptType? IrqType => _interrupts.Type;

    private int Alignment => _capabilities.HasFlag(EpfTestCapabilities.UnalignedAccess) ? 1 : _device.AlignmentBytes;

    /// <param name="intxLine">The line that the function's INTx drives, as <see cref="HostInterrupts.Line"/> counts.</param>
    /// <returns>Null where the driver does not know the function, or finds no registers.</returns>
    public static async ValueTask<PciEndpointTest?> ProbeAsync(Host host, int hierarchy, EnumeratedFunction function, int intxLine = 0)
    {
        if (EndpointTestDevice.Find(function.Identity.VendorId, function.Identity.DeviceId) is not { } device || function.FindBar(device.RegisterBar) is null) return null;
        var driver = new PciEndpointTest(host, hierarchy, function, device, intxLine);
        driver._capabilities = (EpfTestCapabilities)await driver.ReadRegisterAsync(EpfTestRegisters.Capabilities);
        return driver;
    }

    /// <summary>The driver lets go of the function.</summary>
    public ValueTask RemoveAsync() => _interrupts.ReleaseAsync();

    /// <summary>
    /// Takes back what a hung request has left: as long as the flags ask for DMA, the function of an endpoint without a channel drops every command. The kernel's driver has no such
    /// operation; a person would start both machines anew.
    /// </summary>
    internal ValueTask ClearFlagsAsync() => WriteRegisterAsync(EpfTestRegisters.Flags, 0);

    /// <param name="type">Null for AUTO: the first of MSI, MSI-X, INTx that the endpoint says it has.</param>
    public async ValueTask<DriverResult> SetIrqTypeAsync(InterruptType? type)
    {
        Begin();
        var wanted = type ?? (_capabilities.HasFlag(EpfTestCapabilities.Msi) ? InterruptType.Msi
            : _capabilities.HasFlag(EpfTestCapabilities.MsiX) ? InterruptType.MsiX
            : _capabilities.HasFlag(EpfTestCapabilities.Intx) ? InterruptType.Intx
            : InterruptType.Msi);
        return _interrupts.Type == wanted ? DriverResult.Success : await _interrupts.AllocateAsync(wanted, InterruptedAsync);
    }

    public async ValueTask<DriverResult> IntxAsync()
    {
        Begin();
        await WriteRegisterAsync(EpfTestRegisters.IrqType, (uint)InterruptType.Intx);
        await WriteRegisterAsync(EpfTestRegisters.IrqNumber, 0);
        await WriteRegisterAsync(EpfTestRegisters.Command, (uint)EpfTestCommand.RaiseIntx);
        return await _irqRaised.WaitAsync(CommandTimeout) ? Errno.None : Errno.ETIMEDOUT;
    }

    /// <param name="number">From 1.</param>
    public async ValueTask<DriverResult> MsiAsync(int number, bool msiX)
    {
        Begin();
        if (number < 1 || number > _interrupts.Count) return Errno.EINVAL;
        await WriteRegisterAsync(EpfTestRegisters.IrqType, (uint)(msiX ? InterruptType.MsiX : InterruptType.Msi));
        await WriteRegisterAsync(EpfTestRegisters.IrqNumber, (uint)number);
        await WriteRegisterAsync(EpfTestRegisters.Command, (uint)(msiX ? EpfTestCommand.RaiseMsiX : EpfTestCommand.RaiseMsi));
        if (!await _irqRaised.WaitAsync(CommandTimeout)) return Errno.ETIMEDOUT;
        return _lastIrq == number - 1 ? Errno.None : Errno.EIO;
    }

    public async ValueTask<DriverResult> DoorbellAsync()
    {
        Begin();
        if (!_capabilities.HasFlag(EpfTestCapabilities.DynamicInboundMapping)) return Errno.EOPNOTSUPP;
        if (_interrupts.Type is null) return Errno.EINVAL;
        var came = await CommandAsync(EpfTestCommand.EnableDoorbell);
        var status = await ReadStatusAsync();
        if (!came || !status.HasFlag(EpfTestStatus.DoorbellEnableSuccess)) return Errno.EINVAL;
        var data = await ReadRegisterAsync(EpfTestRegisters.DoorbellData);
        var offset = await ReadRegisterAsync(EpfTestRegisters.DoorbellOffset);
        await WriteInterruptAsync();
        await WriteRegisterAsync(EpfTestRegisters.Status, 0);
        var number = await ReadRegisterAsync(EpfTestRegisters.DoorbellBar);
        if (number > 5) return Errno.ERANGE;
        if (_function.FindBar((int)number) is not { } bar) return Errno.EINVAL;
        await _host.Write32Async(bar.Range.Base + offset, data);
        came = await _irqRaised.WaitAsync(CommandTimeout);
        status = await ReadStatusAsync();
        DriverResult result = came && status.HasFlag(EpfTestStatus.DoorbellSuccess) ? Errno.None : Errno.EINVAL;
        await WriteRegisterAsync(EpfTestRegisters.Command, (uint)EpfTestCommand.DisableDoorbell);
        await _irqRaised.WaitAsync(CommandTimeout);
        status |= await ReadStatusAsync();
        return status.HasFlag(EpfTestStatus.DoorbellDisableSuccess) ? result : Errno.EINVAL;
    }

    /// <summary>Each request starts without interrupts of earlier ones.</summary>
    private void Begin()
    {
        _irqRaised.Reset();
        _lastIrq = -1;
    }

    private bool IsReserved(int bar) => ((uint)_capabilities & (uint)EpfTestCapabilities.Bar0Reserved << bar) != 0;

    private async ValueTask InterruptedAsync(int index)
    {
        if (!(await ReadStatusAsync()).HasFlag(EpfTestStatus.IrqRaised)) return;
        _lastIrq = index;
        _irqRaised.Complete();
    }

    private async ValueTask WriteInterruptAsync()
    {
        await WriteRegisterAsync(EpfTestRegisters.IrqType, (uint)_interrupts.Type!.Value);
        await WriteRegisterAsync(EpfTestRegisters.IrqNumber, 1);
    }

    /// <returns>Whether the endpoint interrupted in time.</returns>
    private async ValueTask<bool> CommandAsync(EpfTestCommand command)
    {
        await WriteInterruptAsync();
        await WriteRegisterAsync(EpfTestRegisters.Command, (uint)command);
        return await _irqRaised.WaitAsync(CommandTimeout);
    }

    private async ValueTask<EpfTestStatus> ReadStatusAsync() => (EpfTestStatus)await ReadRegisterAsync(EpfTestRegisters.Status);

    private ValueTask<uint> ReadRegisterAsync(int register) => _host.Read32Async(_registers + (ulong)register);

    private ValueTask WriteRegisterAsync(int register, uint value) => _host.Write32Async(_registers + (ulong)register, value);
}
