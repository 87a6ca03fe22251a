using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Kameo.Actors.Generators.Tests;

/// <summary>What is generated: it compiles without a warning, reads well, and is not made again for nothing.</summary>
public sealed class GenerationTests
{
    private const string Ping = """
        namespace Demo
        {
            public record Ping(int Number, string? Text, List<Ping>? Inner);
            public interface IPing : IGrainWithStringKey
            {
                ValueTask<Ping> Send(Ping ping, CancellationToken cancellation);
                [OneWay] Task Note(string text);
            }
            [KeepAlive]
            public sealed class PingActor(IServiceProvider services, int size = 3) : Actor, IPing
            {
                public ValueTask<Ping> Send(Ping ping, CancellationToken cancellation) => services is null || size < 0 ? default : new(ping);
                public Task Note(string text) => Task.CompletedTask;
            }
        }
        """;

    [Fact]
    public void An_interface_a_class_and_a_record_compile_without_a_warning()
    {
        Run run = Driver.Generate(Ping);
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Problems);
    }

    [Theory]
    [InlineData("Demo_IPing.g.cs")]
    [InlineData("Demo_PingFormatter.g.cs")]
    [InlineData("ActorRegistration.g.cs")]
    public void Generated_code_is_what_was_looked_at(string file)
    {
        string path = Path.Combine(Repository.ProjectFolder, "Snapshots", file + ".txt");
        string generated = Driver.Generate(Ping)[file];
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "true")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, generated);
        }

        Assert.Equal(File.ReadAllText(path), generated);
    }

    [Theory]
    [InlineData("[Travels] public class E : Exception { public E() { } public E(string? message) : base(message) { } public E(string? message, Exception? innerException) : base(message, innerException) { } public int Code { get; set; } }")]
    [InlineData("[Travels] internal sealed class E(int at) : InvalidOperationException($\"at {at}\") { public int At => at; public required string Name { get; init; } public List<string> More { get; init; } = []; }")]
    [InlineData("[Travels, System.Runtime.Serialization.DataContract] public class E(string message, Exception inner) : TimeoutException(message, inner) { [System.Runtime.Serialization.DataMember(Name = \"c\")] public int Code { get; set; } public Action? Ignored { get; set; } } public class D : E { public D() : base(\"d\", null!) { } }")]
    [InlineData("public record Part(int A); [Travels] public class E(Part part) : Exception { public Part Part { get; } = part; public override string Message => $\"{Part}\"; } public interface IA : IGrainWithStringKey { Task M(Part part); }")]
    [InlineData("public record struct S(int A); public interface IA : IGrainWithGuidKey { Task<S?> M(S a, S? b, S[] c, (S, int) d, Dictionary<S, List<S?>> e); }")]
    [InlineData("public class B { public int X { get; init; } public required string Y { get; set; } } public class C : B { public long Z; } public interface IA : IGrainWithIntegerKey { Task<C> M(B b); }")]
    [InlineData("public class Node { public Node? Next { get; set; } public IReadOnlyList<Node> Others { get; set; } = []; } public interface IA : IGrainWithGuidCompoundKey { Task M(Node node); }")]
    [InlineData("public class Box<T> { public T? Value { get; set; } } public interface IA : IGrainWithIntegerCompoundKey { Task<Box<int>> M(Box<string> a, Box<Box<byte[]>> b); }")]
    [InlineData("[System.Runtime.Serialization.DataContract] public class B { [System.Runtime.Serialization.DataMember(Order = 2)] public int X { get; set; } [System.Runtime.Serialization.DataMember(Order = 0)] public int Y { get; set; } public Action? Ignored { get; set; } } public interface IA : IGrainWithStringKey { Task M(B b); }")]
    [InlineData("public interface IBase : IGrainWithStringKey { Task<int> One(int a); } public interface IDerived : IBase { Task<int> One(string a); Task Two(); } public class A : Actor, IDerived { public Task<int> One(int a) => Task.FromResult(1); public Task<int> One(string a) => Task.FromResult(2); public Task Two() => Task.CompletedTask; }")]
    [InlineData("public enum E : ulong { A = ulong.MaxValue } public class Outer { public interface IA : IGrainWithStringKey { Task<E> @class(E @event, DateTimeOffset d, TimeSpan t, Guid g, decimal m, System.Collections.Immutable.ImmutableArray<int> i, Memory<byte> b, ReadOnlyMemory<double> r); } }")]
    [InlineData("[Kameo.Actors.Serialization.Union(0, typeof(Cat)), Kameo.Actors.Serialization.Union(1, typeof(Dog))] public abstract class Animal; public class Cat : Animal { public int Lives { get; set; } } public class Dog : Animal; public interface IA : IGrainWithStringKey { Task<Animal> M(Animal a); }")]
    [InlineData("[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)] public class UnionAttribute(int key, Type type) : Attribute { public int Key => key; public Type Type => type; } [Union(0, typeof(Cat))] [Union(1, typeof(Dog))] public abstract class Animal; public class Cat : Animal { public int Lives { get; set; } } public class Dog : Animal; public interface IA : IGrainWithStringKey { Task<Animal> M(Animal a); }")]
    [InlineData("public record R(IA A, List<IA?> All, R? Inner); public interface IA : IGrainWithStringKey { Task<IA> M(IA a, R[] b); Task<int> N(); Task<R> O(); }")]
    [InlineData("public interface IO : IGrainObserver { void M(int a, CancellationToken b); Task N(IO self); ValueTask<int> O(); } public interface IA : IGrainWithStringKey { Task M(IO a); } public class A : Actor, IA, IO { public Task M(IO a) => a.Tell().M(1).AsTask(); public void M(int a, CancellationToken b) { } public Task N(IO self) => Task.CompletedTask; public ValueTask<int> O() => default; }")]
    [InlineData("public interface IO<T> : IGrainObserver { void M(T a); } public static class Use { public static IO<int> One(ActorNode node, IO<int> a) => node.CreateObserverReference<IO<int>>(a); }")]
    [InlineData("public interface IA : IGrainWithStringKey { IAsyncEnumerable<int> M(int token, string? call, CancellationToken asked = default); IAsyncEnumerable<List<string?>> M(); IAsyncEnumerable<IA> N(IA a); } public class A : Actor, IA { public IAsyncEnumerable<int> M(int token, string? call, CancellationToken asked) => throw new Exception(); public IAsyncEnumerable<List<string?>> M() => throw new Exception(); public async IAsyncEnumerable<IA> N(IA a) { await Task.Yield(); yield return AsReference<IA>(); } }")]
    [InlineData("public class Computed { public int A { get; set; } public int Twice => 2 * A; } public interface IA : IGrainWithStringKey { Task M(Computed a); }")]
    public void Many_shapes_compile_without_a_warning(string source)
    {
        Run run = Driver.Generate(source);
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Problems);
    }

    [Theory]
    [InlineData("[MayInterleave(nameof(May))] public class A : Actor, IA { public Task M() => Task.CompletedTask; internal static bool May(IActorRequest call) => call.IsTell; }", "global::A.May")]
    [InlineData("[MayInterleave(\"class\")] public class A : Actor, IA { public Task M() => Task.CompletedTask; public static bool @class(object call) => true; public static bool @class(IActorRequest call) => call.IsTell; }", "global::A.@class")]
    [InlineData("public abstract class B : Actor { public static bool May(IActorRequest call) => true; } [MayInterleave(\"May\")] public class A : B, IA { public Task M() => Task.CompletedTask; }", "global::B.May")]
    [InlineData("[MayInterleave(\"May\")] public abstract class B<T> : Actor { public static bool May(IActorRequest call) => true; } public class A : B<int>, IA { public Task M() => Task.CompletedTask; }", "global::B<int>.May")]
    public void A_predicate_is_called_by_its_name(string source, string method)
    {
        Run run = Driver.Generate("public interface IA : IGrainWithStringKey { Task M(); } " + source);
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Problems);
        Assert.Contains($"MayInterleave = static request => {method}(request) }});", run["ActorRegistration.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void An_executable_runs_the_registrations_of_assemblies_that_it_never_mentions()
    {
        CSharpCompilation actors = Driver.Generate(Driver.Compile(Ping, assembly: "Actors.Of-Demo")).Output;
        Run host = Driver.Generate(Driver.Compile("public static class Program { public static void Main() { } }", OutputKind.ConsoleApplication, "Host", actors.ToMetadataReference()));
        Assert.Empty(host.Problems);
        Assert.Contains($"global::Kameo.Actors.Generated.{Parsing.Naming.Unique("Actors.Of-Demo")}.ActorRegistration.Register();", host["ActorRegistration.g.cs"], StringComparison.Ordinal);
        Assert.Contains("ModuleInitializer", host["ActorRegistration.g.cs"], StringComparison.Ordinal);
        Assert.DoesNotContain("ModuleInitializer", Driver.Generate(Ping)["ActorRegistration.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void An_unrelated_edit_generates_nothing_anew()
    {
        CSharpCompilation before = Driver.Compile(Ping);
        GeneratorDriver driver = Driver.NewDriver().RunGenerators(before);
        CSharpCompilation after = before.AddSyntaxTrees(CSharpSyntaxTree.ParseText("public class Unrelated { public int X; }", new CSharpParseOptions(LanguageVersion.Latest), path: "Other.cs"));
        GeneratorRunResult result = driver.RunGenerators(after).GetRunResult().Results[0];
        foreach (string step in new[] { KameoGenerator.Steps.Interfaces, KameoGenerator.Steps.Classes, KameoGenerator.Steps.Shapes, KameoGenerator.Steps.Facts })
        {
            Assert.All(result.TrackedSteps[step].SelectMany(static one => one.Outputs), output =>
                Assert.True(output.Reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{step}: {output.Reason}"));
        }

        Assert.All(result.TrackedOutputSteps.SelectMany(static one => one.Value).SelectMany(static one => one.Outputs), static output =>
            Assert.Equal(IncrementalStepRunReason.Cached, output.Reason));
    }

    [Fact]
    public void An_edit_of_one_interface_generates_nothing_anew_for_another()
    {
        CSharpCompilation before = Driver.Compile(Ping).AddSyntaxTrees(Other("Task M(int a);"));
        GeneratorDriver driver = Driver.NewDriver().RunGenerators(before);
        CSharpCompilation after = before.ReplaceSyntaxTree(before.SyntaxTrees[1], Other("Task M(long a);"));
        GeneratorRunResult result = driver.RunGenerators(after).GetRunResult().Results[0];
        IncrementalStepRunReason[] reasons = [.. result.TrackedOutputSteps.SelectMany(static one => one.Value).SelectMany(static one => one.Outputs).Select(static output => output.Reason)];
        Assert.Single(reasons, static reason => reason == IncrementalStepRunReason.Modified);
        Assert.Contains(IncrementalStepRunReason.Cached, reasons);

        static SyntaxTree Other(string method) =>
            CSharpSyntaxTree.ParseText($"{Driver.Usings} public interface IOther : IGrainWithStringKey {{ {method} }}", new CSharpParseOptions(LanguageVersion.Latest), path: "Other.cs");
    }

    [Fact]
    public void Ids_on_the_wire_do_not_change()
    {
        string generated = Driver.Generate(Ping)["Demo_IPing.g.cs"];
        Assert.Contains($"0x{Parsing.StableHash.Of32("Send(global::Demo.Ping):global::Demo.Ping"):x8}u", generated, StringComparison.Ordinal);
        Assert.Equal(0x811c9dc5u, Parsing.StableHash.Of32(string.Empty));
        Assert.Equal(0xe40c292cu, Parsing.StableHash.Of32("a"));
        Assert.Equal(0xaf63dc4c8601ec8cul, Parsing.StableHash.Of64("a"));
    }
}
