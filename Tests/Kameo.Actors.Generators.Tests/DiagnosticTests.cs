using Kameo.Actors.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Kameo.Actors.Generators.Tests;

/// <summary>What the generator refuses, where, and that each refusal is documented.</summary>
public sealed class DiagnosticTests
{
    [Theory]
    [InlineData("KAMEO001", "public interface IA : IGrainWithStringKey { int M(); }")]
    [InlineData("KAMEO001", "public interface IA : IGrainWithStringKey { void M(); }")]
    [InlineData("KAMEO001", "public interface IA : IGrainWithStringKey { ref Task M(); }")]
    [InlineData("KAMEO001", "public interface IA : IGrainObserver { int M(); }")]
    [InlineData("KAMEO005", "public interface IA : IGrainObserver { void M(object a); }")]
    [InlineData("KAMEO005", "public interface IA : IGrainWithStringKey { Task M(IGrainObserver a); }")]
    [InlineData("KAMEO002", "public interface IA : IGrainWithStringKey { Task M(ref int a); }")]
    [InlineData("KAMEO002", "public interface IA : IGrainWithStringKey { Task M(out int a); }")]
    [InlineData("KAMEO003", "public interface IA : IGrainWithStringKey { Task M<T>(T a); }")]
    [InlineData("KAMEO004", "public interface IA : IGrainWithStringKey { int P { get; } }")]
    [InlineData("KAMEO004", "public interface IA : IGrainWithStringKey { event Action E; }")]
    [InlineData("KAMEO005", "public interface IA : IGrainWithStringKey { Task M(object a); }")]
    [InlineData("KAMEO005", "public interface IA : IGrainWithStringKey { Task M(Action a); }")]
    [InlineData("KAMEO005", "public interface IA : IGrainWithStringKey { Task M(int[,] a); }")]
    [InlineData("KAMEO005", "public interface IA : IGrainWithStringKey { Task M(IGrainWithStringKey a); }")]
    [InlineData("KAMEO005", "public interface IA : IGrainWithStringKey { Task M(Orleans.Runtime.IAddressable a); }")]
    [InlineData("KAMEO005", "public interface IA : IGrainWithStringKey { Task M(System.IO.MemoryStream a); }")]
    [InlineData("KAMEO005", "public abstract class B; public interface IA : IGrainWithStringKey { Task<B> M(); }")]
    [InlineData("KAMEO005", "public class B { private B() { } public int X { get; set; } } public interface IA : IGrainWithStringKey { Task<List<B>> M(); }")]
    [InlineData("KAMEO007", "public class B { [System.Runtime.Serialization.DataMember(Name = \"Y\")] public int X { get; set; } public int Y { get; set; } } public interface IA : IGrainWithStringKey { Task M(B b); }")]
    [InlineData("KAMEO008", "public interface IA : IGrainWithStringKey { Task M(); } public class A : Actor, IA { private A() { } public Task M() => Task.CompletedTask; }")]
    [InlineData("KAMEO009", "public class A : Actor { }")]
    [InlineData("KAMEO010", "public class Outer { private interface IA : IGrainWithStringKey { Task M(); } }")]
    [InlineData("KAMEO011", "[assembly: ActorForm(typeof(IA<>))] public interface IA<T> : IGrainWithStringKey { Task M(T a); }")]
    [InlineData("KAMEO011", "[assembly: ActorForm(typeof(List<int>))]")]
    [InlineData("KAMEO005", "[assembly: ActorForm(typeof(IA<object>))] public interface IA<T> : IGrainWithStringKey { Task M(T a); }")]
    [InlineData("KAMEO012", "public interface IA : IGrainWithStringKey { Task M(CancellationToken a, int b); }")]
    [InlineData("KAMEO013", "public interface IA : IGrainWithStringKey { [OneWay] Task<int> M(); }")]
    [InlineData("KAMEO013", "public interface IA : IGrainWithStringKey { [OneWay] IAsyncEnumerable<int> M(); }")]
    [InlineData("KAMEO014", "public interface IA : IGrainWithStringKey { [AskTimeout(\"soon\")] Task M(); }")]
    [InlineData("KAMEO014", "public interface IA : IGrainWithStringKey { [AskTimeout(\"5\")] Task M(); }")]
    [InlineData("KAMEO014", "public interface IA : IGrainWithStringKey { [AskTimeout(\"-00:00:01\")] Task M(); }")]
    [InlineData("KAMEO004", "public interface IA : IGrainWithStringKey { static abstract Task M(); }")]
    [InlineData("KAMEO004", "public interface IA : IGrainWithStringKey { static abstract int operator +(IA a, IA b); }")]
    [InlineData("KAMEO004", "public interface IB { int P { get; } } public interface IA : IB, IGrainWithStringKey { Task M(); }")]
    [InlineData("KAMEO010", "file interface IA : IGrainWithStringKey { Task M(); }")]
    [InlineData("KAMEO010", "public interface IA : IGrainWithStringKey { protected Task M(); }")]
    [InlineData("KAMEO010", "public interface IA : IGrainWithStringKey { Task M(); } file class A : Actor, IA { public Task M() => Task.CompletedTask; }")]
    [InlineData("KAMEO015", "public interface IA : IGrainWithStringKey, IGrainWithGuidKey { Task M(); }")]
    [InlineData("KAMEO017", "public interface IA : IGrainWithStringKey { Task M(); } public class A : Actor, IA { public required string Name { get; init; } public Task M() => Task.CompletedTask; }")]
    [InlineData("KAMEO018", "public interface IA : IGrainWithStringKey { Task M(); } [Orleans.Placement.SiloRoleBasedPlacement] public class A : Actor, IA { public Task M() => Task.CompletedTask; }")]
    [InlineData("KAMEO022", "public interface IA : IGrainWithStringKey { Task M(); } [MayInterleave(\"May\")] public class A : Actor, IA { public Task M() => Task.CompletedTask; }")]
    [InlineData("KAMEO022", "public interface IA : IGrainWithStringKey { Task M(); } [MayInterleave(\"May\")] public class A : Actor, IA { public Task M() => Task.CompletedTask; public bool May(IActorRequest call) => true; }")]
    [InlineData("KAMEO022", "public interface IA : IGrainWithStringKey { Task M(); } [MayInterleave(\"May\")] public class A : Actor, IA { public Task M() => Task.CompletedTask; public static bool May(Orleans.CodeGeneration.InvokeMethodRequest call) => true; }")]
    [InlineData("KAMEO022", "public interface IA : IGrainWithStringKey { Task M(); } [MayInterleave(\"May\")] public class A : Actor, IA { public Task M() => Task.CompletedTask; public static Task<bool> May(IActorRequest call) => Task.FromResult(true); }")]
    [InlineData("KAMEO022", "public interface IA : IGrainWithStringKey { Task M(); } [MayInterleave(\"May\")] public class A : Actor, IA { public Task M() => Task.CompletedTask; public static bool May(IActorRequest call, int more) => true; }")]
    [InlineData("KAMEO022", "public interface IA : IGrainWithStringKey { Task M(); } [MayInterleave(\"May\")] public class A : Actor, IA { public Task M() => Task.CompletedTask; private static bool May(IActorRequest call) => true; }")]
    [InlineData("KAMEO022", "public interface IA : IGrainWithStringKey { Task M(); } [MayInterleave(null!)] public class A : Actor, IA { public Task M() => Task.CompletedTask; public static bool May(IActorRequest call) => true; }")]
    [InlineData("KAMEO018", "public interface IA : IGrainWithStringKey { Task M(); } [Orleans.Placement.SiloRoleBasedPlacement] public abstract class B : Actor; public class A : B, IA { public Task M() => Task.CompletedTask; }")]
    [InlineData("KAMEO024", "[Travels] public class E : Exception { public E(int lost) : base(lost.ToString()) { } }")]
    [InlineData("KAMEO024", "[Travels] public class E(string message, object what) : Exception(message) { public object What => what; }")]
    [InlineData("KAMEO024", "[Travels] public class E(string message, System.IO.Stream what) : Exception(message) { public System.IO.Stream What => what; }")]
    [InlineData("KAMEO024", "public interface IA : IGrainWithStringKey { Task M(); } [Travels] public class E(string message, IA who) : Exception(message) { public IA Who => who; }")]
    [InlineData("KAMEO024", "[Travels] public class E(string message) : Exception(message) { public int Code { get; private set; } }")]
    [InlineData("KAMEO024", "[Travels] public abstract class E(string message) : Exception(message);")]
    [InlineData("KAMEO024", "[Travels] public class E<T>(string message) : Exception(message);")]
    [InlineData("KAMEO024", "[Travels] public class E;")]
    [InlineData("KAMEO010", "public class Outer { [Travels] private class E(string message) : Exception(message); }")]
    [InlineData("KAMEO023", "public interface IA : IGrainWithStringKey { Task M(); } public class A : Grain, IA { public Task M() => Task.CompletedTask; }")]
    [InlineData("KAMEO021", "public interface IA : IGrainWithStringKey { Task M(); } public class A : Actor, IA { public Task M() { Orleans.Runtime.RequestContext.Set(\"k\", 1); return Task.CompletedTask; } }")]
    public void Is_refused(string id, string source)
    {
        Diagnostic diagnostic = Assert.Single(Driver.Generate(source).Diagnostics);
        Assert.Equal(id, diagnostic.Id);
        Assert.Equal("Source.cs", diagnostic.Location.GetLineSpan().Path);
    }

    [Fact]
    public void Two_methods_with_one_id_are_refused()
    {
        // Found by search: the two signatures have the same FNV-1a hash of 32 bits.
        (string first, string second) = Collision();
        Diagnostic diagnostic = Assert.Single(Driver.Generate($"public interface IA : IGrainWithStringKey {{ Task {first}(); Task {second}(); }}").Diagnostics);
        Assert.Equal("KAMEO006", diagnostic.Id);
    }

    [Theory]
    [InlineData("public class A : Actor, Contracts.IA { public Task M() => Task.CompletedTask; }")]
    [InlineData("public static class Use { public static Task Now(IActors actors) => actors.Get<Contracts.IA>(\"a\").M(); }")]
    public void An_interface_of_a_project_without_the_generator_is_named(string source)
    {
        CSharpCompilation contracts = Driver.Compile("namespace Contracts { public interface IA : IGrainWithStringKey { Task M(); } }", assembly: "Plain");
        Diagnostic diagnostic = Assert.Single(Driver.Generate(Driver.Compile(source, more: contracts.ToMetadataReference())).Diagnostics);
        Assert.Equal("KAMEO025", diagnostic.Id);
        Assert.StartsWith("'Contracts.IA' is of the assembly 'Plain'", diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal("Source.cs", diagnostic.Location.GetLineSpan().Path);
        Assert.Empty(Driver.Generate(Driver.Compile(source, more: Driver.Generate(contracts).Output.ToMetadataReference())).Diagnostics);
    }

    [Fact]
    public void Methods_that_differ_in_nothing_that_is_part_of_their_id_are_told_so()
    {
        Diagnostic diagnostic = Assert.Single(Driver.Generate("public interface IA : IGrainWithStringKey { Task M(int a); Task M(int a, CancellationToken token); }").Diagnostics);
        Assert.Equal("KAMEO006", diagnostic.Id);
        Assert.Contains("cancellation tokens", diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_does_not_stop_generation()
    {
        Run run = Driver.Generate("public interface IA : IGrainWithStringKey { Task M(); } [Orleans.Placement.SiloRoleBasedPlacement] public class A : Actor, IA { public Task M() => Task.CompletedTask; }");
        Assert.Contains("typeof(global::A)", run["ActorRegistration.g.cs"], StringComparison.Ordinal);
        Assert.Equal("'A' is marked [SiloRoleBasedPlacement], which the runtime does not honour yet", Assert.Single(run.Diagnostics).GetMessage(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Without_the_runtime_one_diagnostic_says_so_and_nothing_is_written()
    {
        CSharpCompilation compilation = Driver.Compile("public record B(int X); public interface IA : IGrainWithStringKey { Task M(B b); } public interface IB : IGrainWithStringKey { int M(object b); }");
        compilation = compilation.RemoveReferences(compilation.References.Where(static one => Path.GetFileName(one.Display) == "Kameo.Actors.dll"));
        Run run = Driver.Generate(compilation);
        Assert.Equal("KAMEO016", Assert.Single(run.Diagnostics).Id);
        Assert.Empty(run.Result.GeneratedTrees);
        Assert.Empty(Driver.Generate(compilation.RemoveAllSyntaxTrees()).Diagnostics);
    }

    [Fact]
    public void Each_diagnostic_is_documented_and_tracked()
    {
        string readme = Repository.Read("Generators", "README.md");
        string tracked = Repository.Read("Generators", "AnalyzerReleases.Unshipped.md");
        Assert.All(DiagnosticDescriptors.ById.Keys, id =>
        {
            Assert.Contains($"| {id} |", readme, StringComparison.Ordinal);
            Assert.Contains($"{id} |", tracked, StringComparison.Ordinal);
        });
    }

    private static (string First, string Second) Collision()
    {
        var seen = new Dictionary<uint, string>();
        for (int number = 0; ; number++)
        {
            string name = "M" + number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (!seen.TryAdd(Parsing.StableHash.Of32(name + "():void"), name))
            {
                return (seen[Parsing.StableHash.Of32(name + "():void")], name);
            }
        }
    }
}
