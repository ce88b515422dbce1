namespace PcieFabric.EndpointFunctions;

/// <summary>
/// A function that does DMA on demand, for experiments: the host fills in its registers and starts it, it performs the operations, keeps when each began
/// and ended, and raises interrupt 0. The registers are the last 64 bytes of BAR 0; everything else in its BARs is memory.
/// </summary>
/// <remarks>
/// <code>
/// 0x00 control     bit 0 start, bit 1 write, bit 2 read, bit 3 read back the last DW written before reporting done,
///                  bit 4 let the controller's DMA channel move the data (see BoundDmaTest; nothing here)
/// 0x04 status      bit 0 busy, bit 1 done; read-only
/// 0x08 0x0C        bus address to write to
/// 0x10 0x14        bus address to read from
/// 0x18 bytes       of an operation
/// 0x1C operations
/// 0x20 under way   operations at once, at least 1
/// 0x24 slots       operations after which the address starts again, at least 1
/// 0x28 stride      bytes from one slot to the next
/// 0x2C seed        of the data that is written and expected
/// 0x30 failed      operations; read-only
/// </code>
/// Operations of no bytes, and more buffers than <see cref="Limits.MaxDmaTestBytes"/>, are done at once and have all failed. With both bit 1 and bit 2 an operation is a write and a read side by side, and the next begins when both have ended.
/// </remarks>
public sealed class DmaTest : EndpointFunction
{
    public const ulong RegisterBytes = 64;

    public const int Control = 0x00, Status = 0x04, WriteAddress = 0x08, ReadAddress = 0x10, OperationBytes = 0x18, Operations = 0x1C,
        UnderWay = 0x20, Slots = 0x24, Stride = 0x28, Seed = 0x2C, Failed = 0x30;

    public const uint StartBit = 1, WriteBit = 2, ReadBit = 4, ReadBackBit = 8, EngineBit = 16;
    public const uint Busy = 1, Done = 2;

    private readonly int _tags;
    private readonly bool _usesAddressTranslation;
    private uint[]? _registers;
    private List<DmaTestRun>? _runs;
    private DmaTestRun? _run;
    private uint _refused;

    /// <param name="tags">Read requests that may be under way at once; fewer if software enables fewer tags.</param>
    /// <param name="usesAddressTranslation">It has ATS, and uses it where software enables it.</param>
    public DmaTest(int tags = Limits.MaxTags, bool usesAddressTranslation = false) => (_tags, _usesAddressTranslation) = (tags, usesAddressTranslation);

    /// <summary>In the order of their start. To be read when the engine stands still.</summary>
    public IReadOnlyList<DmaTestRun> Runs => _runs ?? [];

    /// <summary>With ATS the host may address it before: to have translations forgotten.</summary>
    protected internal override bool SleepsUntilReached => !_usesAddressTranslation;

    protected internal override Task RunAsync()
    {
        if (_usesAddressTranslation) UseAddressTranslation();
        return Task.CompletedTask;
    }

    protected internal override AddressRange RegistersIn(int bar, ulong sizeBytes) =>
        bar == 0 && sizeBytes >= RegisterBytes ? new AddressRange(sizeBytes - RegisterBytes, RegisterBytes) : AddressRange.Empty;

    protected internal override uint ReadRegister(int bar, ulong offset)
    {
        var register = (int)(offset % RegisterBytes);
        return register switch
        {
            Failed => (uint)(_run?.Failed ?? 0) + _refused,
            _ => _registers?[register / 4] ?? 0,
        };
    }

    protected internal override void WriteRegister(int bar, ulong offset, uint value, int byteEnables)
    {
        var register = (int)(offset % RegisterBytes);
        if (register is Status or Failed) return;
        // Most functions of a large fabric are never programmed.
        _registers ??= new uint[RegisterBytes / 4];
        var mask = 0u;
        for (var i = 0; i < 4; i++) mask |= (byteEnables >> i & 1) != 0 ? 0xFFu << 8 * i : 0;
        var isBusy = (_registers[Status / 4] & Busy) != 0;
        if (!isBusy) _registers[register / 4] = _registers[register / 4] & ~mask | value & mask;
        if (register != Control || (value & mask & StartBit) == 0 || isBusy) return;
        _registers[Status / 4] = Busy;
        Start(PerformAsync);
    }

    protected internal override void Reset()
    {
        _registers = null;
        if (_run is { } run) run.IsOver = true;
        _run = null;
        _refused = 0;
    }

    private uint this[int register] => _registers![register / 4];

    private ulong Address(int register) => this[register] | (ulong)this[register + 4] << 32;

    private async Task PerformAsync()
    {
        var (writes, reads) = ((this[Control] & WriteBit) != 0, (this[Control] & ReadBit) != 0);
        // Neither a write nor a read takes no time, however often.
        var operations = writes || reads ? this[Operations] : 0;
        _refused = 0;
        if (!DmaTestRun.IsPossible(operations, this[OperationBytes], this[UnderWay]))
        {
            (_run, _refused) = (null, operations);
            End();
            return;
        }
        var order = new Order(
            Address(WriteAddress), Address(ReadAddress), writes, reads,
            Math.Max(1, this[Slots]), this[Stride], new TestPattern(this[Seed], (int)this[OperationBytes]));
        var readsBack = (this[Control] & ReadBackBit) != 0;
        var run = new DmaTestRun((int)operations, (int)this[OperationBytes], order.Reads);
        _run = run;
        (_runs ??= []).Add(run);
        LimitOutstanding(_tags);

        var workers = new Task[Math.Min(run.Operations, Math.Max(1, this[UnderWay]))];
        for (var i = 0; i < workers.Length; i++) workers[i] = WorkAsync(run, order);
        await Task.WhenAll(workers);
        // Like every read it stays behind the writes; whether the other side lets it be read is of no concern.
        if (readsBack && !run.IsOver) await DmaReadAsync(order.WriteAddress & ~3ul, new byte[4]);
        if (!run.IsOver) End();
    }

    private void End()
    {
        _registers![Status / 4] = Done;
        RaiseInterrupt(0);
    }

    private async Task WorkAsync(DmaTestRun run, Order order)
    {
        var buffer = new byte[order.Reads ? run.OperationBytes : 0];
        while (run.TryBegin(Now, out var operation))
        {
            var slot = operation % order.Slots;
            var data = order.Pattern.Of(slot);
            var offset = (ulong)slot * order.Stride;
            var write = order.Writes ? DmaWriteAsync(order.WriteAddress + offset, data) : default;
            if (order.Reads)
            {
                var result = await DmaReadAsync(order.ReadAddress + offset, buffer);
                run.ReadEndsPs[operation] = Now.Picoseconds;
                if (!result.IsSuccess || !buffer.AsSpan().SequenceEqual(data.Span)) run.Failed++;
            }
            await write;
        }
    }

    private sealed record Order(ulong WriteAddress, ulong ReadAddress, bool Writes, bool Reads, long Slots, uint Stride, TestPattern Pattern);
}
