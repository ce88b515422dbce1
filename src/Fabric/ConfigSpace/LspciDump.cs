using PcieFabric.Addressing;

namespace PcieFabric.ConfigSpaces;

/// <summary>Configuration spaces as <c>lspci -xxxx</c> prints them and <c>lspci -F</c> reads them.</summary>
public static class LspciDump
{
    private const int BytesPerRow = 16;

    /// <summary>One function: a line with its address and class, and a row of hex for each 16 bytes.</summary>
    /// <param name="segment">Segment group, called domain by Linux: 0 to 65535.</param>
    public static void Write(TextWriter writer, Bdf id, ConfigSpace space, int segment = 0)
    {
        var identity = space.Layout.Header.Identity;
        writer.Write($"{segment:x4}:{id} {identity.ClassCode >> 8:x4}: {identity.VendorId:x4}:{identity.DeviceId:x4}\n");
        for (var row = 0; row < Limits.ConfigSpaceBytes; row += BytesPerRow)
        {
            writer.Write(row < Limits.ConventionalConfigSpaceBytes ? $"{row:x2}:" : $"{row:x3}:");
            for (var offset = row; offset < row + BytesPerRow; offset += 4)
            {
                var dword = space.Read(new RegisterOffset(offset));
                writer.Write($" {dword & 0xFF:x2} {dword >> 8 & 0xFF:x2} {dword >> 16 & 0xFF:x2} {dword >> 24:x2}");
            }
            writer.Write('\n');
        }
        writer.Write('\n');
    }
}
