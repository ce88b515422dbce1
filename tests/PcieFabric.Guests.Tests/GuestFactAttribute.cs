namespace PcieFabric.Guests.Tests;

/// <summary>A test that boots a guest, or builds what one is made of.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GuestFactAttribute : FactAttribute
{
    public GuestFactAttribute() => Skip = GuestKit.Lack;
}
