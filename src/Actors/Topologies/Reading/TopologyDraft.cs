using PcieFabric.Documents.Shapes;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Input;

namespace PcieFabric.Topologies.Reading;

/// <summary>A topology as its file has it, before names are resolved.</summary>
internal sealed record TopologyDraft(
    string Name, string Description, LinkOverrides DefaultLink,
    IReadOnlyList<Named<FunctionDefinition>> Functions, IReadOnlyList<Named<EndpointDraft>> Endpoints, IReadOnlyList<Named<SwitchDraft>> Switches,
    IReadOnlyList<Named<ControllerProfile>> Controllers, IReadOnlyList<Named<HostDraft>> Hosts, PartitionHint Partitions, SourceLocation Source);
