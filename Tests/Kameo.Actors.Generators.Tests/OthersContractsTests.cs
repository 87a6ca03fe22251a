using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Emit;

namespace Kameo.Actors.Generators.Tests;

/// <summary>Assemblies that are not compiled with the generator, and what is generated for them where they are named.</summary>
public sealed class OthersContractsTests
{
    private const string Plain = """
        namespace Plain
        {
            public record Question(string Text);
            public interface IA : IGrainWithStringKey { Task M(); ValueTask<Question> Ask(Question question); IAsyncEnumerable<int> Count(CancellationToken cancellation); }
            public interface IWatcher : IGrainObserver { void Seen(int value); }
            public class AActor : Actor, IA
            {
                public Task M() => Task.CompletedTask;
                public ValueTask<Question> Ask(Question question) => new(question);
                public IAsyncEnumerable<int> Count(CancellationToken cancellation) => throw new NotSupportedException();
            }
            public interface ICell<T> : IGrainWithStringKey { Task Put(T value); }
            public class CellActor<T> : Actor, ICell<T> { public Task Put(T value) => Task.CompletedTask; }
            [Travels] public class LostException(string message) : Exception(message);
            internal interface IHidden : IGrainWithStringKey { Task M(); }
        }
        """;

    private const string Named = "[assembly: ActorContracts(typeof(Plain.Question))] ";
    private const string Use = "namespace Use { using Plain; public static class Use { public static async Task Now(IActors actors) { Plain.IA a = actors.Get<Plain.IA>(\"a\"); await a.M(); await a.Tell().M(); await actors.Get<Plain.ICell<int>>(\"a\").Tell().Put(1); } } }";

    private static MetadataReference Reference(string source, string assembly) => Driver.Compile(source, assembly: assembly).ToMetadataReference();

    /// <summary>As a build hands it from project to project.</summary>
    private static PortableExecutableReference Compiled(string source, string assembly)
    {
        using var bytes = new MemoryStream();
        Assert.True(Driver.Compile(source, assembly: assembly).Emit(bytes, options: new EmitOptions(metadataOnly: true, includePrivateMembers: false)).Success);
        return MetadataReference.CreateFromImage(bytes.ToArray());
    }

    [Fact]
    public void All_that_a_project_can_see_of_an_assembly_that_it_names_is_generated()
    {
        Run run = Driver.Generate(Driver.Compile(Named + Use, more: Reference(Plain, "Plain")));
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Problems);
        string all = string.Concat(run.Result.GeneratedTrees);
        string registration = run["ActorRegistration.g.cs"];
        Assert.Contains("new(typeof(global::Plain.IA), \"Plain.IA\"", all, StringComparison.Ordinal);
        Assert.Contains("new(typeof(global::Plain.IWatcher), \"Plain.IWatcher\"", all, StringComparison.Ordinal);
        Assert.Contains("new global::Plain.AActor()", registration, StringComparison.Ordinal);
        Assert.Contains("new global::Plain.CellActor<int>()", registration, StringComparison.Ordinal);
        Assert.Contains("ActorForm(typeof(global::Plain.CellActor<>))", registration, StringComparison.Ordinal);
        Assert.Contains("ExceptionForm<global::Plain.LostException", registration, StringComparison.Ordinal);
        Assert.DoesNotContain("IHidden", all, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_generated_for_others_has_the_ids_that_it_would_have_with_them()
    {
        string own = Driver.Generate(Driver.Compile(Plain, assembly: "Plain"))["Plain_IA.g.cs"];
        string others = Driver.Generate(Driver.Compile(Named, more: Reference(Plain, "Plain")))["Plain_IA.g.cs"];
        Assert.Equal(Ids(own), Ids(others));

        static IEnumerable<string> Ids(string code) => System.Text.RegularExpressions.Regex.Matches(code, "0x[0-9a-f]{8,16}ul?").Select(static match => match.Value);
    }

    [Fact]
    public void Several_projects_may_name_one_assembly()
    {
        MetadataReference plain = Reference(Plain, "Plain");
        MetadataReference first = Driver.Generate(Driver.Compile($"{Named} namespace First {{ {Use} }}", assembly: "First", more: plain)).Output.ToMetadataReference();
        MetadataReference second = Driver.Generate(Driver.Compile($"{Named} namespace Second {{ {Use} }}", assembly: "Second", more: plain)).Output.ToMetadataReference();
        Run host = Driver.Generate(Driver.Compile($"{Named} {Use} public static class Program {{ public static void Main() {{ }} }}", OutputKind.ConsoleApplication, "Host", plain, first, second));
        Assert.Empty(host.Problems);
        Assert.Empty(host.Diagnostics);
    }

    [Fact]
    public void A_project_that_sees_anothers_internals_has_its_tells()
    {
        MetadataReference plain = Reference(Plain, "Plain");
        MetadataReference first = Driver.Generate(Driver.Compile($"{Named} [assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Second\")]", assembly: "First", more: plain)).Output.ToMetadataReference();
        Assert.Empty(Driver.Generate(Driver.Compile(Named + Use, OutputKind.DynamicallyLinkedLibrary, "Second", plain, first)).Problems);
    }

    [Fact]
    public void Who_references_a_project_that_names_an_assembly_is_not_warned_of_it()
    {
        MetadataReference plain = Reference(Plain, "Plain");
        MetadataReference first = Driver.Generate(Driver.Compile(Named, assembly: "First", more: plain)).Output.ToMetadataReference();
        const string Get = "public static class Use { public static Task Now(IActors actors) => actors.Get<Plain.IA>(\"a\").M(); }";
        Assert.Equal("KAMEO025", Assert.Single(Driver.Generate(Driver.Compile(Get, more: plain)).Diagnostics).Id);
        Assert.Empty(Driver.Generate(Driver.Compile(Get, OutputKind.DynamicallyLinkedLibrary, "Second", plain, first)).Diagnostics);
    }

    [Theory]
    [InlineData("public interface IA : IGrainWithStringKey { Task M(); Task N<T>(T value); }", "'Plain.IA': KAMEO003: 'N' has type parameters")]
    [InlineData("public interface IA : IGrainWithStringKey { void M(); }", "'Plain.IA': KAMEO001: 'M' must return Task")]
    [InlineData("public class A : Actor, IGood { internal A(int a) { } public Task M() => Task.CompletedTask; }", "'Plain.A': KAMEO008: 'A' has no constructor")]
    [InlineData("public class A : Actor, IGood { private A() { } public Task M() => Task.CompletedTask; }", "'Plain.A': KAMEO008: 'A' has no constructor")]
    [InlineData("[Travels] public abstract class E(string message) : Exception(message);", "'Plain.E': KAMEO024: 'E' is marked [Travels], but it is abstract")]
    public void What_cannot_be_generated_is_a_warning_where_the_assembly_is_named(string source, string message)
    {
        Run run = Driver.Generate(Driver.Compile("[assembly: ActorContracts(typeof(Plain.IGood))]", more: Reference($"namespace Plain {{ public interface IGood : IGrainWithStringKey {{ Task M(); }} {source} }}", "Plain")));
        Diagnostic diagnostic = Assert.Single(run.Diagnostics);
        Assert.Equal("KAMEO026", diagnostic.Id);
        Assert.Equal(DiagnosticSeverity.Warning, diagnostic.Severity);
        Assert.Equal("Source.cs", diagnostic.Location.GetLineSpan().Path);
        Assert.StartsWith($"Nothing is generated for {message}", diagnostic.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Empty(run.Problems);
        Assert.Contains("Plain_IGood.Description.Interface", run["ActorRegistration.g.cs"], StringComparison.Ordinal);
    }

    /// <summary>As F# writes interfaces: <c>abstract Move: int * string * bool -> Task</c>.</summary>
    [Theory]
    [InlineData(null, null, null)]
    [InlineData("a", "a", "a")]
    [InlineData("a b", "<c>", "")]
    [InlineData("argument2", null, null)]
    [InlineData("event", "value", null)]
    public void Parameters_need_no_names_that_could_be_written(string? first, string? second, string? third)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("Plain"), typeof(object).Assembly);
        TypeBuilder type = assembly.DefineDynamicModule("Plain").DefineType("Plain.IA", TypeAttributes.Public | TypeAttributes.Interface | TypeAttributes.Abstract);
        type.AddInterfaceImplementation(typeof(Orleans.IGrainWithStringKey));
        MethodBuilder method = type.DefineMethod("Move", MethodAttributes.Public | MethodAttributes.Abstract | MethodAttributes.Virtual | MethodAttributes.NewSlot | MethodAttributes.HideBySig, typeof(Task), [typeof(int), typeof(string), typeof(bool)]);
        foreach ((int number, string? name) in new[] { first, second, third }.Index())
        {
            if (name is not null)
            {
                method.DefineParameter(number + 1, ParameterAttributes.None, name);
            }
        }

        type.CreateType();
        using var bytes = new MemoryStream();
        assembly.Save(bytes);
        Run run = Driver.Generate(Driver.Compile("[assembly: ActorContracts(typeof(Plain.IA))] namespace Use { using Plain; public static class Use { public static ValueTask Now(IA a) => a.Tell().Move(1, \"\", true); } }", more: MetadataReference.CreateFromImage(bytes.ToArray())));
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Problems);
    }

    /// <summary>As a project sees another one: without private members, and what properties begin with.</summary>
    [Theory]
    [InlineData("public List<int> Items { get; } = [];", true)]
    [InlineData("public Dictionary<int, string> Items { get; } = new();", true)]
    [InlineData("public int Items { get; protected set; }", true)]
    [InlineData("public List<int> Items => [X];", false)]
    [InlineData("[System.Runtime.Serialization.IgnoreDataMember] public List<int> Items { get; } = [];", false)]
    [InlineData("public string Items { get; } = \"text\"; public int[] More { get; } = []; public System.Collections.Immutable.ImmutableArray<int> Most { get; } = [];", false)]
    [InlineData("public Held(int x) => (X, Items) = (x, [x]); public List<int> Items { get; }", false)]
    [InlineData("public Held() { } public Held(List<int> items) => Items = items; public List<int> Items { get; } = [];", false)]
    public void A_compiled_type_that_would_lose_what_it_holds_is_refused(string member, bool isRefused)
    {
        string source = $"namespace Plain {{ public class Held {{ public int X {{ get; set; }} {member} }} public interface IA : IGrainWithStringKey {{ Task M(Held held); }} }}";
        Run run = Driver.Generate(Driver.Compile("[assembly: ActorContracts(typeof(Plain.IA))]", more: Compiled(source, "Plain")));
        Assert.Empty(run.Problems);
        if (isRefused)
        {
            Assert.Contains("'global::Plain.Held', which cannot travel: its member Items holds something", Assert.Single(run.Diagnostics).GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        }
        else
        {
            Assert.Empty(run.Diagnostics);
        }
    }

    [Theory]
    [InlineData("typeof(Own)", "the assembly 'Tested': it is this one")]
    [InlineData("typeof(Made.IB)", "the assembly 'Made': it is compiled with the generator itself")]
    [InlineData("typeof(Uri)", "the assembly 'System.Private.Uri': it has no actor types")]
    [InlineData("typeof(Uri[])", "what [ActorContracts] names: it is no class")]
    [InlineData("null!", "what [ActorContracts] names: it is no class")]
    public void An_assembly_of_which_nothing_is_generated_is_named(string type, string message)
    {
        MetadataReference made = Driver.Generate(Driver.Compile("namespace Made { public interface IB : IGrainWithStringKey { Task M(); } }", assembly: "Made")).Output.ToMetadataReference();
        Run run = Driver.Generate(Driver.Compile($"[assembly: ActorContracts({type})] public interface Own : IGrainWithStringKey {{ Task M(); }}", more: made));
        Diagnostic diagnostic = Assert.Single(run.Diagnostics);
        Assert.Equal("KAMEO026", diagnostic.Id);
        Assert.Equal("Source.cs", diagnostic.Location.GetLineSpan().Path);
        Assert.StartsWith($"Nothing is generated for {message}", diagnostic.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Empty(run.Problems);
    }
}
