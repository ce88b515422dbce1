namespace PcieFabric.Iommus;

/// <summary>What the root complex is to do with a TLP that an IOMMU hands it; travels as <see cref="Engine.Message.Detail"/>.</summary>
public enum IommuVerdict : uint
{
    /// <summary>Whatever it would do without an IOMMU: the address is one of its own.</summary>
    Pass = 0,

    /// <summary>Answer Unsupported Request, or drop it if it is posted.</summary>
    Refuse = 1,

    /// <summary>The IOMMU has dealt with it: drop it, without an answer.</summary>
    Drop = 2,

    /// <summary>As <see cref="Drop"/>, but the request keeps its place in the receiver until the answer, which the IOMMU sends with <see cref="SendDown"/>, has left.</summary>
    Answered = 3,

    /// <summary>The IOMMU made it: send it down, a completion to the port it came from, a message to the bus that it names.</summary>
    SendDown = 4,
}
