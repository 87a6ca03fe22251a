namespace Kameo.Actors.Generators.Models;

/// <summary>An actor class.</summary>
/// <param name="Type">The class, with <c>global::</c>.</param>
/// <param name="WireName">Full name or alias.</param>
/// <param name="Options">An expression of <c>ActorClassOptions</c>.</param>
/// <param name="ConstructorArguments">Expressions over <c>services</c>.</param>
/// <param name="Interfaces">Every actor interface it implements.</param>
/// <param name="Predicate">The static method that says which calls may interleave, with <c>global::</c>; null for none.</param>
internal sealed record ClassModel(string Type, string WireName, string Options, EquatableArray<string> ConstructorArguments, EquatableArray<string> Interfaces, string? Predicate);

/// <summary>What parsing one declaration gave.</summary>
internal sealed record Parsed<T>(T? Model, EquatableArray<ShapeModel> Shapes, EquatableArray<DiagnosticModel> Diagnostics)
    where T : class, IEquatable<T>;

/// <summary>A model and the name of the file that is made of it, without its ending.</summary>
internal sealed record Named<T>(T Model, string File)
    where T : class, IEquatable<T>;

/// <summary>What generation knows of the compilation.</summary>
/// <param name="Assembly">The assembly's name, as an identifier.</param>
/// <param name="IsEntry">Whether it is an executable or a test project, and so runs all registrations.</param>
/// <param name="HasRuntime">Whether it references the runtime.</param>
/// <param name="Registrations">The registrations of referenced assemblies, with <c>global::</c>.</param>
internal sealed record CompilationModel(string Assembly, bool IsEntry, bool HasRuntime, EquatableArray<string> Registrations)
{
    /// <summary>Where generated code goes; null without the runtime, which it needs.</summary>
    public string? Target => HasRuntime ? Assembly : null;
}
