using System.Runtime.CompilerServices;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>One of the AER registers that have a bit for each error.</summary>
/// <typeparam name="TError">An enumeration of bytes whose values are bit numbers.</typeparam>
public sealed class ErrorBits<TError>
    where TError : struct, Enum
{
    private readonly Register _register;
    private readonly Flag?[] _flags = new Flag?[32];

    internal ErrorBits(Register register, Access access, params ReadOnlySpan<TError> setAtReset)
    {
        _register = register;
        foreach (var error in Enum.GetValues<TError>())
        {
            var isSet = false;
            foreach (var other in setAtReset) isSet |= BitOf(other) == BitOf(error);
            _flags[BitOf(error)] = register.Flag(BitOf(error), error.ToString(), access, isSet);
        }
    }

    public Flag this[TError error] => _flags[BitOf(error)] ?? throw new ArgumentOutOfRangeException(nameof(error), error, "AER has no such error");

    /// <summary>The whole register, bit by bit.</summary>
    public uint Value(ConfigSpace space) => space.Read(new RegisterOffset(_register.Block.Offset + _register.Offset));

    private static int BitOf(TError error) => Unsafe.As<TError, byte>(ref error);
}
