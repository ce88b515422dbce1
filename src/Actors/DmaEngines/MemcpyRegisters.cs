namespace PcieFabric.DmaEngines;

/// <summary>The registers of a memory copy engine. Each function has its own: by whose BAR or processor they are reached says whose they are.</summary>
public static class MemcpyRegisters
{
    /// <summary>Local addresses, 64 bits each, of memory or in an outbound window; a size in bytes.</summary>
    public const uint Source = 0x00, Target = 0x08, Size = 0x10;

    /// <summary><see cref="Start"/> or <see cref="Stop"/>.</summary>
    public const uint Control = 0x14;

    /// <summary>A <see cref="MemcpyStatus"/> in bits 7:0, why it failed (a <see cref="DmaError"/>) in bits 15:8.</summary>
    public const uint Status = 0x18;

    public const uint Start = 1, Stop = 2;

    public const int Bytes = 0x1C;
}

/// <summary>How far a copy is.</summary>
public enum MemcpyStatus : byte
{
    Idle,
    Running,
    Done,
    Failed,
}
