namespace PcieFabric.Cli.Doctor;

/// <summary>What a probe may ask of the machine. Tests play machines that lack things.</summary>
internal interface IMachine
{
    /// <summary>Whether we may do what root may.</summary>
    bool IsRoot { get; }

    /// <summary>The folder for what can be made again: guest kernels and images.</summary>
    string CacheFolder { get; }

    /// <summary>The .NET runtime that runs us.</summary>
    Version Runtime { get; }

    /// <summary>What a program prints on both its outputs, or null where there is no such program. It gets no input.</summary>
    Task<string?> RunAsync(string program, string[] arguments, CancellationToken cancellation);

    /// <summary>The text of a file, or null where it is absent or not readable.</summary>
    string? Read(string path);

    /// <summary>Whether this process may open a device for reading and writing.</summary>
    bool CanOpen(string device);

    /// <summary>Free bytes where <paramref name="path"/> is or would be; null where there is no such place.</summary>
    long? FreeBytes(string path);

    /// <summary>Whether the kernel gives anonymous shared memory.</summary>
    bool HasMemfd();
}
