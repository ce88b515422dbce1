using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class LspciDumpTests(ITestOutputHelper output)
{
    private const int Draws = 200;

    /// <summary>By capability ID; the extended ones start at 0x10000.</summary>
    private static readonly Dictionary<int, string> Names = new()
    {
        [CapabilityId.PowerManagement] = "Power Management version 3",
        [CapabilityId.Msi] = "MSI: Enable",
        [CapabilityId.VendorSpecific] = "Vendor Specific Information: Len=",
        [CapabilityId.SubsystemId] = "Subsystem: 1af4:1100",
        [CapabilityId.PciExpress] = "Express (v2) ",
        [CapabilityId.MsiX] = "MSI-X: Enable",
        [0x10000 + ExtendedCapabilityId.AdvancedErrorReporting] = "Advanced Error Reporting",
        [0x10000 + ExtendedCapabilityId.DeviceSerialNumber] = "Device Serial Number",
        [0x10000 + ExtendedCapabilityId.AccessControlServices] = "Access Control Services",
        [0x10000 + ExtendedCapabilityId.AlternativeRoutingId] = "Alternative Routing-ID Interpretation (ARI)",
        [0x10000 + ExtendedCapabilityId.AddressTranslationServices] = "Address Translation Service (ATS)",
        [0x10000 + ExtendedCapabilityId.SingleRootIoVirtualization] = "Single Root I/O Virtualization (SR-IOV)",
        [0x10000 + ExtendedCapabilityId.ResizableBar] = "Physical Resizable BAR",
        [0x10000 + ExtendedCapabilityId.LatencyToleranceReporting] = "Latency Tolerance Reporting",
        [0x10000 + ExtendedCapabilityId.SecondaryPciExpress] = "Secondary PCI Express",
        [0x10000 + ExtendedCapabilityId.Pasid] = "Process Address Space ID (PASID)",
        [0x10000 + ExtendedCapabilityId.DesignatedVendorSpecific] = "Designated Vendor-Specific: Vendor=1af4",
    };

    [LspciFact]
    public void EveryRandomSetOfCapabilitiesIsNamedAndUnderstood()
    {
        var random = TestSeed.Random(output);
        var functions = Enumerable.Range(0, Draws).Select(i =>
        {
            var header = new Type0Header(Endpoints.Nvme, [BarDefinition.Memory64(0, 65536), BarDefinition.Resizable(2, 1 << 30, 1 << 20)], 65536);
            var capabilities = RandomCapabilities.Draw(random);
            if (random.Next(2) == 0) capabilities.Add(new ResizableBarCapability(header));
            return (new Bdf(i, 0, 0), new ConfigSpace(new ConfigSpaceLayout(header, capabilities)));
        }).ToArray();
        AssertNamed(functions);
    }

    [LspciFact]
    public void EveryKindOfPortIsNamedAndUnderstood()
    {
        PortType[] types = [PortType.RootPort, PortType.UpstreamSwitchPort, PortType.DownstreamSwitchPort];
        var functions = new List<(Bdf, ConfigSpace)>();
        foreach (var type in types)
            for (var speed = 1; speed <= 6; speed++)
                foreach (var windows in Enum.GetValues<WindowKind>())
                    foreach (var hasSlot in (bool[])[false, true])
                    {
                        if (hasSlot && !type.IsDownstream()) continue;
                        var express = new PciExpressOptions { MaxLinkSpeed = speed, MaxLinkWidth = 16, Slot = hasSlot ? new() { HotPlug = true, PowerController = true } : null, Atomics = AtomicSupport.Routing };
                        var identity = new FunctionIdentity(0x1AF4, 0x0001, BridgeLayout.ClassCode, 0, 0x1AF4, 0x1100);
                        functions.Add((new Bdf(functions.Count, 0, 0), new ConfigSpace(new BridgeLayout(type, identity, express, ioWindow: windows, prefetchableWindow: windows))));
                    }
        AssertNamed([.. functions]);
    }

    [LspciFact]
    public void AnEndpointDecodesToWhatWasSet()
    {
        var layout = Endpoints.Everything();
        var space = new ConfigSpace(layout);
        var at = layout.Express.Offset;
        layout.Express.Link!.SetUp(space, 4, 16);
        space[layout.Express.Link.PortNumber] = 7;
        layout.SerialNumber!.SetSerialNumber(space, 0x0123456789ABCDEF);
        space[layout.Ari!.NextFunction] = 5;
        space[layout.Header.InterruptPin] = 2;
        space[layout.Aer!.UncorrectableStatus[UncorrectableError.CompletionTimeout]] = true;
        space.Write(new(0x3C), MaskedDword.Byte(0, 11));
        space.Write(new(0x10), 0xE0000000);
        space.Write(new(0x14), 0x12);
        space.Write(new(0x18), 0x00000000);
        space.Write(new(0x1C), 0x20);
        space.Write(new(0x20), 0xFEB00000);
        space.Write(new(0x24), 0xC040);
        space.Write(new(0x30), 0xFEA00001);
        space.Write(new(0x04), MaskedDword.Word(0, 0x0407));
        space.Write(new(at + 0x08), MaskedDword.Word(0, 2 << 5 | 1 << 8 | 3 << 12));
        space.Write(new(at + 0x28), MaskedDword.Word(0, 1 << 12 | 1 << 10));
        space.Write(new(layout.Msi!.Offset), MaskedDword.Word(2, 1 | 2 << 4));
        space.Write(new(layout.Msi.Offset + 4), 0xFEE00000);
        space.Write(new(layout.Msi.Offset + 12), MaskedDword.Word(0, 0x4022));
        space.Write(new(layout.Msi.Offset + 16), 0x5);
        space.Write(new(layout.Aer.Offset + 8), 0x00100000);
        space.Write(new(layout.Acs!.Offset + 4), MaskedDword.Word(2, 0x4));
        space.Write(new(layout.SrIov!.Offset + 0x10), MaskedDword.Word(0, 3));
        space.Write(new(layout.SrIov.Offset + 0x08), MaskedDword.Word(0, 0x9));
        space.Write(new(layout.Pasid!.Offset + 4), MaskedDword.Word(2, 0x5));
        space.Write(new(layout.Ats!.Offset + 4), MaskedDword.Word(2, 0x8000));
        var text = Lspci.Decode((new Bdf(1, 2, 3), space));
        output.WriteLine(text);
        Lspci.AssertUnderstood(text);
        AssertLines(text,
            "01:02.3 0108: 1b36:0010 (rev 02)",
            "Subsystem: 1af4:1100",
            "Control: I/O+ Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr- Stepping- SERR- FastB2B- DisINTx+",
            "Interrupt: pin B routed to IRQ 11",
            "Region 0: Memory at 12e0000000 (64-bit, non-prefetchable)",
            "Region 2: Memory at 2000000000 (64-bit, prefetchable)",
            "Region 4: Memory at feb00000 (32-bit, non-prefetchable)",
            "Region 5: I/O ports at c040",
            "Expansion ROM at fea00000",
            "ExtTag+ AttnBtn- AttnInd- PwrInd- RBE+ FLReset+",
            "MaxPayload 512 bytes, MaxReadReq 1024 bytes",
            "LnkCap: Port #7, Speed 16GT/s, Width x16",
            "LnkSta: Speed 16GT/s, Width x16",
            "EqualizationComplete+ EqualizationPhase1+",
            "LTR+ 10BitTagReq+ OBFF Disabled",
            "MSI: Enable+ Count=4/8 Maskable+ 64bit+",
            "Address: 00000000fee00000 Data: 4022",
            "Masking: 00000005 Pending: 00000000",
            "MSI-X: Enable- Count=64 Masked-",
            "UESta: DLP- SDES- TLP- FCP- CmpltTO+",
            "UEMsk: DLP- SDES- TLP- FCP- CmpltTO- CmpltAbrt- UnxCmplt- RxOF- MalfTLP- ECRC- UnsupReq+",
            "ACSCtl: SrcValid- TransBlk- ReqRedir+ CmpltRedir- UpstreamFwd- EgressCtrl- DirectTrans-",
            "ARICap: MFVC- ACS-, Next Function: 5",
            "Device Serial Number 01-23-45-67-89-ab-cd-ef",
            "IOVCtl: Enable+ Migration- Interrupt- MSE+ ARIHierarchy-",
            "Initial VFs: 16, Total VFs: 16, Number of VFs: 3",
            "VF offset: 8, stride: 1, Device ID: 0011",
            "ATSCtl: Enable+, Smallest Translation Unit: 00",
            "PASIDCtl: Enable+ Exec- Priv+",
            "BAR 2: current size: 256MB, supported: 64MB 128MB 256MB 512MB",
            "Designated Vendor-Specific: Vendor=1af4 ID=0007 Rev=1 Len=16");
    }

    [LspciFact]
    public void ARootPortDecodesToWhatWasSet()
    {
        var layout = new BridgeLayout(PortType.RootPort, new FunctionIdentity(0x1AF4, 0x0001, BridgeLayout.ClassCode, 0, 0x1AF4, 0x1100), new PciExpressOptions { MaxLinkSpeed = 5, MaxLinkWidth = 16, Slot = new() { HotPlug = true } });
        var space = new ConfigSpace(layout);
        layout.Express.Link!.SetUp(space, 5, 16);
        layout.Express.Slot!.SetPresence(space, true);
        space[layout.Express.Slot.PhysicalSlotNumber] = 12;
        space.Write(new(0x18), 0x00_04_01_00);
        space.Write(new(0x1C), MaskedDword.Word(0, 0x2010));
        space.Write(new(0x20), 0xFE20_FE00);
        space.Write(new(0x24), 0x2000_1000);
        space.Write(new(0x28), 0x8);
        space.Write(new(0x2C), 0x8);
        space.Write(new(0x3C), MaskedDword.Word(2, 0x0002));
        space.Write(new(0x04), MaskedDword.Word(0, 0x0007));
        space.Write(new(layout.Acs!.Offset + 4), MaskedDword.Word(2, 0x1D));
        layout.Aer!.Root!.Record(space, ErrorSeverity.NonFatal, new Bdf(1, 0, 0));
        var text = Lspci.Decode((new Bdf(0, 1, 0), space));
        output.WriteLine(text);
        Lspci.AssertUnderstood(text);
        AssertLines(text,
            "00:01.0 0604: 1af4:0001",
            "Bus: primary=00, secondary=01, subordinate=04, sec-latency=0",
            "I/O behind bridge: 00001000-00002fff [size=8K] [32-bit]",
            "Memory behind bridge: fe000000-fe2fffff [size=3M] [32-bit]",
            "Prefetchable memory behind bridge: 0000000810000000-00000008200fffff [size=257M] [64-bit]",
            "BridgeCtl: Parity- SERR+",
            "Express (v2) Root Port (Slot+)",
            "LnkSta: Speed 32GT/s, Width x16",
            "DLActive+",
            "Slot #12, PowerLimit 75W",
            "SltSta: Status: AttnBtn- PowerFlt- MRL- CmdCplt- PresDet+",
            "ACSCtl: SrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+",
            "RootSta: CERcvd- MultCERcvd- UERcvd+",
            "ErrorSrc: ERR_COR: 0000 ERR_FATAL/NONFATAL: 0100");
    }

    [LspciFact]
    public void APortThatDoesLessThanItsKindSaysSo()
    {
        var layout = new BridgeLayout(PortType.DownstreamSwitchPort, new FunctionIdentity(0x1AF4, 0x0001, BridgeLayout.ClassCode), new PciExpressOptions { MaxLinkSpeed = 5, MaxLinkWidth = 16 });
        var (whole, less) = (new ConfigSpace(layout), new ConfigSpace(layout));
        layout.Express.Link!.Limit(less, 3, 4);
        var text = Lspci.Decode((new Bdf(0, 1, 0), whole), (new Bdf(0, 2, 0), less));
        Lspci.AssertUnderstood(text);
        var sections = text.Split("\n\n");
        AssertLines(sections[0], "Speed 32GT/s, Width x16", "Supported Link Speeds: 2.5-32GT/s", "Target Link Speed: 32GT/s");
        AssertLines(sections[1], "Speed 8GT/s, Width x4", "Supported Link Speeds: 2.5-8GT/s", "Target Link Speed: 8GT/s");
    }

    [Fact]
    public void ADumpHasARowForEachSixteenBytes()
    {
        var writer = new StringWriter();
        LspciDump.Write(writer, new Bdf(0x3A, 4, 1), new ConfigSpace(Endpoints.Minimal()), segment: 1);
        var lines = writer.ToString().Split('\n');
        Assert.Equal("0001:3a:04.1 0108: 1b36:0010", lines[0]);
        Assert.Equal("00: 36 1b 10 00 00 00 10 00 02 02 08 01 00 00 00 00", lines[1]);
        Assert.StartsWith("100: 01 00 ", lines[17]);
        Assert.StartsWith("ff0: ", lines[256]);
        Assert.Equal(["", ""], lines[257..]);
    }

    private void AssertNamed((Bdf Id, ConfigSpace Space)[] functions)
    {
        var text = Lspci.Decode(functions);
        Lspci.AssertUnderstood(text);
        var sections = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(functions.Length, sections.Length);
        foreach (var ((id, space), section) in functions.Zip(sections))
        {
            Assert.StartsWith(id.ToString(), section);
            var named = section.Split('\n').Where(line => line.StartsWith("\tCapabilities: ", StringComparison.Ordinal)).ToArray();
            Assert.Equal(space.Layout.Capabilities.Count, named.Length);
            foreach (var capability in space.Layout.Capabilities)
            {
                var name = Names[capability.Id + (capability is ExtendedCapability ? 0x10000 : 0)];
                Assert.Contains(named, line => line.Contains($"[{capability.Offset:x2}") && line.Contains(name));
            }
        }
        output.WriteLine($"{functions.Length} functions, {functions.Sum(f => f.Space.Layout.Capabilities.Count)} capabilities");
    }

    /// <summary>Columns that lspci sets with tabs or several blanks count as one blank.</summary>
    private static void AssertLines(string text, params string[] expected)
    {
        var plain = string.Join('\n', text.Split('\n').Select(line => string.Join(' ', line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))));
        foreach (var line in expected) Assert.Contains(line, plain);
    }
}
