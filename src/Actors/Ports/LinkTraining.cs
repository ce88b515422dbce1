using System.Runtime.InteropServices;

namespace PcieFabric.Ports;

/// <summary>
/// The body of <see cref="Engine.MessageKind.LinkTraining"/>: what the training sequences and their absence say. It stands for the whole of
/// Detect, Polling and Configuration (PCIe 6.0 section 4.2.6).
/// </summary>
/// <param name="Attempt">The sender's own count of how often it came and went: what is older than the latest is void.</param>
/// <param name="InReplyTo">The receiver's count, where this answers it; zero where it answers nothing.</param>
/// <param name="IsReady">The sender is there; otherwise it goes.</param>
/// <param name="IsHotReset">It goes because it sends a hot reset.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct LinkTraining(int Attempt, int InReplyTo, bool IsReady, bool IsHotReset);

/// <summary>What a message of the partner did to a link.</summary>
public enum LinkChange : byte
{
    None,
    WentUp,
    WentDown,

    /// <summary>It went down, or is down already, and this end is to reset itself and all below it.</summary>
    HotReset,
}
