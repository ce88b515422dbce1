using System.Diagnostics;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Experiments;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Reading;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Documents;

/// <summary>What the project ships under <c>config</c> agrees with the reader.</summary>
public sealed class ShippedFilesTests(ITestOutputHelper output)
{
    public static TheoryData<string> Topologies => Shipped.Names("topologies");
    public static TheoryData<string> Experiments => Shipped.Names("experiments");

    public static TheoryData<string> Controllers => Shipped.Names("controllers");

    public static TheoryData<string, string> Schemas => new()
    {
        { "config/controller.schema.json", ControllerProfileSchema.ToJson() },
        { "config/topology.schema.json", TopologySchema.ToJson() },
        { "config/experiment.schema.json", ExperimentSchema.ToJson() },
        { "docs/topology-keys.md", TopologySchema.ToMarkdown() },
        { "docs/experiment-keys.md", ExperimentSchema.ToMarkdown() },
    };

    [Theory]
    [MemberData(nameof(Topologies))]
    public void AShippedTopologyIsAcceptedAndNamesItsSchema(string file)
    {
        var path = Path.Combine(Shipped.Config, "topologies", file);
        var topology = TopologyReader.Read(path);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), topology.Name);
        Assert.NotEmpty(topology.Description);
        Assert.NotEmpty(TopologyInstances.Functions(topology));
        Assert.StartsWith("# yaml-language-server: $schema=../topology.schema.json\n", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Experiments))]
    public void AShippedExperimentIsAcceptedAndNamesItsSchema(string file)
    {
        var path = Path.Combine(Shipped.Config, "experiments", file);
        var experiment = ExperimentReader.Read(path);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), experiment.Name);
        Assert.NotEmpty(experiment.Description);
        Assert.All(experiment.Workloads, workload => Assert.NotEmpty(workload.Checks));
        Assert.StartsWith("# yaml-language-server: $schema=../experiment.schema.json\n", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Controllers))]
    public void AShippedControllerIsAcceptedAndFoundByItsName(string file)
    {
        var path = Path.Combine(Shipped.Config, "controllers", file);
        var profile = ControllerProfiles.Read(path);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), profile.Name);
        Assert.NotEmpty(profile.Description);
        Assert.Equal(profile.DeviceId, ControllerProfiles.Find(profile.Name)!.DeviceId);
        Assert.StartsWith("# yaml-language-server: $schema=../controller.schema.json\n", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void EveryKindOfWorkloadHasAnExperiment()
    {
        var kinds = Shipped.Files("experiments").SelectMany(path => ExperimentReader.Read(path).Workloads).Select(workload => workload.Kind).Distinct();
        Assert.Equal(WorkloadSchema.KindNames.Order(), kinds.Order());
    }

    /// <summary>After a change of keys, <c>PCIEFABRIC_WRITE_DOCS=1 dotnet test</c> writes the files anew.</summary>
    [Theory]
    [MemberData(nameof(Schemas))]
    public void SchemasAndReferencePagesAreThoseOfTheReader(string file, string expected)
    {
        var path = Path.Combine(Shipped.Config, "..", file);
        if (GeneratedFiles.AreToBeWritten)
            File.WriteAllText(path, expected);
        Assert.Equal(expected, File.ReadAllText(path));
    }

    /// <summary>An independent validator takes every shipped file, and refuses one with an unknown key.</summary>
    [SchemaValidatorFact]
    public void EditorsAcceptTheShippedFiles()
    {
        const string script = """
            import glob, json, sys, yaml, jsonschema
            from jsonschema import Draft7Validator
            root = sys.argv[1]
            for kind, folder in (("topology", "topologies"), ("experiment", "experiments"), ("controller", "controllers")):
                schema = json.load(open(f"{root}/{kind}.schema.json"))
                Draft7Validator.check_schema(schema)
                validator = Draft7Validator(schema)
                for path in sorted(glob.glob(f"{root}/{folder}/*.yaml")):
                    document = yaml.safe_load(open(path))
                    for error in validator.iter_errors(document):
                        sys.exit(f"{path}: {error.json_path}: {error.message}")
                    document["unheard-of"] = 1
                    if validator.is_valid(document):
                        sys.exit(f"{path}: an unknown key is accepted")
                    print("checked", path)
            """;
        var (exitCode, text) = Python(script, Shipped.Config);
        output.WriteLine(text);
        Assert.Equal(0, exitCode);
        Assert.Equal(Shipped.Files("topologies").Count() + Shipped.Files("experiments").Count() + Shipped.Files("controllers").Count(), text.Split('\n').Count(line => line.StartsWith("checked", StringComparison.Ordinal)));
    }

    private static (int ExitCode, string Output) Python(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("python3") { RedirectStandardOutput = true, RedirectStandardError = true, ArgumentList = { "-c", script } };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("invariant: a new process was started");
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, text + errors.GetAwaiter().GetResult());
    }

    private sealed class SchemaValidatorFactAttribute : FactAttribute
    {
        public SchemaValidatorFactAttribute()
        {
            try
            {
                if (Python("import jsonschema, yaml").ExitCode != 0)
                    Skip = "python3 has no modules jsonschema and yaml";
            }
            catch (System.ComponentModel.Win32Exception)
            {
                Skip = "there is no python3";
            }
        }
    }
}
