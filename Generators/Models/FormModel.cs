namespace Kameo.Actors.Generators.Models;

/// <summary>What one declaration or use of actor types gives: itself, and the closed forms of generic ones that it leads to.</summary>
/// <param name="Interfaces">Actor interfaces.</param>
/// <param name="Classes">Actor classes.</param>
/// <param name="Known">What other projects are told: closed interfaces, and generic classes without their arguments; as <c>typeof</c> takes them.</param>
/// <param name="Diagnostics">What is wrong with the use itself.</param>
internal sealed record FormModel(
    EquatableArray<Parsed<InterfaceModel>> Interfaces, EquatableArray<Parsed<ClassModel>> Classes, EquatableArray<string> Known, EquatableArray<DiagnosticModel> Diagnostics)
{
    /// <summary>Everything that is wrong.</summary>
    public IEnumerable<DiagnosticModel> AllDiagnostics =>
        Interfaces.SelectMany(static parsed => parsed.Diagnostics).Concat(Classes.SelectMany(static parsed => parsed.Diagnostics)).Concat(Diagnostics);

    /// <summary>Only a diagnostic.</summary>
    public static FormModel Wrong(DiagnosticModel diagnostic) => new(default, default, default, new EquatableArray<DiagnosticModel>([diagnostic]));

    /// <summary>Only something for other projects to know.</summary>
    public static FormModel ToKnow(string known) => new(default, default, new EquatableArray<string>([known]), default);
}
