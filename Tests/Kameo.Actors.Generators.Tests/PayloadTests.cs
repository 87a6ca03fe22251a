using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Kameo.Actors.Generators.Tests;

/// <summary>Which values travel as they are in memory, why others do not, and what is written for them.</summary>
public sealed class PayloadTests
{
    [Theory]
    [InlineData("bool", "byte")]
    [InlineData("decimal", "decimal")]
    [InlineData("DateTime", "ticks")]
    [InlineData("DateTimeOffset", "ticks")]
    [InlineData("DateOnly", "day")]
    [InlineData("TimeOnly", "ticks")]
    [InlineData("System.Text.Rune", "int")]
    [InlineData("nint", "long")]
    [InlineData("nuint", "ulong")]
    [InlineData("(int, int)", "affair of .NET")]
    [InlineData("System.Numerics.Vector<float>", "affair of .NET")]
    [InlineData("int?", "affair of .NET")]
    [InlineData("S", "pointer", "public unsafe struct S { public int* P; }")]
    [InlineData("S", "field Inner is T: its field B is bool", "public struct S { public T Inner; } public struct T { public bool B; }")]
    [InlineData("S", "automatic", "[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)] public struct S { public int A; }")]
    [InlineData("S", "explicit", "[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit)] public struct S { [System.Runtime.InteropServices.FieldOffset(0)] public int A; }")]
    [InlineData("S", "no field", "public struct S;")]
    [InlineData("S", "65535", "[System.Runtime.CompilerServices.InlineArray(70000)] public struct S { private byte _first; }")]
    public void Values_that_are_not_the_same_everywhere_are_refused(string type, string reason, string more = "") => Refused("KAMEO019", type, reason, more);

    [Theory]
    [InlineData("before its field B lie 3 bytes", "public struct S { public byte A; public int B; }")]
    [InlineData("at its end lie 4 bytes", "public struct S { public long A; public int B; }")]
    [InlineData("before its field B lies 1 byte", "public struct S { public byte A { get; set; } public short B { get; set; } }")]
    [InlineData("at its end lies 1 byte", "public struct S { public short A; public byte B; }")]
    [InlineData("at its end lie 12 bytes", "[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Size = 16)] public struct S { public int A; }")]
    [InlineData("field Inner is T: at its end", "public struct S { public T Inner; } public struct T { public int A; public byte B; }")]
    public void Values_with_padding_are_refused(string reason, string source) => Refused("KAMEO020", "S", reason, source);

    [Theory]
    [InlineData("public struct S { public int A; public byte B; public byte C; public short D; }", 8)]
    [InlineData("[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 1)] public struct S { public byte A; public int B; }", 5)]
    [InlineData("public record struct S(Guid A, E B, T<float> C); public enum E : long { X } public struct T<V> where V : unmanaged { public V First; public V Second; }", 32)]
    [InlineData("public unsafe struct S { public int A; public fixed byte B[12]; }", 16)]
    [InlineData("[System.Runtime.CompilerServices.InlineArray(5)] public struct S { private T _first; } public struct T { public ushort A; public ushort B; }", 20)]
    [InlineData("public readonly struct S(int a) { private readonly int _a = a; public int Twice => 2 * _a; public static bool No; public const bool Yes = true; }", 4)]
    [InlineData("public struct S { public System.Numerics.Vector3 A; public char B; public Half C; public TimeSpan D; }", 24)]
    public void Structs_without_padding_travel_as_they_are(string source, int bytes)
    {
        Run run = Generate($"public interface IA : IGrainWithStringKey {{ Task<Payload<S>?> M(Payload<S> a, B b, Memory<S> c, CancellationToken d); }} public record B(ReadOnlyMemory<S> A, List<Payload<S>> C, string X); {source}");
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Problems);
        Assert.Contains($"public static int Bytes => {bytes};", run["SLayout.g.cs"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("int")]
    [InlineData("byte")]
    [InlineData("float")]
    [InlineData("Guid")]
    [InlineData("DayOfWeek")]
    [InlineData("Int128")]
    [InlineData("System.Numerics.Matrix4x4")]
    public void Types_of_dotnet_need_no_layout(string type)
    {
        Run run = Generate($"public interface IA : IGrainWithStringKey {{ Task<Payload<{type}>> M(Payload<{type}>? a, ReadOnlyMemory<{type}> b); }}");
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Problems);
        Assert.Contains("PlainLayout<", run["IA.g.cs"], StringComparison.Ordinal);
        Assert.Contains("PayloadScope scope = EnterArguments();", run["IA.g.cs"], StringComparison.Ordinal);
        Assert.Contains("PayloadScope scope = EnterResult();", run["IA.g.cs"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("string")]
    [InlineData("bool")]
    [InlineData("DateTime")]
    [InlineData("S")]
    public void Memory_of_other_values_travels_as_a_list(string type)
    {
        Run run = Generate($"public interface IA : IGrainWithStringKey {{ Task M(ReadOnlyMemory<{type}> a, Memory<{type}> b); }} public struct S {{ public byte A; public int B; }}");
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Problems);
        Assert.Contains(".ReadOnlyMemoryFormatter<", run["IA.g.cs"], StringComparison.Ordinal);
        Assert.DoesNotContain("PayloadScope", run["IA.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_struct_of_another_assembly_is_looked_into_with_its_private_fields()
    {
        const string Use = "public interface IA : IGrainWithStringKey { Task M(Payload<S> a); }";
        CSharpCompilation good = Compile("public struct S { private int _a; public int B { get; set; } public int Sum => _a++ + B; }", "Good");
        Run run = Driver.Generate(Driver.Compile(Use, more: Emit(good)));
        Assert.Empty(run.Diagnostics);
        Assert.Contains("public static int Bytes => 8;", run["SLayout.g.cs"], StringComparison.Ordinal);
        Run same = Driver.Generate(Driver.Compile(Use + " public struct S { private int _a; public int B { get; set; } public int Sum => _a++ + B; }"));
        Assert.Equal(same["IA.g.cs"], run["IA.g.cs"]);

        CSharpCompilation bad = Compile("public struct S { private bool _a; public bool Next => _a = !_a; }", "Bad");
        Assert.Equal("KAMEO019", Assert.Single(Driver.Generate(Driver.Compile(Use, more: Emit(bad))).Diagnostics).Id);
    }

    private static MetadataReference Emit(CSharpCompilation compilation)
    {
        using var stream = new MemoryStream();
        Assert.True(compilation.Emit(stream).Success);
        return MetadataReference.CreateFromImage(stream.ToArray());
    }

    private static void Refused(string id, string type, string reason, string more)
    {
        foreach (string use in new[] { $"Task M(Payload<{type}> a);", $"Task<List<Payload<{type}>>> M();", "Task M(B b); Task N(B b);" })
        {
            Run run = Generate($"public interface IA : IGrainWithStringKey {{ {use} }} public class B {{ public Payload<{type}>? P {{ get; set; }} }} {more}");
            Assert.All(run.Diagnostics, diagnostic =>
            {
                Assert.Equal(id, diagnostic.Id);
                Assert.Contains(reason, diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
            });
            Assert.NotEmpty(run.Diagnostics);
        }
    }

    private static Run Generate(string source) => Driver.Generate(Compile(source, "Tested"));

    private static CSharpCompilation Compile(string source, string assembly)
    {
        CSharpCompilation compilation = Driver.Compile(source, assembly: assembly);
        return compilation.WithOptions(compilation.Options.WithAllowUnsafe(true));
    }
}
