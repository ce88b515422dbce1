using PcieFabric.Actors.Tests.Documents;
using PcieFabric.Documents;
using PcieFabric.Input;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Actors.Tests.Topologies;

/// <summary>Every way in which a topology can be wrong gets one located line with a hint.</summary>
public sealed class WrongTopologyTests
{
    private const string Function = "functions:\n  dma: { vendor: 0x1d0f, device: 1 }\n";
    private const string Parts = Function + "endpoints:\n  card: { functions: [dma] }\n";
    private const string Hosts = "hosts:\n  host0: { ports: [{ attach: card }] }\n";

    /// <summary>Document, part of the message, part of the hint.</summary>
    public static TheoryData<string, string, string> Documents => new()
    {
        // YAML itself
        { "»", "the file is empty", "starts with 'name:'" },
        { "»# only a comment\n", "the file is empty", "starts with 'name:'" },
        { "»just words\n", "must be a mapping (a topology), not 'just words'", "'key: value'" },
        { "»[a, b]\n", "must be a mapping (a topology), not a list", "'key: value'" },
        { "name: t\nhosts: [1, 2\n»", "not YAML", "indentation, colons, quotes and brackets" },
        { "name: t\n»\thosts: 1\n", "not YAML", "never with tabs" },
        { "name: t\n»--- \nname: u\n", "a second document starts here", "one file holds one document" },
        { "name: t\n»name: u\n" + Parts + Hosts, "'name' is here twice", "first at line 1" },
        { "name: t\nhosts: »*nowhere\n", "unknown anchor 'nowhere'", "there is none" },
        { "name: »!secret t\n", "tag '!secret' has no meaning here", "leave it out" },
        { "name: t\ndescription: " + new string('[', 32) + "»[" + new string(']', 33) + "\n", "nested more than 32 deep", "no file needs that" },

        // Keys
        { "name: t\n»hots:\n  host0: { ports: [] }\n", "unknown key 'hots' in a topology", "did you mean 'hosts'?" },
        { "»description: no name\n", "a topology needs 'name'", "no default" },
        { "name: t\n" + Parts + "hosts:\n  host0: { ports: [{ attach: card, »lnik: {} }] }\n", "unknown key 'lnik' in a port", "did you mean 'link'?" },
        { "name: t\n" + Parts + "hosts:\n  host0: { ports: [»{ count: 2 }] }\n", "a port needs 'attach'", "no default" },
        { "name: t\n" + Parts + "hosts:\n  host0: »{ memory: 1 GiB }\n", "a host needs 'ports'", "root-complexes" },

        // Kinds of nodes
        { "name: »[t]\n" + Parts + Hosts, "'name' must be a name of letters", "" },
        { "name: »a/b\n" + Parts + Hosts, "not 'a/b'", "parts of paths" },
        { "name: t\n" + Parts + "hosts: »[host0]\n", "'hosts' must be a mapping from names, not a list", "'name: ...' lines" },
        { "name: t\n" + Parts + "hosts:\n  host0: { ports: »card }\n", "'ports' must be a list", "put [ ] around it" },
        { "name: t\n" + Parts + "hosts:\n  »a/b: { ports: [] }\n", "a name in 'hosts' must be a name of letters", "parts of paths" },
        { "name: t\nendpoints:\n  card: { functions: [dma], ari: »maybe }\n" + Hosts, "'ari' must be true or false, not 'maybe'", "" },
        { "name: t\n" + Parts + "hosts:\n  host0: { ports: »[] }\n", "'ports' must be a list of 1 to 256 items", "" },

        // Values with units
        { "name: t\ndefaults: { link: { latency: »50 } }\n" + Parts + Hosts, "'latency': '50' has no unit", "'50 ns'" },
        { "name: t\ndefaults: { link: { latency: »50 KiB } }\n" + Parts + Hosts, "'KiB' is a unit of a size, not of a time", "ps, ns, us, ms, s" },
        { "name: t\ndefaults: { link: { latency: »50 parsec } }\n" + Parts + Hosts, "'parsec' is not a unit of a time", "ps, ns" },
        { "name: t\ndefaults: { link: { latency: »soon } }\n" + Parts + Hosts, "'soon' is not a time", "units of a time" },
        { "name: t\ndefaults: { link: { latency: »-5 ns } }\n" + Parts + Hosts, "must be a time from 1 ps to 1 ms", "" },
        { "name: t\n" + Parts + "hosts:\n  host0: { memory: »1 GB, ports: [{ attach: card }] }\n", "'GB' is not a unit of a size", "B, KiB, MiB, GiB, TiB" },

        // Links
        { "name: t\ndefaults: { link: { width: »3 } }\n" + Parts + Hosts, "'width' must be 1, 2, 4, 8, 16 or 32, not '3'", "" },
        { "name: t\n" + Parts + "hosts:\n  host0: { ports: [{ attach: card, link: { generation: »9 } }] }\n", "'generation' must be a whole number from 1 to 6, not '9'", "" },
        { "name: t\ndefaults: { link: { mps: »300 B } }\n" + Parts + Hosts, "'mps' must be a power of two from 128 B to 4 KiB, not '300 B'", "the next one is 512 B" },
        { "name: t\ndefaults: { link: { dllp: »reel } }\n" + Parts + Hosts, "'dllp' must be factor, real or none, not 'reel'", "did you mean 'real'?" },
        {
            "name: t\ndefaults: { link: { credits: »{ posted: { headers: 8, data: 4 }, non-posted: { headers: 8, data: 8 }, completion: { headers: infinite, data: infinite } } } }\n" + Parts + Hosts,
            "4 posted data credits do not hold the largest posted TLP", "at least 16"
        },
        { "name: t\ndefaults: { link: { credits: { posted: { headers: »0, data: 64 }, non-posted: { headers: 8, data: 8 }, completion: { headers: 8, data: 64 } } } }\n" + Parts + Hosts, "must be infinite or a whole number from 1 to 2032", "" },

        // Functions
        { "name: t\nfunctions:\n  dma: { vendor: »0x12345, device: 1 }\n" + Hosts, "'vendor' must be a number from 0x0 to 0xfffe", "" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, bars: [{ index: 0, size: »3 KiB }] }\n" + Hosts, "'size' must be a power of two", "the next one is 4 KiB" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, bars: [{ index: 0, size: 4 KiB }, »{ index: 1, size: 4 KiB, type: memory32 }] }\n" + Hosts, "BAR1 overlaps BAR0 in register 1", "BAR0 is 64-bit" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, bars: [{ index: 2, size: 4 KiB }, »{ index: 2, size: 4 KiB }] }\n" + Hosts, "BAR2 overlaps BAR2", "another index" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, bars: [{ index: »5, size: 4 KiB, type: memory64 }] }\n" + Hosts, "BAR5 cannot be 64-bit", "memory32" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, bars: [{ index: 0, size: »4 GiB, type: memory32 }] }\n" + Hosts, "a 32-bit memory BAR of 4 GiB is impossible", "16 B to 2 GiB" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, bars: [{ index: 0, size: »512 B, type: io }] }\n" + Hosts, "an I/O BAR of 512 B is impossible", "4 B to 256 B" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, bars: [{ index: 0, size: 16 B, type: io, prefetchable: »true }] }\n" + Hosts, "an I/O BAR cannot be prefetchable", "leave" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, capabilities: { msi: { vectors: »3 } } }\n" + Hosts, "'vectors' must be 1, 2, 4, 8, 16 or 32, not '3'", "" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, capabilities: { msix: »{ vectors: 8, bar: 2 } } }\n" + Hosts, "MSI-X needs a memory BAR2", "there is none" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, bars: [{ index: 0, size: 4 KiB }], capabilities: { msix: »{ vectors: 256, bar: 0 } } }\n" + Hosts, "do not fit into BAR0 of 4 KiB", "0x1020" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, bars: [{ index: 0, size: 4 KiB }], capabilities: { msix: »{ vectors: 8, bar: 0, pba: 0x40 } } }\n" + Hosts, "MSI-X table and Pending Bit Array overlap", "0x80" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, bars: [{ index: 0, size: 4 KiB }], capabilities: { msix: »{ bar: 0, table: 0x4 } } }\n" + Hosts, "multiples of 8", "7.7.2" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, bars: [{ index: 0, size: 4 MiB, sizes: »[1 MiB] }] }\n" + Hosts, "leave out its own, 4 MiB", "after reset" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, capabilities: { sr-iov: { total-vfs: 4, vf-device: 2, bars: [»{ index: 0, size: 2 KiB }] } } }\n" + Hosts, "VF BAR0 must be memory of at least 4 KiB", "pages" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, capabilities: { sr-iov: { total-vfs: »60000, vf-device: 2, vf-stride: 2 } } }\n" + Hosts, "does not fit into 16 bits", "stride" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, capabilities: { vendor-specific: [{ data: »\"abc\" }] } }\n" + Hosts, "hexadecimal digits", "two digits" },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, capabilities: { »mis: {} } }\n" + Hosts, "unknown key 'mis' in capabilities", "did you mean 'msi'?" },
        {
            "name: t\nfunctions:\n  »dma: { vendor: 1, device: 1, capabilities: { vendor-specific: [" + string.Join(", ", Enumerable.Repeat($"{{ data: \"{new string('0', 128)}\" }}", 4)) + "] } }\n" + Hosts,
            "function 'dma' cannot exist: ", ""
        },

        // Names and references
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1 }\n  »dma: { vendor: 1, device: 2 }\n" + Hosts, "'dma' is here twice", "first at line 3" },
        { "name: t\n" + Parts + "switches:\n  »card: { ports: [{ attach: none }] }\n" + Hosts, "'card' names a switch and an endpoint", "line 5" },
        { "name: t\n" + Function + "endpoints:\n  »none: { functions: [dma] }\n" + Hosts, "a part cannot be called 'none'", "empty slot" },
        { "name: t\n" + Parts + "hosts:\n  host0: { ports: [{ attach: »crad }] }\n", "there is no endpoint or switch 'crad'", "did you mean 'card'?" },
        { "name: t\n" + Parts + "hosts:\n  host0: { ports: [{ attach: »dma }] }\n", "there is no endpoint or switch 'dma'", "put it into an endpoint" },
        { "name: t\n" + Function + "endpoints:\n  card: { functions: [dma, { kind: »dmaa, count: 2 }] }\n" + Hosts, "there is no function 'dmaa'", "did you mean 'dma'?" },
        { "name: t\n" + Parts + "switches:\n  a: { ports: [{ attach: b }] }\n  b: { ports: [{ attach: »a }] }\n" + Hosts, "the attachments form a cycle: a -> b -> a", "tree" },
        { "name: t\n" + Parts + "switches:\n  a: { ports: [{ attach: »a }] }\n" + Hosts, "the attachments form a cycle: a -> a", "tree" },

        // Too many
        { "name: t\n" + Function + "endpoints:\n  card: { functions: »[{ kind: dma, count: 9 }] }\n" + Hosts, "endpoint 'card' has 9 functions, at most 8", "'ari: true'" },
        { "name: t\n" + Function + "endpoints:\n  card: { ari: true, functions: »[{ kind: dma, count: 256 }, dma] }\n" + Hosts, "at most 256 are possible", "second endpoint" },
        { "name: t\n" + Parts + "hosts:\n  host0: { ports: [{ attach: card, count: »99999999999 }] }\n", "'count' must be a whole number from 1 to 256", "" },
        { "name: t\n" + Parts + "hosts:\n  host0: { ports: [{ attach: card, count: 200 }, { attach: card, count: »56 }] }\n", "more than 255 root ports", "32 devices" },
        { "name: t\n" + Parts + "switches:\n  leaf: { ports: [{ attach: card, count: 200 }, { attach: card, count: »57 }] }\n" + Hosts, "more than 256 downstream ports", "32 devices" },
        { "name: t\n" + Parts + "switches:\n  leaf: { ports: [{ attach: card, count: 250 }] }\nhosts:\n  »host0: { ports: [{ attach: leaf }, { attach: card, count: 4 }] }\n", "segment 0 of 'host0' needs 257 buses, a segment has 256", "root-complexes" },
        { "name: t\n" + Parts + "switches:\n  leaf: { ports: [{ attach: card, count: 16 }] }\nhosts:\n  »host0: { ports: [{ attach: leaf, count: 15 }] }\n", "needs 271 buses", "every switch one inside" },
        {
            "name: t\n" + Function + "endpoints:\n  card: { ari: true, functions: [{ kind: dma, count: 256 }] }\nhosts:\n  »host: { count: 21, ports: [{ attach: card, count: 200 }] }\n",
            "more than 1048576 functions", "lower a 'count'"
        },
        { "name: t\n" + Parts + "hosts:\n  a: { count: 200, ports: [{ attach: card }] }\n  b: { count: »57, ports: [{ attach: card }] }\n", "more than 256 hosts", "lower 'count'" },
        { "name: t\n" + Parts + "hosts:\n  h: { count: 2, ports: [{ attach: card }] }\n  »h1: { ports: [{ attach: card }] }\n", "two hosts are called 'h1'", "line 7" },
        {
            "name: t\nfunctions:\n  pf: { vendor: 1, device: 1, capabilities: { sr-iov: { total-vfs: 4, vf-device: 2 } } }\nendpoints:\n  card: { functions: »[pf, pf] }\n" + Hosts,
            "VF 1 of function 1 has the Routing ID of VF 2 of function 0", "'vf-stride'"
        },
        {
            "name: t\nfunctions:\n  pf: { vendor: 1, device: 1, capabilities: { sr-iov: { total-vfs: 8, vf-device: 2, first-vf-offset: 1 } } }\nendpoints:\n  card: { functions: »[pf] }\n" + Hosts,
            "VF 8 of function 0 would be device 1 of its bus", "'ari: true'"
        },
        { "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, capabilities: { sr-iov: { total-vfs: »4097, vf-device: 2, model: dma-test } } }\n" + Hosts, "4097 virtual functions cannot all be 'dma-test'", "memory" },
        {
            "name: t\nfunctions:\n  dma: { vendor: 1, device: 1, capabilities: { sr-iov: { total-vfs: 4, vf-device: 2, bars: [{ index: 0, size: 4 KiB }], msix: »{ vectors: 8, bar: 2 } } } }\n" + Hosts,
            "MSI-X needs a memory BAR2", "BAR0"
        },
        {
            "name: t\nfunctions:\n  »dma: { vendor: 1, device: 1, capabilities: { sr-iov: { total-vfs: 4, vf-device: 2, aer: true } } }\n" + Hosts,
            "virtual functions of 'dma' cannot exist: a virtual function has AER, and its physical function has not", "both"
        },

        // Hosts
        { "name: t\n" + Parts + "hosts:\n  host0: { segment: »1, root-complexes: { rc0: { ports: [{ attach: card }] } } }\n", "'segment' and 'root-complexes' exclude each other", "into a root complex" },
        { "name: t\n" + Parts + "hosts:\n  host0: { root-complexes: { rc0: { segment: 1, ports: [{ attach: card }] }, »rc1: { ports: [{ attach: card }] } } }\n", "are both segment 1", "number of its own" },
        { "name: t\n" + Parts + "hosts:\n  host0: { memory-window: »{ base: 0x80000000, size: 4 GiB }, ports: [{ attach: card }] }\n", "is not within [0x80000000, 0xfebfffff]", "" },
        { "name: t\n" + Parts + "hosts:\n  host0: { memory-window: »{ base: 0x80000000, size: 4 KiB }, ports: [{ attach: card }] }\n", "is not aligned to 1 MiB", "steps" },
        { "name: t\n" + Parts + "hosts:\n  host0: { memory: 8 GiB, prefetchable-window: »{ base: 0x100000000, size: 1 GiB }, ports: [{ attach: card }] }\n", "overlaps the host's memory", "beyond 4 GiB" },
        {
            "name: t\n" + Parts + "hosts:\n  host0: { root-complexes: { rc0: { ports: [{ attach: card }] }, rc1: { memory-window: »{ base: 0x80000000, size: 1 MiB }, ports: [{ attach: card }] } } }\n",
            "overlaps that of root complex 'rc0'", "0x80000000"
        },

        // Partitions
        { "name: t\n" + Parts + Hosts + "partitions: »0\n", "'partitions' must be a whole number from 1 to 256", "" },
        { "name: t\n" + Parts + Hosts + "partitions: { count: 2, pins: { »\"host0/**\": 2 } }\n", "there is no partition 2", "0 to 1" },
    };

    [Theory]
    [MemberData(nameof(Documents))]
    public void AWrongTopologyIsRefusedWhereItIsWrong(string marked, string message, string hint) =>
        WrongInput.MustBeRefused(marked, message, hint, source => TopologyReader.Read(source));

    [Fact]
    public void ARowOfSwitchesThatNoBusNumbersCouldReachIsRefused()
    {
        var switches = string.Concat(Enumerable.Range(0, 1000).Select(i => $"  s{i}: {{ ports: [{{ attach: {(i == 999 ? "none" : $"s{i + 1}")} }}] }}\n"));
        var wrong = Assert.Throws<InputException>(() => TopologyReader.Read(new SourceText("t", "name: t\nswitches:\n" + switches + "hosts:\n  h: { ports: [{ attach: s0 }] }\n")));
        Assert.Contains("more than 128 switches in a row", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATreeThatDoublesAtEveryLevelIsRefusedAtOnce()
    {
        var switches = string.Concat(Enumerable.Range(0, 60).Select(i => $"  s{i}: {{ ports: [{{ attach: {(i == 59 ? "none" : $"s{i + 1}")}, count: 200 }}] }}\n"));
        var wrong = Assert.Throws<InputException>(() => TopologyReader.Read(new SourceText("t", "name: t\nswitches:\n" + switches + "hosts:\n  h: { ports: [{ attach: s0 }] }\n")));
        Assert.Contains("buses, a segment has 256", wrong.Message, StringComparison.Ordinal);
    }
}
