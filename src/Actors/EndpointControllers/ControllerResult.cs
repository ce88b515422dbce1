namespace PcieFabric.EndpointControllers;

/// <summary>How a controller answered. A refusal is an answer like others: it names the controller and the rule.</summary>
/// <param name="Value">What was asked for: a number of vectors, a local address.</param>
/// <param name="Data">More of it: the data of an MSI.</param>
public readonly record struct ControllerResult(string Controller, ControllerOperation Operation, ControllerRule Rule, ulong Value = 0, ulong Data = 0)
{
    public bool IsSuccess => Rule == ControllerRule.None;

    public Errno Errno => Rule.Errno();

    public override string ToString() => IsSuccess ? $"{Controller} granted {Operation}" : $"{Controller} refused {Operation}: {Errno}, {Rule.Text()}";
}
