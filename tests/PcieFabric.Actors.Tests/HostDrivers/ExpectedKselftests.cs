namespace PcieFabric.Actors.Tests.HostDrivers;

/// <summary>
/// What the kernel's cases must come to on each controller, reasoned from what its driver declares and from the code of the test function and its driver, never from a run.
/// One letter for each case:
/// <list type="bullet">
/// <item>P passes, H hangs: the function drops a DMA command without a channel, and the driver waits without a limit.</item>
/// <item>Skips: D (ENODATA) no such BAR; R (ENOBUFS) the BAR is reserved; B (EBUSY) the BAR of the registers; O (EOPNOTSUPP) no subranges, no dynamic mapping.</item>
/// <item>
/// Failures: T (ETIMEDOUT) INTx cannot be raised, and the case does not skip; I (EINVAL) no MSI-X, which the case asserts, BAR 0 of the AM654, which the driver refuses by name, or no
/// doorbell to be had, which needs an interrupt controller by <c>msi-map</c> or the registers of DesignWare's eDMA; E (EIO) half a fixed BAR is below the controller's alignment, a slave DMA channel does not copy from host to host, or a buffer of one byte is not aligned
/// as an outbound window wants it and nobody says how to align it; N (ENOSPC) a virtual function has no INTx for the host's kernel to give out.
/// </item>
/// </list>
/// </summary>
internal static class ExpectedKselftests
{
    /// <summary>BAR_TEST of BAR 0 to 5; BAR_SUBRANGE_TEST of BAR 0 to 5; consecutive BARs, INTx, MSI, MSI-X; memcpy read, write, copy; dma read, write, copy; doorbell.</summary>
    public static readonly IReadOnlyDictionary<string, string> ByController = new Dictionary<string, string>
    {
        ["am654"] = "IRPPPP IRBEEP PPPP PPP HHH I",
        ["artpec6"] = "PPPPPP BPPPPP PTPI PPP HHH I",
        ["cadence"] = "PPPPPP OOOOOO PPPP PPP HHH O",
        ["cadence-vf"] = "PPPPPP OOOOOO PNPP PPP HHH O",
        ["dra7xx"] = "PPPPPP BPPPPP PPPI PPP HHH I",
        ["dw-plat"] = "PPPPPP BPPPPP PTPP PPP HHH I",
        ["imx8m"] = "PDPDPD BDPDED PTPI PPP HHH I",
        ["imx8q"] = "PDPDPD BDPDPD PTPI PPP HHH I",
        ["imx95"] = "PPPPPP BPPPPP PTPI PPP HHH P",
        ["keembay"] = "PDPDPD BDPDPD PTPP PPP HHH I",
        ["layerscape"] = "PPPDPD OOOOOO PTPP PPP HHH O",
        ["qcom"] = "PDPDPP BDPDPP PTPI PPP HHH I",
        ["qemu-epc"] = "PPPPPP BPPPPP PPPP PPP PPP P",
        ["rcar-gen3"] = "PDPDPD OOOOOO PPPI EEE HHH O",
        ["rcar-gen4"] = "PDPDPD BDPDED PTPI PPP HHH I",
        ["rk3399"] = "PPPPPP OOOOOO PPPI PPP HHH O",
        ["rk3568"] = "PPPPPP BPPPPP PTPP PPP HHH I",
        ["rk3588"] = "PPPPRP BPPPRP PTPP PPP PPE P",
        ["stm32mp25"] = "PPPPPP BPPPPP PTPI PPP HHH I",
        ["tegra194"] = "PDRDRD BDRDRD PPPI PPP PPE P",
        ["uniphier-nx1"] = "PDPDPD BDPDPD PPPI PPP HHH I",
        ["uniphier-pro5"] = "PDPDDD BDPDDD PPPI PPP HHH I",
    };
}
