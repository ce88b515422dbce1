namespace PcieFabric.VfioUser.Devices;

/// <summary>What a client did to vectors.</summary>
public enum InterruptChange
{
    /// <summary>It listens for them from now on.</summary>
    Enabled,

    Disabled,

    Masked,

    Unmasked,
}
