using System.Runtime.InteropServices;

namespace PcieFabric.Cli.CommandLine;

/// <summary>
/// Standard output that notices when its reader has left. The console stream of .NET drops such bytes in silence, so that
/// <c>yes 00000001... | pciefabric tlp decode | head -1</c> would never end.
/// </summary>
internal sealed partial class StandardOutput : Stream
{
    private const int OutputDescriptor = 1, Interrupted = 4, WouldBlock = 11, BrokenPipe = 32;

    /// <summary>How long to wait when a non-blocking pipe or terminal is full, in milliseconds.</summary>
    private const int RetryMs = 1;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="OutputClosedException">The reader has left.</exception>
    /// <exception cref="IOException">Anything else, such as a full disk; the HResult is the errno.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var written = WriteDescriptor(OutputDescriptor, buffer, (nuint)buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    break;
                case WouldBlock:
                    Thread.Sleep(RetryMs);
                    break;
                case BrokenPipe:
                    throw new OutputClosedException();
                case var error:
                    throw new IOException($"standard output: {Marshal.GetPInvokeErrorMessage(error)}", error);
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteDescriptor(int descriptor, ReadOnlySpan<byte> buffer, nuint count);
}
