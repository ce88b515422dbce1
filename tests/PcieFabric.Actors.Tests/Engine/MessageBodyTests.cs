using System.Reflection;
using System.Runtime.InteropServices;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.InterruptControllers;
using PcieFabric.Ports;

namespace PcieFabric.Actors.Tests.Engine;

public class MessageBodyTests
{
    /// <summary>Bytes that belong to no field hold whatever the stack held, and would reach digests and journals.</summary>
    [Theory]
    [InlineData(typeof(Route))]
    [InlineData(typeof(CreditReturn))]
    [InlineData(typeof(FunctionState))]
    [InlineData(typeof(Interrupt))]
    [InlineData(typeof(PcieFabric.Engine.Timer))]
    public void ABodyHasNoPadding(Type body) => Assert.Equal(FieldBytes(body), SizeOf(body));

    [Fact]
    public void AMessageIsACacheLineAndABodyFitsIt()
    {
        Assert.Equal(Message.SizeBytes, SizeOf(typeof(Message)));
        Assert.True(SizeOf(typeof(Route)) <= Message.BodyBytes);
    }

    private static int FieldBytes(Type type) => type.IsPrimitive || type.IsEnum
        ? SizeOf(type)
        : type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Sum(f => FieldBytes(f.FieldType));

    /// <summary>As the runtime lays it out: a bool is a byte, unlike for <see cref="Marshal.SizeOf(Type)"/>.</summary>
    private static int SizeOf(Type type) =>
        (int)typeof(System.Runtime.CompilerServices.Unsafe).GetMethod(nameof(System.Runtime.CompilerServices.Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}
