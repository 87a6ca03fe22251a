using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Kameo.Actors.Generators.Tests;

/// <summary>Contracts, actors and host in three assemblies, compiled and run: the host's code never mentions the actors' assembly.</summary>
public sealed class ThreeAssembliesTests
{
    private const string Contracts = """
        namespace Contracts
        {
            public record Question(string Text);
            public record Answer(string Text);
            public interface IOracle : IGrainWithIntegerKey { ValueTask<Answer> Ask(Question question); }
        }
        """;

    private const string Actors = """
        namespace Hosted
        {
            public sealed class OracleActor : Actor, Contracts.IOracle
            {
                public ValueTask<Contracts.Answer> Ask(Contracts.Question question) => new(new Contracts.Answer($"{Key}: {question.Text}? No."));
            }
        }
        """;

    private const string Host = """
        public static class Program
        {
            public static void Main() { }

            public static async Task<string> Run()
            {
                await using ActorNode node = await ActorNode.StartAsync(new ActorNodeOptions { Trust = Kameo.Actors.Transport.TrustPolicy.Anyone() });
                return (await node.Get<Contracts.IOracle>(7).Ask(new Contracts.Question("Rain"))).Text;
            }
        }
        """;

    [Fact]
    public Task An_actor_is_found_in_an_assembly_that_only_the_project_file_names() => CompileAndRun("Three", isPlain: false);

    [Fact]
    public Task Contracts_and_actors_without_the_generator_are_called_by_a_host_that_names_them() => CompileAndRun("Plain", isPlain: true);

    private static async Task CompileAndRun(string prefix, bool isPlain)
    {
        var context = new AssemblyLoadContext(prefix, isCollectible: false);
        var images = new Dictionary<string, byte[]>();
        context.Resolving += (loading, name) => images.TryGetValue(name.Name!, out byte[]? image) ? loading.LoadFromStream(new MemoryStream(image)) : null;
        string naming = isPlain ? "[assembly: ActorContracts(typeof(Contracts.IOracle)), ActorContracts(typeof(Hosted.OracleActor))] " : string.Empty;
        MetadataReference contracts = Build(prefix + ".Contracts", Contracts, OutputKind.DynamicallyLinkedLibrary);
        MetadataReference actors = Build(prefix + ".Actors", Actors, OutputKind.DynamicallyLinkedLibrary, contracts);
        Build(prefix + ".Host", naming + Host, OutputKind.ConsoleApplication, contracts, actors);
        Assembly host = context.LoadFromAssemblyName(new AssemblyName(prefix + ".Host"));
        var run = (Task<string>)host.GetType("Program")!.GetMethod("Run")!.Invoke(null, null)!;
        Assert.Equal("7: Rain? No.", await run.WaitAsync(TimeSpan.FromSeconds(30)));

        MetadataReference Build(string name, string source, OutputKind kind, params MetadataReference[] references)
        {
            // Names on the wire are the process's, so each run has its own.
            string own = source.Replace("Contracts.", $"{prefix}Contracts.", StringComparison.Ordinal).Replace("namespace Contracts", $"namespace {prefix}Contracts", StringComparison.Ordinal).Replace("Hosted", $"{prefix}Hosted", StringComparison.Ordinal);
            CSharpCompilation output = Driver.Compile(own, kind, name, references);
            if (!isPlain || kind == OutputKind.ConsoleApplication)
            {
                output = Driver.Generate(output).Output;
            }

            using var image = new MemoryStream();
            Microsoft.CodeAnalysis.Emit.EmitResult result = output.Emit(image);
            Assert.True(result.Success, string.Join('\n', result.Diagnostics));
            images.Add(name, image.ToArray());
            return MetadataReference.CreateFromImage(images[name]);
        }
    }
}
