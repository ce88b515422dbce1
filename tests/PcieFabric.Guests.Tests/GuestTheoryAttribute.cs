namespace PcieFabric.Guests.Tests;

/// <summary>As <see cref="GuestFactAttribute"/>, once for each row of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GuestTheoryAttribute : TheoryAttribute
{
    public GuestTheoryAttribute() => Skip = GuestKit.Lack;
}
