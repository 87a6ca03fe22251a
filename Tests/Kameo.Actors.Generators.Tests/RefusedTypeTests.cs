using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Tests;

/// <summary>Types that would lose what they hold on the way are refused, and the message says why.</summary>
public sealed class RefusedTypeTests
{
    [Theory]
    [InlineData("nint")]
    [InlineData("System.Text.StringBuilder")]
    [InlineData("System.Text.Json.JsonElement")]
    [InlineData("System.Collections.BitArray")]
    [InlineData("System.Net.IPAddress")]
    [InlineData("System.Globalization.CultureInfo")]
    [InlineData("ArraySegment<int>")]
    [InlineData("PriorityQueue<int, int>")]
    [InlineData("Lazy<int>")]
    [InlineData("(int, int, int, int, int, int, int, int)")]
    public void Of_dotnet_without_a_formatter(string type) => Refused($"public interface IA : IGrainWithStringKey {{ Task M({type} a); }}", "has no formatter");

    [Theory]
    [InlineData("public class B : List<int> { public int X { get; set; } }", "collection")]
    [InlineData("public class B : IEnumerable<int> { public int X { get; set; } public IEnumerator<int> GetEnumerator() => throw new Exception(); System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator(); }", "collection")]
    [InlineData("public class B : Exception;", "Exception")]
    [InlineData("public class B { private int _x; public int Twice() => 2 * _x++; }", "no public member")]
    [InlineData("public struct B(int x) { private int _x = x; public int Twice => 2 * _x++; }", "no public member")]
    [InlineData("public class B { public required int X; [System.Runtime.Serialization.IgnoreDataMember] public required int Y; }", "required")]
    [InlineData("[Union(0, typeof(string))] public abstract class B;" + Union, "derive")]
    [InlineData("[Union(0, typeof(B))] public class B { public int X { get; set; } }" + Union, "itself")]
    [InlineData("[Union(0, typeof(C))] public abstract class B; public abstract class C : B;" + Union, "abstract")]
    [InlineData("[Union(0, typeof(C<>))] public abstract class B; public class C<T> : B;" + Union, "type arguments")]
    [InlineData("public class B { public C? C { get; set; } public object? O { get; set; } } public class C { public B? B { get; set; } }", "O is object")]
    [InlineData("[Union(0, typeof(C))] public abstract class B; [Union(0, typeof(D))] public class C : B; public class D : C;" + Union, "union itself")]
    [InlineData("public class B { public Growing<int>? Inner { get; set; } } public class Growing<T> { public Growing<(T, T)>? Inner { get; set; } }", "without end")]
    [InlineData("public class B { public List<nint[]>? C { get; set; } }", "C is nint")]
    [InlineData("public class B : System.ComponentModel.Component { public int X { get; set; } }", "derives from")]
    [InlineData("[System.Runtime.Serialization.DataContract] public class B { public int X { get; set; } }", "no public member")]
    [InlineData("[System.Runtime.CompilerServices.InlineArray(4)] public struct B { public int X; }", "inline array")]
    [InlineData("[System.Runtime.Serialization.DataContract] public class B { [System.Runtime.Serialization.DataMember] public int X { get; set; } [System.Runtime.Serialization.DataMember] public int Y { get; private set; } }", "Y is marked")]
    [InlineData("public class B { public int X { get; set; } public int Y { get; private set; } }", "Y holds")]
    [InlineData("public class B { public List<int> X { get; } = []; public int Y { get; set; } }", "X holds")]
    [InlineData("public abstract class Parent { public Guid Id { get; protected set; } public Dictionary<int, string> X { get; set; } = new(); } public class B : Parent { public int Y { get; set; } }", "Id holds")]
    [InlineData("public class B { public C? C { get; set; } } public record C(int Z) { public DateTime Made { get; internal set; } }", "Made holds")]
    public void Of_the_user(string source, string reason) => Refused("public interface IA : IGrainWithStringKey { Task M(B b); } " + source, reason);

    [Theory]
    [InlineData("public class B : EventArgs { public int X { get; set; } }")]
    [InlineData("public record B;")]
    [InlineData("public class B { public int Three => 3; }")]
    [InlineData("[System.Runtime.Serialization.DataContract] public class B : IEnumerable<int> { [System.Runtime.Serialization.DataMember] public int X { get; set; } public IEnumerator<int> GetEnumerator() => throw new Exception(); System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator(); }")]
    [InlineData("public class B { public Box<Box<Box<int>>>? Inner { get; set; } } public class Box<T> { public T? Value { get; set; } }")]
    [InlineData("namespace System.Mine { public class Own { public int X { get; set; } } } public class B { public System.Mine.Own? Own { get; set; } }")]
    [InlineData("public class B { public Immutable<int[]> Box { get; set; } }")]
    [InlineData("public class B { public int X { get; set; } public int Twice => 2 * X; public string Text { get; } = \"text\"; public static int Count { get; private set; } = 3; public DateTime Made { get; } = new DateTime(3); private int Mine { get; } = 4; }")]
    [InlineData("public class B { public int X { get; set; } [System.Runtime.Serialization.IgnoreDataMember] public int Y { get; private set; } }")]
    [InlineData("public class Parent(int x) { public int X { get; private set; } = x; } public class B(int x) : Parent(x) { public int Y { get; set; } }")]
    [InlineData("public record B(int X, List<int> Y) { public int Sum { get; } = X + Y.Count; public List<int> All { get; } = [X, .. Y]; }")]
    public void What_loses_nothing_is_not_refused(string source)
    {
        Run run = Driver.Generate("public interface IA : IGrainWithStringKey { Task M(B b); } " + source);
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Problems);
    }

    [Fact]
    public void Nothing_is_written_for_an_interface_with_a_refused_type() =>
        Assert.Empty(Driver.Generate("public interface IA : IGrainWithStringKey { Task M(B b); } public class B { public C? C { get; set; } public object? O { get; set; } } public class C { public B? B { get; set; } }").Result.GeneratedTrees);

    private const string Union = " [AttributeUsage(AttributeTargets.All, AllowMultiple = true)] public class UnionAttribute(int key, Type type) : Attribute { public int Key => key; public Type Type => type; }";

    private static void Refused(string source, string reason)
    {
        Run run = Driver.Generate(source);
        Diagnostic diagnostic = Assert.Single(run.Diagnostics);
        Assert.Equal("KAMEO005", diagnostic.Id);
        Assert.Contains(reason, diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Empty(run.Problems);
    }
}
