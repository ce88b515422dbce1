namespace PcieFabric.Journals;

/// <summary>How a record has its body. The numbers are the file's.</summary>
public enum RecordForm
{
    /// <summary>It follows; the record's last number is the bytes of it.</summary>
    Whole = 0,

    /// <summary>It is that of a record before it in the block, which starts so many bytes back.</summary>
    Repeated = 1,

    /// <summary>It follows, a TLP whose payload gets the next number of all payloads.</summary>
    Numbered = 2,

    /// <summary>It is that of the record whose payload has a number so much lower than the next one will.</summary>
    Shared = 3,

    /// <summary>The same, of the payload that comes after that of the record before on the channel.</summary>
    SharedNext = 4,

    /// <summary>The TLP's prefix and header follow; the payload is the one whose number is so much lower.</summary>
    SharedData = 5,
}
