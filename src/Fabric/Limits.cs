namespace PcieFabric;

/// <summary>Every bound of the fabric, each with its reason. What the specification bounds cites its section; what we bound says why.</summary>
public static class Limits
{
    /// <summary>Largest payload of one TLP, in bytes: 1024 DW (PCIe 6.0 section 2.2.2).</summary>
    public const int MaxPayloadBytes = 4096;

    /// <summary>Longest TLP on the wire, in bytes: PASID prefix, four DW of header, payload, digest (PCIe 6.0 section 2.2.1).</summary>
    public const int MaxTlpBytes = 4 + 16 + MaxPayloadBytes + 4;

    /// <summary>Tags are ten bits wide at most in non-flit mode (PCIe 6.0 section 2.2.6.2); bounds what one requester has outstanding.</summary>
    public const int MaxTags = 1024;

    /// <summary>Configuration space of one function, in bytes (PCIe 6.0 section 7.2).</summary>
    public const int ConfigSpaceBytes = 4096;

    /// <summary>The part of it that conventional PCI knows, in bytes; extended capabilities start behind it (PCIe 6.0 section 7.2).</summary>
    public const int ConventionalConfigSpaceBytes = 256;

    /// <summary>Capabilities start behind the header, which takes 64 bytes (PCIe 6.0 section 7.5.1).</summary>
    public const int FirstCapabilityOffset = 0x40;

    /// <summary>A memory request must not cross an aligned boundary of this many bytes (PCIe 6.0 section 2.2.7).</summary>
    public const int RequestBoundaryBytes = 4096;

    /// <summary>Functions behind one endpoint port: eight, or 256 with ARI (PCIe 6.0 section 6.13).</summary>
    public const int MaxFunctions = 8;

    /// <inheritdoc cref="MaxFunctions"/>
    public const int MaxAriFunctions = 256;

    /// <summary>Largest payload of a non-posted TLP, in bytes: a Deferrable Memory Write of the longest supported length (PCIe 6.0 section 6.32). AtomicOps have 32 at most.</summary>
    public const int MaxNonPostedPayloadBytes = 128;

    /// <summary>Header credits of one class: a seven-bit window at the largest scale, 127 * 16 (PCIe 6.0 section 3.4.2, Scaled Flow Control).</summary>
    public const int MaxHeaderCredits = 2032;

    /// <summary>Data credits of one class, 16 bytes each: an eleven-bit window at the largest scale, 2047 * 16 (PCIe 6.0 section 3.4.2).</summary>
    public const int MaxDataCredits = 32752;

    /// <summary>Propagation latency of one link, in picoseconds: 1 ms is 200 km of fibre, so more is a wrong unit rather than a link.</summary>
    public const long MaxPropagationPs = 1_000_000_000;

    /// <summary>
    /// TLPs that may wait at one egress: 8 MiB. What waits is bounded first by the credits of the ports it came through, so this is met only where those are
    /// infinite or many: twenty ports that each granted <see cref="MaxHeaderCredits"/> in all three classes fit, and so do the completions of as many reads
    /// of 4 KiB as one port grants.
    /// </summary>
    public const int TransmitQueueTlps = 131072;

    /// <summary>Bus numbers of one segment: the bus number of a Routing ID has eight bits (PCIe 6.0 section 2.2.4.2).</summary>
    public const int MaxBusesPerSegment = 256;

    /// <summary>Downstream ports of one switch: 32 devices of 8 functions on the bus that they share (PCIe 6.0 section 2.2.4.2).</summary>
    public const int MaxPorts = 256;

    /// <summary>Root ports of one root complex: as <see cref="MaxPorts"/>, but function 0 of device 0 of bus 0 is the host bridge, as on PCs.</summary>
    public const int MaxRootPorts = MaxPorts - 1;

    /// <summary>Outstanding non-posted requests of one function: what 10-bit tags can tell apart (PCIe 6.0 section 2.2.6.2).</summary>
    public const int MaxOutstandingRequests = 768;

    /// <summary>A YAML file, in bytes. The rack of 4,096 functions takes 2 KiB; a file of this size is a mistake, and it is read whole.</summary>
    public const int MaxDocumentBytes = 1 << 20;

    /// <summary>Nesting of a YAML file. Ours reach eight; the reader recurses, so that the depth must not be the author's to choose.</summary>
    public const int MaxDocumentDepth = 32;

    /// <summary>Hosts of one topology: a row of racks. More than one machine simulates is more likely a slip of the finger.</summary>
    public const int MaxHosts = 256;

    /// <summary>Root complexes of one host: each takes its slice of the 32-bit window, and eight slices of 128 MiB are still useful.</summary>
    public const int MaxRootComplexes = 8;

    /// <summary>Functions of one topology, all hosts together: as many as sixteen segments have Routing IDs (PCIe 6.0 section 2.2.4.2), at less than 1 KiB each.</summary>
    public const int MaxTopologyFunctions = 16 * 65_536;

    /// <summary>Virtual functions of one function that have a model: each has an actor from the start on. Those that are memory alone cost nothing until they are enabled.</summary>
    public const int MaxModelledVirtualFunctions = 4096;

    /// <summary>Partitions and threads of one run: beyond the cores of the largest machines, synchronisation is all that is left.</summary>
    public const int MaxPartitions = 256;

    /// <summary>Workloads of one experiment; they run one after another, and a person reads the table of results.</summary>
    public const int MaxWorkloads = 256;

    /// <summary>Sizes in one sweep: each is a run of its own.</summary>
    public const int MaxSweepSizes = 128;

    /// <summary>Points of one workload's sweep, its sizes not counted: each is a line of a table that a person reads.</summary>
    public const int MaxSweepPoints = 1024;

    /// <summary>Operations of one workload at one size: at a million a second of wall time, a quarter of an hour.</summary>
    public const int MaxOperations = 1_000_000_000;

    /// <summary>Bytes of one transfer of a workload; more is better asked for as more transfers.</summary>
    public const long MaxTransferBytes = 1L << 30;

    /// <summary>Bytes of the buffers of one run of a DMA test, which a host asks for by registers: what anybody would measure, and little enough that garbage there does no harm.</summary>
    public const long MaxDmaTestBytes = 1L << 28;

    /// <summary>Inbound or outbound address translations of one endpoint controller: DesignWare's iATU, the largest that we know, has 256 regions.</summary>
    public const int MaxTranslationWindows = 256;

    /// <summary>Parts that one BAR is mapped in: as many as its controller has windows at most, and no use known needs more than a few.</summary>
    public const int MaxBarSubranges = 16;

    /// <summary>Devices on the local bus of one endpoint: an interrupt controller and a DMA engine or two; no part known has more than a few that matter here.</summary>
    public const int MaxLocalDevices = 16;

    /// <summary>Doorbells of one function: what fits into a page of 64 KiB of stored messages. MSI-X, the most that the specification has of the kind, knows 2048.</summary>
    public const int MaxDoorbells = 4096;

    /// <summary>Channels of one direction of a DMA engine: what the registers of DesignWare's eDMA have room for.</summary>
    public const int MaxDmaChannels = 8;

    /// <summary>Transfers of one function that wait for a DMA channel: software awaits each, so more than a few per function is software that lost count.</summary>
    public const int MaxDmaTransfers = 64;

    /// <summary>Slots of one virtual NTB, interrupts and doorbells alike: its registers have room for as many, and MSI has no more vectors (PCIe 6.0 section 7.7.1).</summary>
    public const int MaxVntbSlots = 32;

    /// <summary>Scratchpads of each side of a virtual NTB: hardware bridges have 16 to 64, Linux's example 64.</summary>
    public const int MaxVntbScratchpads = 128;

    /// <summary>One memory window of a virtual NTB, in bytes: a function of a controller has 16 MiB of memory, and what is shown in a window lies there.</summary>
    public const int MaxVntbWindowBytes = 8 << 20;

    /// <summary>Hops that one partition keeps for whoever follows TLPs: 40 MiB. A path is read by people, who follow a few transactions.</summary>
    public const int FollowedHops = 1 << 20;

    /// <summary>Address ranges that one peer guard tells apart: it looks through them, and a segment of sixteen cards with several functions of six BARs fits.</summary>
    public const int GuardedRanges = 1024;

    /// <summary>Function pairs of one allow-list; more are better said by ACS, port by port.</summary>
    public const int GuardedPairs = 4096;

    /// <summary>Page tables of one I/O address space, 4 KiB each: 256 MiB, and with 4 KiB pages 128 GiB mapped. Beyond, use larger pages.</summary>
    public const int MaxPageTables = 65_536;

    /// <summary>I/O address spaces of one IOMMU: domain IDs have sixteen bits in the IOMMUs of servers.</summary>
    public const int MaxIommuDomains = 65_536;

    /// <summary>Entries of an IO-TLB: a few times the largest that is known of. It is searched for each request.</summary>
    public const int MaxTranslationCacheEntries = 65_536;

    /// <summary>Page walks that an IOMMU makes at a time.</summary>
    public const int MaxPageWalkers = 256;

    /// <summary>Fault records that wait for software. What comes on top is counted and lost, as in the fault queues of real IOMMUs.</summary>
    public const int MaxIommuFaults = 65_536;

    /// <summary>Invalidations that wait for one function's answers. Software that unmaps without ever waiting would fill any queue.</summary>
    public const int MaxIommuInvalidations = 65_536;

    /// <summary>Translations that a function has asked for at a time; more would only take tags from its reads.</summary>
    public const int MaxTranslationRequests = 32;

    /// <summary>Data of one vfio-user message, in bytes: what both sides assume where they do not say (vfio-user, VFIO_USER_VERSION).</summary>
    public const int VfioUserTransferBytes = 1 << 20;

    /// <summary>A vfio-user message: its data, and the longest of the headers before it, rounded up. A longer one closes the connection.</summary>
    public const int VfioUserFrameBytes = VfioUserTransferBytes + 64;

    /// <summary>Version data of vfio-user: capabilities in JSON. QEMU's take 250 bytes.</summary>
    public const int VfioUserVersionBytes = 4096;

    /// <summary>File descriptors beside one vfio-user message: what QEMU offers too.</summary>
    public const int VfioUserMessageDescriptors = 16;

    /// <summary>DMA maps of one vfio-user client. Linux gives a process 65,530 mappings (vm.max_map_count), which several clients share.</summary>
    public const int VfioUserDmaMaps = 16_384;

    /// <summary>DMA requests to one vfio-user client that wait for its reply: more than what a function has outstanding (<see cref="MaxOutstandingRequests"/>).</summary>
    public const int VfioUserDmaRequests = 1024;

    /// <summary>Bytes that wait for a vfio-user client to read them, when its socket is full: some of the longest messages.</summary>
    public const int VfioUserQueueBytes = 8 << 20;

    /// <summary>Vectors of one kind of interrupt: those of an MSI-X table (PCIe 6.0 section 7.7.2.2).</summary>
    public const int VfioUserVectors = 2048;

    /// <summary>Writes in one VFIO_USER_REGION_WRITE_MULTI: what QEMU gathers at most.</summary>
    public const int VfioUserWrites = 200;

    /// <summary>Pieces of one region that a client may map: a BAR with more holes than pages in its table is a mistake.</summary>
    public const int VfioUserMappableAreas = 64;

    /// <summary>Files that one run is made from: an experiment and its topology today, with room for includes.</summary>
    public const int MaxJournalSources = 64;

    /// <summary>Values set over the files of one run: as many as fit a command line.</summary>
    public const int MaxJournalOverrides = 65536;

    /// <summary>Bytes of a journal's block of inputs when it is unpacked: a block ends after 64 KiB, and its last record is a TLP at most. What unpacks to more was made to fill memory.</summary>
    public const int MaxJournalBlockBytes = 1 << 18;
}
