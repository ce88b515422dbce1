using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PcieFabric.Journals;

namespace PcieFabric.Engine;

/// <summary>
/// What actors exchange: sixty-four bytes, one cache line, no managed reference. So every message can be stored, compared,
/// journalled and sent to another process as it is.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public struct Message
{
    public const int SizeBytes = 64;
    public const int BodyBytes = 48;

    /// <summary>When the receiver gets it, in picoseconds. Set by <see cref="ActorRef.Tell"/>.</summary>
    [FieldOffset(0)] public long DeliveredAtPs;

    [FieldOffset(8)] public MessageKind Kind;

    /// <summary>Which of its inlets the receiver got it on. Set by <see cref="ActorRef.Tell"/>.</summary>
    [FieldOffset(10)] public ushort Inlet;

    /// <summary>What the receiver of a TLP needs beside it: on a link <see cref="TailPs"/>, towards the model of a function which BAR was hit.</summary>
    [FieldOffset(12)] public uint Detail;

    /// <summary>The body of <see cref="MessageKind.Tlp"/>.</summary>
    [FieldOffset(16)] public Tlp Tlp;

    /// <summary>Under cut-through: how long after the head the tail arrives, in picoseconds.</summary>
    public readonly uint TailPs => Detail;

    /// <summary>The body is a TLP, and its payload goes with it.</summary>
    public readonly bool CarriesTlp => Kind is MessageKind.Tlp or MessageKind.OwnTlp or MessageKind.RefusedTlp;

    public static Message Of(in Tlp tlp, long detail = 0)
    {
        Unsafe.SkipInit(out Message message);
        message.Kind = MessageKind.Tlp;
        message.Detail = (uint)detail;
        message.Tlp = tlp;
        return message;
    }

    /// <inheritdoc cref="MessageKind.OwnTlp"/>
    public static Message OfOwn(in Tlp tlp)
    {
        var message = Of(in tlp);
        message.Kind = MessageKind.OwnTlp;
        return message;
    }

    /// <inheritdoc cref="MessageKind.RefusedTlp"/>
    public static Message OfRefused(in Tlp tlp, UncorrectableError error)
    {
        var message = Of(in tlp, (long)error);
        message.Kind = MessageKind.RefusedTlp;
        return message;
    }

    /// <param name="body">Without padding, whose bytes would differ from run to run. At most <see cref="BodyBytes"/> bytes; unused bytes of the message are zero.</param>
    public static Message Of<T>(MessageKind kind, in T body)
        where T : unmanaged
    {
        if (BodyPadding<T>.Bytes != 0) throw new InvalidOperationException($"Invariant: {typeof(T).Name} has {BodyPadding<T>.Bytes} bytes of padding: runs would differ; pack it");
        var message = new Message { Kind = kind };
        message.Body<T>() = body;
        return message;
    }

    /// <summary>The body of a message other than a TLP.</summary>
    [UnscopedRef]
    public ref T Body<T>()
        where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() > BodyBytes) throw new InvalidOperationException($"Invariant: {typeof(T).Name} does not fit a message body");
        return ref Unsafe.As<Tlp, T>(ref Tlp);
    }

    /// <inheritdoc cref="Body"/>
    public readonly T Read<T>()
        where T : unmanaged => Unsafe.AsRef(in this).Body<T>();

    /// <summary>Adds all that the receiver can see.</summary>
    public readonly void AddTo(ref Digest digest)
    {
        digest.Add((ulong)DeliveredAtPs);
        digest.Add((ulong)Kind | (ulong)Inlet << 16 | (ulong)Detail << 32);
        if (CarriesTlp)
        {
            Tlp.AddTo(ref digest);
            return;
        }
        ref var words = ref Unsafe.As<Tlp, ulong>(ref Unsafe.AsRef(in Tlp));
        for (var i = 0; i < BodyBytes / sizeof(ulong); i++) digest.Add(Unsafe.Add(ref words, i));
    }
}
