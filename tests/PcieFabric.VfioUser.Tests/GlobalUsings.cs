// Descriptors and mappings of the process are counted, so tests run one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
