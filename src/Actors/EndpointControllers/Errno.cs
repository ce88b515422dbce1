namespace PcieFabric.EndpointControllers;

/// <summary>Error numbers as Linux has them, under the names that its endpoint framework and its tests use.</summary>
public enum Errno
{
    None = 0,
    EPERM = 1,
    EIO = 5,
    ENOMEM = 12,
    EBUSY = 16,
    ENODEV = 19,
    EINVAL = 22,
    ENOSPC = 28,
    ERANGE = 34,
    ENODATA = 61,
    ENOLINK = 67,
    EOPNOTSUPP = 95,
    ENOBUFS = 105,
    ETIMEDOUT = 110,
}
