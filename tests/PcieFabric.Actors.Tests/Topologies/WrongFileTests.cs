using PcieFabric.Actors.Tests.Documents;
using PcieFabric.Documents;
using PcieFabric.Input;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Actors.Tests.Topologies;

public sealed class WrongFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pciefabric-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AFileThatIsAbsentIsNamedWithTheOneThatWasMeant() =>
        MustBeRefused(Path.Combine(Shipped.Config, "topologies", "minimum.yaml"), "does not exist", "did you mean 'minimal.yaml'?");

    [Fact]
    public void AFolderThatIsAbsentIsNamed() => MustBeRefused(Path.Combine(_folder, "no", "such.yaml"), "does not exist", "there is no directory");

    [Fact]
    public void ADirectoryIsNoTopology() => MustBeRefused(_folder, "is a directory", "YAML file");

    [Fact]
    public void BytesThatAreNoTextAreRefused()
    {
        var path = Path.Combine(_folder, "binary.yaml");
        File.WriteAllBytes(path, [0x6E, 0xFF, 0xFE, 0x00]);
        MustBeRefused(path, "is not UTF-8 text", "is it YAML?");
    }

    [Fact]
    public void AHugeFileIsNotRead()
    {
        var path = Path.Combine(_folder, "huge.yaml");
        using (var file = File.Create(path))
            file.SetLength(Limits.MaxDocumentBytes + 1);
        MustBeRefused(path, "is larger than 1048576 bytes", "is it YAML?");
    }

    [DeviceFact]
    public void ADeviceThatNeverEndsIsNotReadToItsEnd() => MustBeRefused("/dev/zero", "is larger than 1048576 bytes", "is it YAML?");

    [Theory]
    [InlineData("[", "nested more than 32 deep")]
    [InlineData("? ", "nested more than 32 deep")]
    [InlineData("a", "must be a mapping")]
    [InlineData("k: &k [*k]\n", "unknown anchor 'k'")]
    [InlineData("- 64 B\n", "must be a mapping")]
    [InlineData("\n", "the file is empty")]
    [InlineData("\"", "not YAML")]
    [InlineData("{a: ", "nested more than 32 deep")]
    public void AMegabyteOfTheSameIsRefused(string unit, string message)
    {
        var text = string.Concat(Enumerable.Repeat(unit, Limits.MaxDocumentBytes / unit.Length));
        var wrong = Assert.Throws<InputException>(() => TopologyReader.Read(new SourceText("huge.yaml", text)));
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
        Assert.InRange(wrong.Line.Length, 1, 1200);
    }

    [UnprivilegedFact]
    public void AFileThatMayNotBeReadIsNamed()
    {
        var path = Path.Combine(_folder, "secret.yaml");
        File.WriteAllText(path, "name: t");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.None);
        MustBeRefused(path, "may not be read", "permissions");
    }

    private static void MustBeRefused(string path, string message, string hint)
    {
        var wrong = Assert.Throws<InputException>(() => TopologyReader.Read(path));
        Assert.Contains($"'{path}' {message}", wrong.Message, StringComparison.Ordinal);
        Assert.Contains(hint, wrong.Hint, StringComparison.Ordinal);
    }

    private sealed class UnprivilegedFactAttribute : FactAttribute
    {
        public UnprivilegedFactAttribute()
        {
            if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
                Skip = "nothing is unreadable to a privileged user";
        }
    }

    private sealed class DeviceFactAttribute : FactAttribute
    {
        public DeviceFactAttribute()
        {
            if (!File.Exists("/dev/zero"))
                Skip = "there is no /dev/zero";
        }
    }
}
