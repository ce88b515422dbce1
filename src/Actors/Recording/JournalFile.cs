using PcieFabric.Input;

namespace PcieFabric.Recording;

/// <summary>
/// A journal on the disk, under a temporary name until it is complete. So under its own name there is a whole journal or none, and after a crash
/// the part that was written is still there under the other.
/// </summary>
internal sealed class JournalFile : Stream
{
    private const int BufferBytes = 1 << 18;

    private readonly string _path;
    private readonly FileStream _file;

    /// <exception cref="InputException">The file cannot be made.</exception>
    public JournalFile(string path)
    {
        _path = path;
        FileTarget.Check(path);
        try
        {
            _file = new FileStream(PartialPath, FileMode.Create, FileAccess.Write, FileShare.Read, BufferBytes);
        }
        catch (DirectoryNotFoundException wrong)
        {
            throw new InputException($"'{path}' cannot be written: its directory does not exist", "make the directory first, or name another", inner: wrong);
        }
        catch (UnauthorizedAccessException wrong)
        {
            throw new InputException($"'{path}' may not be written", "look at the permissions of its directory", inner: wrong);
        }
    }

    /// <summary>Where the journal is until it is complete.</summary>
    public string PartialPath => _path + ".partial";

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => _file.Length;
    public override long Position { get => _file.Position; set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            _file.Write(buffer);
        }
        catch (IOException wrong)
        {
            throw Failed(wrong);
        }
    }

    public override void Flush()
    {
        try
        {
            _file.Flush(flushToDisk: false);
        }
        catch (IOException wrong)
        {
            throw Failed(wrong);
        }
    }

    /// <summary>All is written: gives the file its name, in place of one that was there.</summary>
    public void Complete()
    {
        Flush();
        _file.Dispose();
        File.Move(PartialPath, _path, overwrite: true);
    }

    protected override void Dispose(bool disposing)
    {
        try
        {
            _file.Dispose();
        }
        catch (IOException wrong)
        {
            throw Failed(wrong);
        }
        base.Dispose(disposing);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    private IOException Failed(IOException wrong) => new($"the journal cannot be written: {wrong.Message}; what was recorded before is in '{PartialPath}'", wrong) { HResult = wrong.HResult };
}
