using PcieFabric.EndpointControllers;
using PcieFabric.Engine;

namespace PcieFabric.Doorbells;

/// <summary>One doorbell of a function: what the host writes, and what is called then.</summary>
public sealed class Doorbell : ActorSynchronizationContext.IAwaited
{
    private readonly DoorbellSet _set;

    internal Doorbell(DoorbellSet set, int number, ulong localAddress, uint data) => (_set, Number, LocalAddress, Data) = (set, number, localAddress, data);

    /// <summary>In its set, from zero.</summary>
    public int Number { get; }

    public DoorbellKind Kind => _set.Kind;

    /// <summary>Of the DW that the host's write must reach.</summary>
    public ulong LocalAddress { get; }

    /// <summary>What the host is to write.</summary>
    public uint Data { get; }

    /// <summary>Where the DW is in the BAR that shows <see cref="DoorbellSet.WindowAddress"/>, or in the reserved one that shows it anyway.</summary>
    public ulong Offset => _set.Bar >= 0 ? _set.BarOffset : LocalAddress - _set.WindowAddress;

    /// <summary>How often it was called. For kinds that coalesce that is less often than it was rung.</summary>
    public long Rings { get; private set; }

    /// <summary>Called for each interrupt, in a turn of the function's software. It may start operations.</summary>
    public Action<Doorbell>? Handler { get; set; }

    /// <summary>Whether rings are held back, for <see cref="DoorbellKind.Ims"/>; as software has set it.</summary>
    public bool IsMasked { get; internal set; }

    /// <summary>The doorbell whose handler is called when this one is rung, for <see cref="DoorbellKind.Ims"/>; as software has set it.</summary>
    public Doorbell Target { get => field ?? this; internal set; }

    /// <summary>The interrupt that is its own.</summary>
    internal int Event { get; init; } = -1;

    /// <summary>Its number in the message store.</summary>
    internal int Entry { get; init; } = -1;

    /// <summary>Of its message, in the store's page or in memory.</summary>
    internal ulong Message { get; init; }

    /// <summary>Rings are held back from now on: the first is pending, and further ones are the same. Refused for kinds whose messages are fixed.</summary>
    public ValueTask<ControllerResult> MaskAsync() => _set.Owner.ChangeAsync(this, isMasked: true, Target);

    /// <summary>What is pending is delivered, once.</summary>
    /// <inheritdoc cref="MaskAsync"/>
    public ValueTask<ControllerResult> UnmaskAsync() => _set.Owner.ChangeAsync(this, isMasked: false, Target);

    /// <summary>
    /// Rings call another doorbell's handler from now on, those that are pending included. The host notices nothing, and no ring is lost or doubled: the message is changed in one piece.
    /// </summary>
    /// <param name="target">Of the same function.</param>
    /// <inheritdoc cref="MaskAsync"/>
    public ValueTask<ControllerResult> RetargetAsync(Doorbell target) => _set.Owner.ChangeAsync(this, IsMasked, target);

    void ActorSynchronizationContext.IAwaited.Resume()
    {
        if (IsFreed)
        {
            Owner.CameLate();
            return;
        }
        Rings++;
        Handler?.Invoke(this);
    }

    internal bool IsFreed => _set.IsFreed;

    internal FunctionDoorbells Owner => _set.Owner;
}
