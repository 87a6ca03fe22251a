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
        namespace Actors
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
    public async Task An_actor_is_found_in_an_assembly_that_only_the_project_file_names()
    {
        var context = new AssemblyLoadContext("three assemblies", isCollectible: false);
        var images = new Dictionary<string, byte[]>();
        context.Resolving += (loading, name) => images.TryGetValue(name.Name!, out byte[]? image) ? loading.LoadFromStream(new MemoryStream(image)) : null;
        MetadataReference contracts = Build("Three.Contracts", Contracts, OutputKind.DynamicallyLinkedLibrary);
        MetadataReference actors = Build("Three.Actors", Actors, OutputKind.DynamicallyLinkedLibrary, contracts);
        Build("Three.Host", Host, OutputKind.ConsoleApplication, contracts, actors);
        Assembly host = context.LoadFromAssemblyName(new AssemblyName("Three.Host"));
        var run = (Task<string>)host.GetType("Program")!.GetMethod("Run")!.Invoke(null, null)!;
        Assert.Equal("7: Rain? No.", await run.WaitAsync(TimeSpan.FromSeconds(30)));

        MetadataReference Build(string name, string source, OutputKind kind, params MetadataReference[] references)
        {
            CSharpCompilation output = Driver.Generate(Driver.Compile(source, kind, name, references)).Output;
            using var image = new MemoryStream();
            Microsoft.CodeAnalysis.Emit.EmitResult result = output.Emit(image);
            Assert.True(result.Success, string.Join('\n', result.Diagnostics));
            images.Add(name, image.ToArray());
            return MetadataReference.CreateFromImage(images[name]);
        }
    }
}
