using System.Reflection;
using System.Runtime.CompilerServices;

namespace PcieFabric.Engine;

/// <summary>Bytes of a message body that belong to no field. They hold whatever the stack held, which differs from run to run, and would reach digests.</summary>
internal static class BodyPadding<T>
    where T : unmanaged
{
    public static readonly int Bytes = Unsafe.SizeOf<T>() - FieldBytes(typeof(T));

    private static int FieldBytes(Type type)
    {
        if (type.IsPrimitive || type.IsEnum) return RuntimeHelpers.SizeOf(type.TypeHandle);
        var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Sum(field => FieldBytes(field.FieldType));
        return type.GetCustomAttribute<InlineArrayAttribute>() is { } array ? array.Length * fields : fields;
    }
}
