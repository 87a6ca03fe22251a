using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Tests;

/// <summary>Which messages a call within a node shares: those of which source proves that nobody can change them. All others are copied.</summary>
public sealed class ImmutabilityTests
{
    private const string Interface = "public interface IA : IGrainWithStringKey { Task M(B b); } ";
    private const string Shared = "return value!;";

    [Theory]
    [InlineData("public sealed record B(int X, string? Y);")]
    [InlineData("public abstract record Parent(int X); public sealed record B(int X, Part Y) : Parent(X); public sealed record Part(DayOfWeek Z);")]
    [InlineData("[Immutable] public class B { public int X { get; set; } }")]
    public void It_is_shared(string source) => Assert.Contains(Shared, Driver.Generate(Interface + source)["BFormatter.g.cs"], StringComparison.Ordinal);

    [Fact]
    public void One_of_a_class_that_derives_from_it_is_refused_as_on_its_way_to_another_node() =>
        Assert.Equal(2, Driver.Generate(Interface + "[Immutable] public class B { public int X { get; set; } }")["BFormatter.g.cs"].Split("ThrowDerived").Length - 1);

    [Theory]
    [InlineData("public record B(int X);")]
    [InlineData("public sealed record B(int X) { public int Y { get; set; } }")]
    [InlineData("public sealed record B(List<int> X);")]
    [InlineData("public abstract class Parent { public int X { get; set; } } public sealed class B : Parent { public int Y { get; init; } }")]
    public void It_is_copied(string source) => Assert.DoesNotContain(Shared, Driver.Generate(Interface + source)["BFormatter.g.cs"], StringComparison.Ordinal);

    [Theory]
    [InlineData("namespace Elsewhere { public abstract class Parent { public int X { get; set; } } }")]
    [InlineData("namespace Elsewhere { public abstract class Parent { private int _x; public int Next() => ++_x; } }")]
    public void It_is_copied_if_a_class_that_it_derives_from_is_of_another_assembly_whose_fields_are_not_seen(string elsewhere)
    {
        using var image = new MemoryStream();
        Assert.True(Driver.Compile(elsewhere, assembly: "Elsewhere").Emit(image).Success);
        Run run = Driver.Generate(Driver.Compile(Interface + "public sealed class B : Elsewhere.Parent { public int Y { get; init; } }", more: MetadataReference.CreateFromImage(image.ToArray())));
        Assert.Empty(run.Problems);
        Assert.DoesNotContain(Shared, run["BFormatter.g.cs"], StringComparison.Ordinal);
    }
}
