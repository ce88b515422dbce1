namespace PcieFabric.Requests;

/// <summary>The way of a requester's TLPs into the fabric.</summary>
public interface IRequestPath
{
    /// <summary>Whether a request to this address would go at once. One that would wait is better kept as a transfer: it then takes no tag.</summary>
    bool IsOpen(in Tlp request);

    /// <summary>Takes the TLP and its payload. It was just asked about by <see cref="IsOpen"/>, and has got nothing but a tag and data since.</summary>
    void Send(ref readonly Tlp request);

    /// <summary>Requests waited for their completions in vain, which is an error of the function that sent them (PCIe 6.0 section 2.8).</summary>
    void TimedOut(int requests)
    {
    }
}
