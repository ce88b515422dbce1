namespace PcieFabric.Guests.Tests;

/// <summary>What a command in the guest printed on both its outputs, and its exit status.</summary>
internal readonly record struct CommandResult(string Output, int ExitStatus);
