namespace PcieFabric.Cli.Doctor;

/// <summary>What a probe saw: that the machine has something, or why it does not.</summary>
/// <param name="Found">Whether what we need is there, in a version that will do.</param>
/// <param name="Detail">The version or amount found, or what is lacking, as a short phrase.</param>
internal readonly record struct Finding(bool Found, string Detail)
{
    public static Finding Has(string detail) => new(true, detail);

    public static Finding Lacks(string detail) => new(false, detail);
}
