namespace PcieFabric.VfioUser.Interop;

/// <summary>Error numbers of Linux (<c>include/uapi/asm-generic/errno*.h</c>), which the protocol carries as they are. Any other number may arrive too.</summary>
public enum Errno
{
    None = 0,
    ENOENT = 2,
    EINTR = 4,
    EIO = 5,
    E2BIG = 7,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EFAULT = 14,
    EEXIST = 17,
    ENODEV = 19,
    EINVAL = 22,
    ENOTTY = 25,
    ENOSPC = 28,
    EPIPE = 32,
    ENOSYS = 38,
    EPROTO = 71,
    EADDRINUSE = 98,
    ECONNABORTED = 103,
    ECONNRESET = 104,
    ENOBUFS = 105,
    ETIMEDOUT = 110,
    ECONNREFUSED = 111,
}
