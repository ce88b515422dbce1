namespace PcieFabric.Ports;

/// <summary>An actor through which trains may pass, or at which they may end.</summary>
internal interface ITrainStop
{
    /// <summary>Adds to the route what each TLP of the train would meet here, and goes on to where it would go next.</summary>
    /// <param name="inlet">On which they come.</param>
    /// <returns>False where something about one of them would differ, or could change meanwhile without a message to this actor.</returns>
    bool TryPass(TrainRoute route, int inlet);
}
