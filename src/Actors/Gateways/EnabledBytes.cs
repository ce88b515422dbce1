namespace PcieFabric.Gateways;

/// <summary>The runs of bytes that a memory request's byte enables leave (PCIe 6.0 section 2.2.5): one, but for requests of one or two DWs, or whose maker was peculiar.</summary>
internal ref struct EnabledBytes(ref readonly Tlp request)
{
    private readonly int _firstEnables = request.FirstBe;
    private readonly int _lastEnables = request.LengthDw == 1 ? request.FirstBe : request.LastBe;
    private readonly int _bytes = request.LengthDw * 4;
    private int _next;

    public bool MoveNext(out int at, out int sizeBytes)
    {
        while (_next < _bytes && !IsEnabled(_next)) _next++;
        at = _next;
        while (_next < _bytes && IsEnabled(_next)) _next = _next >= 4 && _next < _bytes - 4 ? _bytes - 4 : _next + 1;
        sizeBytes = _next - at;
        return sizeBytes > 0;
    }

    private readonly bool IsEnabled(int at) => ((at < 4 ? _firstEnables : at >= _bytes - 4 ? _lastEnables : 15) >> (at & 3) & 1) != 0;
}
