using PcieFabric.Documents.Shapes;

namespace PcieFabric.Experiments;

/// <summary>A kind of workload as files name it.</summary>
/// <param name="Name">The value of <c>kind</c>.</param>
/// <param name="LargestBytes">Of one operation.</param>
/// <param name="Keys">Beside those that all workloads have.</param>
/// <param name="Make">Makes the definition from <paramref name="Keys"/>, and from the sizes where they matter; the schema fills in the rest.</param>
internal sealed record WorkloadKind(string Name, string Documentation, long LargestBytes, Key[] Keys, Func<Fields, IReadOnlyList<int>, WorkloadDefinition> Make);
