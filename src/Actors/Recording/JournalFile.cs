using Microsoft.Win32.SafeHandles;
using PcieFabric.Input;

namespace PcieFabric.Recording;

/// <summary>
/// A journal on the disk, under a temporary name until it is complete. So under its own name there is a whole journal or none, and after a crash
/// the part that was written is still there under the other.
/// </summary>
internal sealed class JournalFile : Stream
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private long _position;

    /// <exception cref="InputException">The file cannot be made.</exception>
    public JournalFile(string path)
    {
        _path = path;
        FileTarget.Check(path);
        try
        {
            // Not FileMode.Create, which truncates even what is empty: then ext4 brings everything to the disk before it lets the file be closed.
            _file = File.OpenHandle(PartialPath, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
            if (RandomAccess.GetLength(_file) > 0) RandomAccess.SetLength(_file, 0);
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
    public override long Length => _position;
    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            RandomAccess.Write(_file, buffer, _position);
        }
        catch (IOException wrong)
        {
            throw Failed(wrong);
        }
        _position += buffer.Length;
    }

    /// <summary>Nothing is kept back.</summary>
    public override void Flush()
    {
    }

    /// <summary>All is written: gives the file its name, in place of one that was there.</summary>
    public void Complete()
    {
        _file.Dispose();
        File.Move(PartialPath, _path, overwrite: true);
    }

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    private IOException Failed(IOException wrong) => new($"the journal cannot be written: {wrong.Message}; what was recorded before is in '{PartialPath}'", wrong) { HResult = wrong.HResult };
}
