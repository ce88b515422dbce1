namespace PcieFabric.Cli.Doctor;

/// <summary>The tools that <c>tests/Guests/kit/provide</c> builds a guest's kernel and root file system with.</summary>
internal static class GuestTools
{
    /// <summary>What fetches the packages that the kit is made from. Not to be had on other systems than Debian's kin.</summary>
    private const string Packages = "apt-get";

    /// <summary>Programs, and the Debian packages they are in.</summary>
    private static readonly (string Program, string Package)[] Programs =
        [("gcc", "gcc"), ("make", "make"), ("flex", "flex"), ("bison", "bison"), ("bc", "bc"), ("xz", "xz-utils")];

    public const string Remedy = "apt-get install gcc make flex bison bc xz-utils libelf-dev libc6-dev, or run as root";

    /// <summary>Root need have none of them: the kit installs what is missing.</summary>
    public static async Task<Finding> Probe(IMachine machine, CancellationToken cancellation)
    {
        var present = await Task.WhenAll(Programs.Select(tool => IsThere(tool.Program)).Append(IsThere(Packages)));
        if (!present[^1])
            return Finding.Lacks($"no {Packages}: the kit is made from Debian packages");

        var missing = Programs.Where((_, index) => !present[index]).Select(tool => tool.Package).ToList();
        if (machine.Read("/usr/include/libelf.h") is null)
            missing.Add("libelf-dev");
        // A compiler answers with the whole path of a library that it has.
        if (await machine.RunAsync("gcc", ["-print-file-name=libc.a"], cancellation) is not { } library || !library.StartsWith('/'))
            missing.Add("libc6-dev");

        return missing.Count == 0 ? Finding.Has("all tools")
            : machine.IsRoot ? Finding.Has($"root, who installs {string.Join(", ", missing)}")
            : Finding.Lacks($"no {string.Join(", ", missing)}");

        async Task<bool> IsThere(string program) => await machine.RunAsync(program, ["--version"], cancellation) is not null;
    }
}
