using PcieFabric.VfioUser.Interop;

namespace PcieFabric.VfioUser.Devices;

/// <summary>Gets what a DMA read found. Called once, on the thread that serves the client, or on the caller's if the client has left.</summary>
/// <param name="data">Valid until it returns; empty after an error.</param>
public delegate void DmaReadCompletion(ReadOnlySpan<byte> data, Errno error);

/// <summary>Hears of a DMA write that the client has answered; as <see cref="DmaReadCompletion"/>.</summary>
public delegate void DmaWriteCompletion(Errno error);

/// <summary>
/// Who a function is served to: a virtual machine monitor and its guest's memory, at addresses of DMA. Thread-safe. Nothing here waits for the client,
/// and after it has left everything fails.
/// </summary>
public interface IVfioUserClient
{
    /// <summary>The memory that the client shares with us. Try it first.</summary>
    IGuestMemory Memory { get; }

    /// <summary>Asks the client for memory that it does not share.</summary>
    /// <param name="lengthBytes">More than the client takes at once is asked for in pieces.</param>
    /// <returns>
    /// False if too much is under way already (<see cref="Limits.VfioUserDmaRequests"/>) or the client has left; then nothing was asked and
    /// <paramref name="completion"/> is never called.
    /// </returns>
    bool DmaRead(ulong address, int lengthBytes, DmaReadCompletion completion);

    /// <summary>Has the client write memory that it does not share. Writes happen in the order in which they were sent.</summary>
    /// <param name="completion">May be null: errors are counted anyway.</param>
    /// <returns>As <see cref="DmaRead"/>.</returns>
    bool DmaWrite(ulong address, ReadOnlySpan<byte> data, DmaWriteCompletion? completion = null);

    /// <summary>Interrupts the guest.</summary>
    /// <returns>False if the client does not listen for this vector.</returns>
    bool Trigger(InterruptIndex index, int vector);
}
