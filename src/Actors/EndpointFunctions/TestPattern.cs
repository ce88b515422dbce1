using PcieFabric.Engine;

namespace PcieFabric.EndpointFunctions;

/// <summary>
/// Data that a test moves: each slot of a buffer has its own, cut from one piece of noise, so that lost, misplaced and stale bytes are all noticed. Who knows the
/// seed knows the data.
/// </summary>
public sealed class TestPattern
{
    /// <summary>A prime, so that slots whose number is a power of two apart differ too; with 4 KiB operations the noise still fits into a processor's first cache.</summary>
    private const int PeriodBytes = 8191;

    private const int StepBytes = 61;

    private readonly byte[] _noise;
    private readonly int _operationBytes;

    /// <param name="operationBytes">Length of every slot's data.</param>
    public TestPattern(uint seed, int operationBytes)
    {
        _operationBytes = operationBytes;
        _noise = new byte[PeriodBytes + operationBytes];
        new DeterministicRandom(seed).Fill(_noise.AsSpan(0, PeriodBytes));
        for (var i = PeriodBytes; i < _noise.Length; i++) _noise[i] = _noise[i - PeriodBytes];
    }

    /// <summary>Not to be written to.</summary>
    public Memory<byte> Of(long slot) => _noise.AsMemory((int)(slot * StepBytes % PeriodBytes), _operationBytes);
}
