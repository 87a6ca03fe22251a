using System.Text.RegularExpressions;

namespace Kameo.Actors.Generators.Tests;

/// <summary>What other builds must agree on: method ids and schema hashes, which change with signatures and with nothing else.</summary>
public sealed partial class ContractTests
{
    private const string Interface = "namespace N; public interface IA : IGrainWithStringKey { Task M(B b, List<B>? c); } ";

    [Theory]
    [InlineData("public class B { public int X { get; set; } public string? Y { get; set; } }")]
    [InlineData("public class B { public string? Y { get; set; } public int X { get; set; } }")]
    [InlineData("public class B { public int X { get; set; } public C? Z { get; set; } } public class C { public int X { get; set; } }")]
    [InlineData("[System.Runtime.Serialization.DataContract] public class B { [System.Runtime.Serialization.DataMember(Order = 0)] public int X { get; set; } }")]
    [InlineData("[System.Runtime.Serialization.DataContract] public class B { [System.Runtime.Serialization.DataMember(Order = 0)] public int X { get; set; } [System.Runtime.Serialization.DataMember(Order = 1)] public int Y { get; set; } }")]
    [InlineData("public record struct B(int X);")]
    public void What_a_type_holds_is_no_part_of_the_contract(string type) => Assert.Equal(Of(Interface + "public class B { public int X { get; set; } }"), Of(Interface + type));

    [Theory]
    [InlineData("public struct V { public float Y; public float X; }")]
    [InlineData("public struct V { public int X; public float Y; }")]
    [InlineData("public struct V { public float X; public float Z; }")]
    [InlineData("public struct V { public W X; public float Y; } public struct W { public float Z; }")]
    [InlineData("public struct V { public float X; public float Y; public float Z; }")]
    public void How_values_of_payloads_lie_in_memory_is_part_of_it(string type)
    {
        const string First = "public struct V { public float X; public float Y; }";
        foreach (string used in new[] { "Task M(Payload<V> a);", "Task M(List<B> a);", "Task<ReadOnlyMemory<V>> M();" })
        {
            string source = "namespace N; public interface IA : IGrainWithStringKey { " + used + " } public record B(Payload<V> Values, int More); ";
            Assert.NotEqual(Of(source + First), Of(source + type));
            Assert.Equal(Of(source + First), Of(source + "public record struct V(float X, float Y);"));
        }
    }

    [Theory]
    [InlineData("Task M((int, string) a);", "Task M((int count, string name) a);")]
    [InlineData("Task<(int, (string, int)[])> M();", "Task<(int a, (string b, int c)[] d)> M();")]
    [InlineData("Task M(string a);", "Task M(string? other);")]
    [InlineData("Task M(Box<string> a);", "Task M(Box<string?>? a);")]
    [InlineData("Task M(int a);", "Task M(int a, CancellationToken b);")]
    [InlineData("Task M(Aliased a);", "Task M(Renamed a);")]
    [InlineData("Task M(List<Aliased[]> a);", "Task M(List<Renamed[]> a);")]
    public void Signatures_that_mean_the_same_have_one_id(string one, string other) => Assert.Equal(Signature(one), Signature(other));

    [Theory]
    [InlineData("Task M(int a);", "Task M(long a);")]
    [InlineData("Task M(int a);", "Task M(int? a);")]
    [InlineData("Task M(int a);", "Task<int> M(int a);")]
    [InlineData("Task M(List<int> a);", "Task M(List<long> a);")]
    [InlineData("Task M((int, int) a);", "Task M((int, long) a);")]
    [InlineData("Task M(int[] a);", "Task M(int[][] a);")]
    [InlineData("Task M(Box<int> a);", "Task M(Box<int>.Inner a);")]
    [InlineData("Task M(Box<int>.Inner a);", "Task M(Box<long>.Inner a);")]
    [InlineData("Task M();", "Task M(); Task N();")]
    public void Signatures_that_differ_have_other_hashes(string one, string other) => Assert.NotEqual(Signature(one), Signature(other));

    [Theory]
    [InlineData("Task M(Box<int> a);", "M(global::N.Box<int>):void")]
    [InlineData("Task<Box<Box<int[]>>.Inner?> M((int a, string? b) a, int? b);", "M((int, string),int?):global::N.Box<global::N.Box<int[]>>.Inner")]
    [InlineData("Task M(Aliased a, Dictionary<int, Aliased[]> b);", "M(an alias,global::System.Collections.Generic.Dictionary<int, an alias[]>):void")]
    public void Ids_are_of_the_signature(string method, string signature) =>
        Assert.Contains($"0x{Parsing.StableHash.Of32(signature):x8}u", Run(method)["N_IA.g.cs"], StringComparison.Ordinal);

    [Fact]
    public void An_alias_is_the_name_of_an_actor_type_and_of_what_its_methods_take()
    {
        string ids = Of("namespace N { [Alias(\"a\")] public interface IA : IGrainWithStringKey { Task M(B b); } [Alias(\"b\")] public record B(int X); }");
        Assert.Equal(ids, Of("namespace Other { [Alias(\"b\")] public record C(int X); } namespace N { [Alias(\"a\")] public interface IA : IGrainWithStringKey { Task M(Other.C b); } }"));
        Assert.NotEqual(ids, Of("namespace N { [Alias(\"c\")] public interface IA : IGrainWithStringKey { Task M(B b); } [Alias(\"b\")] public record B(int X); }"));
    }

    private static string Signature(string methods) => Hashes(Run(methods));

    private static Run Run(string methods) => Driver.Generate($$"""
        namespace Orleans { public class AliasAttribute(string name) : Attribute { public string Name => name; } }
        namespace N
        {
            public interface IA : IGrainWithStringKey { {{methods}} }
            public class Box<T> { public T? Value { get; set; } public class Inner { public T? Value { get; set; } } }
            [Orleans.Alias("an alias")] public record Aliased(int X);
            [Kameo.Actors.Alias("an alias")] public record Renamed(int Y);
        }
        """);

    private static string Of(string source) => Hashes(Driver.Generate(source));

    private static string Hashes(Run run)
    {
        Assert.Empty(run.Diagnostics);
        return string.Join(' ', Hash().Matches(run["N_IA.g.cs"]).Select(static match => match.Value));
    }

    [GeneratedRegex("0x[0-9a-f]{8,16}ul?")]
    private static partial Regex Hash();
}
