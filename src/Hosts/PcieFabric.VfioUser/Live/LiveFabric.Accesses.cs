using System.Buffers.Binary;
using PcieFabric.Addressing;
using PcieFabric.Engine;
using PcieFabric.Gateways;
using PcieFabric.Memory;
using PcieFabric.Tlps;
using PcieFabric.Units;

namespace PcieFabric.VfioUser.Live;

/// <content>What guests do to functions: each is a request that travels through the fabric.</content>
public sealed partial class LiveFabric
{
    /// <summary>Under one lock there is one access at a time.</summary>
    private const int Ticket = 0;

    /// <summary>Every request is answered or given up long before.</summary>
    private static readonly SimTime LongestAccess = SimTime.FromSeconds(10);

    private readonly byte[] _answer = new byte[Limits.MaxPayloadBytes];
    private int _answerBytes;
    private bool _isAnswered, _isSuccess;

    /// <returns>All ones where nobody answers.</returns>
    public uint ReadConfiguration(LivePlace at, Bdf function, int offset)
    {
        using (Enter()) return Access(at, Tlp.ConfigRead(1, default, 0, function, offset)) ? BinaryPrimitives.ReadUInt32LittleEndian(_answer) : uint.MaxValue;
    }

    /// <param name="byteEnables">Four bits.</param>
    /// <returns>Whether somebody answered.</returns>
    public bool WriteConfiguration(LivePlace at, Bdf function, int offset, uint value, int byteEnables = 15)
    {
        using (Enter()) return Access(at, Tlp.ConfigWrite(1, default, 0, function, offset, value, (byte)byteEnables));
    }

    /// <summary>Reads at an address of the fabric's own bus; all ones where nobody answers.</summary>
    public bool ReadMemory(LivePlace at, ulong address, Span<byte> into)
    {
        var isSuccess = true;
        using (Enter())
        {
            while (!into.IsEmpty)
            {
                var bytes = UpToBoundary(address, into.Length);
                if (Access(at, Tlp.MemoryRead(default, 0, address, bytes)) && _answerBytes == bytes) _answer.AsSpan(0, bytes).CopyTo(into);
                else
                {
                    into[..bytes].Fill(0xFF);
                    isSuccess = false;
                }
                address += (ulong)bytes;
                into = into[bytes..];
            }
        }
        return isSuccess;
    }

    /// <summary>Writes at an address of the fabric's own bus. It is on its way then, as posted writes are.</summary>
    public void WriteMemory(LivePlace at, ulong address, ReadOnlySpan<byte> data)
    {
        using (Enter())
        {
            while (!data.IsEmpty)
            {
                var bytes = UpToBoundary(address, data.Length);
                Access(at, Tlp.MemoryWrite(default, address, data[..bytes], Payloads(at)));
                address += (ulong)bytes;
                data = data[bytes..];
            }
        }
    }

    /// <param name="byteEnables">Four bits.</param>
    /// <returns>All ones where nobody answers.</returns>
    public uint ReadIo(LivePlace at, uint dword, int byteEnables)
    {
        using (Enter()) return Access(at, Tlp.IoRead(default, 0, dword, (byte)byteEnables)) ? BinaryPrimitives.ReadUInt32LittleEndian(_answer) : uint.MaxValue;
    }

    /// <param name="byteEnables">Four bits.</param>
    public void WriteIo(LivePlace at, uint dword, uint value, int byteEnables)
    {
        using (Enter()) Access(at, Tlp.IoWrite(default, 0, dword, (byte)byteEnables, value));
    }

    private static int UpToBoundary(ulong address, int bytes) => Math.Min(bytes, Limits.RequestBoundaryBytes - (int)(address & (Limits.RequestBoundaryBytes - 1)));

    private PayloadPool Payloads(LivePlace at) => DeterministicEngine.PayloadsOf(Fabric.Gateways[at.Host].Inputs);

    private bool Access(LivePlace place, in Tlp request)
    {
        ThrowIfStopped();
        var at = Advance();
        var message = Gateway.AccessOf(in request, Ticket, place.Hierarchy);
        Inject(place.Host, in message, at);
        _isAnswered = false;
        var limitPs = (at + LongestAccess).Picoseconds;
        while (!_isAnswered)
        {
            if (_engine.Now.Picoseconds >= limitPs - 1) throw new InvalidOperationException($"Invariant: an access is answered or given up: {request}");
            Run(limitPs);
        }
        return _isSuccess;
    }

    private void Inject(int host, in Message message, SimTime at)
    {
        var channel = Fabric.Gateways[host].Inputs;
        try
        {
            _recorder?.AddInput(channel.ChannelId, in message, at);
        }
        catch (Exception failure)
        {
            _ended.TrySetException(failure);
            _stopping = true;
            Monitor.PulseAll(_gate);
            throw;
        }
        _engine.Inject(channel, in message, at);
        _hasInput = true;
    }

    private void ThrowIfStopped()
    {
        if (_stopping) throw new ObjectDisposedException(nameof(LiveFabric), "the fabric's time has been stopped");
    }
}
