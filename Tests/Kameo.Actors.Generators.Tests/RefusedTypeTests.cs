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
    public void Of_the_user(string source, string reason) => Refused("public interface IA : IGrainWithStringKey { Task M(B b); } " + source, reason);

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
