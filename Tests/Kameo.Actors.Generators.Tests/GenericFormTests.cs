using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Kameo.Actors.Generators.Tests;

/// <summary>Which closed forms of generic actor types are generated, and where.</summary>
public sealed class GenericFormTests
{
    private const string Cell = "namespace N { public interface ICell<T> : IGrainWithStringKey { Task Put(T value); } public class CellActor<T> : Actor, ICell<T> { public Task Put(T value) => Task.CompletedTask; } } ";

    [Fact]
    public void Without_a_form_nothing_is_generated_but_what_others_need_to_know()
    {
        Run run = Driver.Generate(Cell);
        Assert.Empty(run.Problems);
        Assert.Contains("ActorForm(typeof(global::N.CellActor<>))", run["ActorRegistration.g.cs"], StringComparison.Ordinal);
        Assert.DoesNotContain("ActorCatalog", run["ActorRegistration.g.cs"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public static class Use { public static N.ICell<int> One(IActors actors) => actors.Get<N.ICell<int>>(\"a\"); public static N.ICell<int> Two(IActors actors) => actors.GetGrain<N.ICell<int>>(\"a\"); }")]
    [InlineData("public class IntCellActor : Actor, N.ICell<int> { public Task Put(int value) => Task.CompletedTask; }")]
    [InlineData("public interface IB : IGrainWithGuidKey { Task<List<N.ICell<int>?>> All(); }")]
    [InlineData("public interface IB<T> : IGrainWithGuidKey { Task<N.ICell<T>> One(); } public static class Use { public static IB<int> One(IActors actors) => actors.Get<IB<int>>(default(Guid)); }")]
    [InlineData("public interface IBoth<T> : N.ICell<int> { Task<T> M(); } public class BothActor<T> : Actor, IBoth<T> { public Task Put(int value) => Task.CompletedTask; public Task<T> M() => throw new Exception(); } public static class Use { public static IBoth<long> One(IActors actors) => actors.Get<IBoth<long>>(\"a\"); }")]
    [InlineData("public static class Use { public static ActorTopic<N.ICell<int>> One(ActorNode node) => node.Topic<N.ICell<int>>(\"a\"); }")]
    public void Forms_are_found_where_they_are_used(string use)
    {
        Run run = Driver.Generate(Cell + use);
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Problems);
        Assert.Contains("new(typeof(global::N.ICell<int>), \"N.ICell<int>\"", string.Concat(run.Result.GeneratedTrees), StringComparison.Ordinal);
        Assert.Contains("new global::N.CellActor<int>()", run["ActorRegistration.g.cs"], StringComparison.Ordinal);
        Assert.Contains("ActorForm(typeof(global::N.ICell<int>))", run["ActorRegistration.g.cs"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("N.ICell<(int a, string? b)>")]
    [InlineData("N.ICell<string?>")]
    [InlineData("N.ICell<List<int?[]>>")]
    [InlineData("N.ICell<N.ICell<int>>")]
    [InlineData("N.ICell<Outer<int>.Inner>")]
    [InlineData("Outer<int>.INested")]
    public void Awkward_arguments_compile(string form)
    {
        Run run = Driver.Generate($"{Cell} public class Outer<T> {{ public record Inner(T Value); public interface INested : IGrainWithStringKey {{ Task Put(T value); }} }} namespace N {{ public static class Use {{ public static {form} One(IActors actors) => actors.Get<{form}>(\"a\"); public static ValueTask Two({form} cell) => cell.Tell().Put(default!); }} }}");
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Problems);
    }

    [Fact]
    public void A_form_that_names_itself_without_end_is_cut()
    {
        Run run = Driver.Generate("public interface IGrow<T> : IGrainWithStringKey { Task<IGrow<List<T>>> More(); } public static class Use { public static IGrow<int> One(IActors actors) => actors.Get<IGrow<int>>(\"a\"); }");
        Assert.Empty(run.Problems);
        Assert.InRange(run.Result.GeneratedTrees.Length, 2, 80);
    }

    [Fact]
    public void A_project_closes_the_class_of_one_reference_for_the_form_of_another()
    {
        CSharpCompilation contracts = Driver.Generate(Driver.Compile("namespace N { public interface ICell<T> : IGrainWithStringKey { Task Put(T value); } }", assembly: "Contracts")).Output;
        MetadataReference known = contracts.ToMetadataReference();
        CSharpCompilation hosts = Driver.Generate(Driver.Compile("namespace N { public class CellActor<T> : Actor, ICell<T> { public Task Put(T value) => Task.CompletedTask; } }", assembly: "Hosts", more: known)).Output;
        CSharpCompilation callers = Driver.Generate(Driver.Compile("public static class Use { public static N.ICell<int> One(IActors actors) => actors.Get<N.ICell<int>>(\"a\"); }", assembly: "Callers", more: known)).Output;
        Run host = Driver.Generate(Driver.Compile("public static class Program { public static void Main() { } }", OutputKind.ConsoleApplication, "Host", known, hosts.ToMetadataReference(), callers.ToMetadataReference()));
        Assert.Empty(host.Problems);
        Assert.Contains("new global::N.CellActor<int>()", host["ActorRegistration.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void Projects_that_see_each_others_internals_share_the_tells_of_a_form()
    {
        const string Use = "namespace N { public static class Use { public static ValueTask One(IActors actors) => actors.Get<ICell<int>>(\"a\").Tell().Put(1); } }";
        CSharpCompilation first = Driver.Generate(Driver.Compile($"[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Second\")] {Cell}{Use}", assembly: "First")).Output;
        Run second = Driver.Generate(Driver.Compile(Use.Replace("Use", "Again", StringComparison.Ordinal), assembly: "Second", more: first.ToMetadataReference()));
        Assert.Empty(second.Problems);
        Run third = Driver.Generate(Driver.Compile(Use.Replace("Use", "Again", StringComparison.Ordinal), assembly: "Third", more: first.ToMetadataReference()));
        Assert.Empty(third.Problems);
    }

    [Fact]
    public void An_alias_within_a_generic_type_keeps_its_arguments()
    {
        Run run = Driver.Generate("namespace Orleans { public class AliasAttribute(string name) : Attribute { public string Name => name; } } public class Outer<T> { [Orleans.Alias(\"in\")] public interface INested : IGrainWithStringKey { Task Put(T value); } } public static class Use { public static Outer<int>.INested One(IActors actors) => actors.Get<Outer<int>.INested>(\"a\"); public static Outer<string>.INested Two(IActors actors) => actors.Get<Outer<string>.INested>(\"a\"); }");
        Assert.Empty(run.Problems);
        Assert.Contains("\"in<int>\"", string.Concat(run.Result.GeneratedTrees), StringComparison.Ordinal);
        Assert.Contains("\"in<string>\"", string.Concat(run.Result.GeneratedTrees), StringComparison.Ordinal);
    }
}
