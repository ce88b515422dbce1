using System.Buffers.Binary;
using PcieFabric.Engine;

namespace PcieFabric.DmaEngines;

/// <summary>One channel of an eDMA: its registers, and the transfer or the list that it works on.</summary>
internal sealed class EmbeddedDmaChannel(EmbeddedDma engine, EmbeddedDmaDirection direction, int number, DmaChannel channel) : ActorSynchronizationContext.IAwaited
{
    private const EmbeddedDmaControl FromElement =
        EmbeddedDmaControl.CycleBit | EmbeddedDmaControl.ToggleCycleBit | EmbeddedDmaControl.LoadLinkPointer | EmbeddedDmaControl.LocalInterrupt | EmbeddedDmaControl.RemoteInterrupt;

    private readonly byte[] _registers = new byte[EmbeddedDmaRegisters.ChannelBytes];
    private readonly byte[] _element = new byte[LinkedListElement.Bytes];
    private readonly byte[] _message = new byte[sizeof(uint)];
    private int _rungBy;
    private bool _rung;

    public int Number => number;

    public int Function => channel.Function;

    public bool IsRunning => Status == EmbeddedDmaStatus.Running;

    private EmbeddedDmaControl Control
    {
        get => (EmbeddedDmaControl)Get32(EmbeddedDmaRegisters.ChannelControl1);
        set => Set32(EmbeddedDmaRegisters.ChannelControl1, (uint)value);
    }

    private EmbeddedDmaStatus Status
    {
        get => (EmbeddedDmaStatus)((uint)(Control & EmbeddedDmaControl.Status) >> 5);
        set => Control = (Control & ~EmbeddedDmaControl.Status) | (EmbeddedDmaControl)((uint)value << 5);
    }

    public uint Get32(uint register) => BinaryPrimitives.ReadUInt32LittleEndian(_registers.AsSpan((int)register));

    /// <summary>The status of the channel is its own.</summary>
    public void Written(uint register, uint value)
    {
        if (register == EmbeddedDmaRegisters.ChannelControl1) value = (value & ~(uint)EmbeddedDmaControl.Status) | (uint)(Control & EmbeddedDmaControl.Status);
        Set32(register, value);
    }

    /// <summary>Its doorbell was rung. One that is rung while the channel runs makes it look again when it has come to the end.</summary>
    public void Ring(int function)
    {
        (_rung, _rungBy) = (true, function);
        if (IsRunning) return;
        Status = EmbeddedDmaStatus.Running;
        engine.Start(this);
    }

    public void Stop()
    {
        if (IsRunning) channel.Stop();
    }

    public void SetWeight(int requests) => channel.Weight = requests;

    void ActorSynchronizationContext.IAwaited.Resume() => engine.Work(RunAsync());

    private async Task RunAsync()
    {
        var error = DmaError.None;
        while (_rung && error == DmaError.None)
        {
            _rung = false;
            channel.Begin(_rungBy, engine.StateOf(_rungBy));
            error = (Control & EmbeddedDmaControl.LinkedList) != 0 ? await FollowAsync() : await TransferAsync();
        }
        _rung = false;
        if (error != DmaError.None) await AbortAsync(error);
        Status = error is DmaError.None or DmaError.Stopped ? EmbeddedDmaStatus.Stopped : EmbeddedDmaStatus.Halted;
        // A doorbell that was rung while the abort was told starts anew.
        if (_rung) Ring(_rungBy);
    }

    private async ValueTask<DmaError> TransferAsync()
    {
        var error = await MoveAsync();
        if (error == DmaError.None) await TellDoneAsync();
        return error;
    }

    /// <summary>Until an element of data is not for this pass of the list. A list that never ends is followed until somebody stops the channel: each element takes its time.</summary>
    private async ValueTask<DmaError> FollowAsync()
    {
        while (true)
        {
            if (channel.Interruption != DmaError.None) return channel.Interruption;
            var pointer = Get64(EmbeddedDmaRegisters.ListPointer);
            if (pointer % sizeof(uint) != 0) return DmaError.ListFetch;
            var fetched = await channel.FetchAsync(pointer, _element);
            if (fetched != DmaError.None) return fetched;
            var element = LinkedListElement.Read(_element);
            if (element.IsLink)
            {
                if ((element.Control & EmbeddedDmaControl.ToggleCycleBit) != 0) Control ^= EmbeddedDmaControl.CycleState;
                Set64(EmbeddedDmaRegisters.ListPointer, element.Source);
                continue;
            }
            var isDue = ((element.Control & EmbeddedDmaControl.CycleBit) != 0) == ((Control & EmbeddedDmaControl.CycleState) != 0);
            if (!isDue) return DmaError.None;
            Control = (Control & ~FromElement) | (element.Control & FromElement);
            _element.AsSpan(4, 20).CopyTo(_registers.AsSpan((int)EmbeddedDmaRegisters.TransferSize));
            var error = await MoveAsync();
            if (error != DmaError.None) return error;
            Set64(EmbeddedDmaRegisters.ListPointer, pointer + LinkedListElement.Bytes);
            await TellDoneAsync();
        }
    }

    private ValueTask<DmaError> MoveAsync() => channel.MoveAsync(
        new DmaAddress(Get64(EmbeddedDmaRegisters.Source), IsOnBus: !direction.Registers.IsWrite),
        new DmaAddress(Get64(EmbeddedDmaRegisters.Target), IsOnBus: direction.Registers.IsWrite),
        Get32(EmbeddedDmaRegisters.TransferSize));

    private async ValueTask TellDoneAsync()
    {
        engine.Counters.Done++;
        if ((Control & (EmbeddedDmaControl.LocalInterrupt | EmbeddedDmaControl.RemoteInterrupt)) == 0) return;
        direction.Done(this);
        if ((Control & EmbeddedDmaControl.RemoteInterrupt) != 0) await SignalAsync(direction.DoneMessage);
    }

    private async ValueTask AbortAsync(DmaError error)
    {
        engine.Counters.Aborts++;
        direction.Aborted(this, error);
        var tellsHost = (Control & EmbeddedDmaControl.LinkedList) != 0 ? direction.TellsHostOfListErrors(number) : (Control & EmbeddedDmaControl.RemoteInterrupt) != 0;
        if (tellsHost) await SignalAsync(direction.AbortMessage);
    }

    private async ValueTask SignalAsync(ulong address)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_message, direction.MessageDataOf(number));
        await channel.SignalAsync(address, _message);
    }

    private ulong Get64(uint register) => BinaryPrimitives.ReadUInt64LittleEndian(_registers.AsSpan((int)register));

    private void Set64(uint register, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_registers.AsSpan((int)register), value);

    private void Set32(uint register, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_registers.AsSpan((int)register), value);
}
