// A guest is an emulated processor that never rests while it boots; several at once on a small machine would starve one another and their devices.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
