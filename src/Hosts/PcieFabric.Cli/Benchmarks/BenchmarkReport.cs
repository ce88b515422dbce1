using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using PcieFabric.Input;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>What <c>bench --json</c> prints, <c>--save</c> keeps and <c>--compare</c> reads.</summary>
/// <param name="Comparison">With <c>--compare</c> alone.</param>
internal sealed record BenchmarkReport(MachineDescription Machine, IReadOnlyList<BenchmarkResult> Benchmarks, IReadOnlyList<FigureComparison>? Comparison = null)
{
    /// <exception cref="InputException">It is no such file.</exception>
    public static BenchmarkReport Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), BenchmarkJson.Default.BenchmarkReport) ?? throw new JsonException();
        }
        catch (JsonException wrong)
        {
            throw new InputException($"{path}: no figures of 'bench --save'", "write them with 'pciefabric bench --save FILE'", inner: wrong);
        }
    }

    public void Write(TextWriter output) => output.WriteLine(JsonSerializer.Serialize(this, BenchmarkJson.Default.BenchmarkReport));
}

/// <summary>Where figures were measured, and the medians of its bounds there.</summary>
/// <param name="Queue">Nanoseconds a message.</param>
/// <param name="Memcpy">GB/s.</param>
/// <param name="Share">Of that speed which the runs had, in percent: less than 100 where other work took processors.</param>
internal sealed record MachineDescription(int Processors, string Runtime, double Queue, double Memcpy, double Share)
{
    public static MachineDescription Of(IReadOnlyList<MachineSpeeds> speeds) => new(
        Environment.ProcessorCount,
        $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}",
        1e9 / Cost.MedianOf([.. speeds.Select(speed => speed.Best.MessagesPerSecond)]),
        Cost.MedianOf([.. speeds.Select(speed => speed.Best.BytesPerSecond)]) / 1e9,
        100 * Cost.MedianOf([.. speeds.Select(speed => speed.Sustained.MessagesPerSecond / speed.Best.MessagesPerSecond)]));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true,
    WriteIndented = true)]
[JsonSerializable(typeof(BenchmarkReport))]
internal sealed partial class BenchmarkJson : JsonSerializerContext;
