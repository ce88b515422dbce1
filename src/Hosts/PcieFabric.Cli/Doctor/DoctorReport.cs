using System.Text.Json.Serialization;

namespace PcieFabric.Cli.Doctor;

/// <summary>What <c>doctor --json</c> prints.</summary>
/// <param name="Ready">Whether all is there that the default work or <c>--require</c> asks for; the exit code says the same.</param>
internal sealed record DoctorReport(bool Ready, IReadOnlyList<DoctorReport.Entry> Requirements)
{
    /// <param name="Name">What <c>--require</c> calls it.</param>
    /// <param name="Required">Whether the exit code depends on it.</param>
    /// <param name="Found">Whether it is there, in a version that will do.</param>
    /// <param name="Detail">The version or amount found, or what is lacking.</param>
    /// <param name="Purpose">What it is for.</param>
    /// <param name="Remedy">How to get it.</param>
    internal sealed record Entry(string Name, bool Required, bool Found, string Detail, string Purpose, string Remedy);
}

/// <summary>Serialisation made at build time: reflection would cost more than all the probes.</summary>
[JsonSerializable(typeof(DoctorReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class DoctorJson : JsonSerializerContext;
