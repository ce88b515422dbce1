using PcieFabric.EndpointControllers;

namespace PcieFabric.HostDrivers;

/// <summary>How a request to a driver ended.</summary>
/// <param name="Errno">None for success.</param>
/// <param name="IsHung">It did not end: the driver waits for what will never come.</param>
public readonly record struct DriverResult(Errno Errno, bool IsHung = false)
{
    public static readonly DriverResult Success;
    public static readonly DriverResult Hung = new(Errno.None, IsHung: true);

    public bool IsSuccess => Errno == Errno.None && !IsHung;

    public static implicit operator DriverResult(Errno errno) => new(errno);

    public override string ToString() => IsHung ? "hangs" : Errno == Errno.None ? "success" : Errno.ToString();
}
