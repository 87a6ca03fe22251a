using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Kameo.Actors.Generators.Models;

/// <summary>A diagnostic as a value: nothing of Roslyn's symbols or trees.</summary>
internal sealed record DiagnosticModel(string Id, LocationModel? Location, EquatableArray<string> Arguments)
{
    public static DiagnosticModel Of(DiagnosticDescriptor descriptor, ISymbol where, params string[] arguments) =>
        new(descriptor.Id, LocationModel.Of(where), new EquatableArray<string>(arguments));

    public static DiagnosticModel Of(DiagnosticDescriptor descriptor, SyntaxNode where, params string[] arguments) =>
        new(descriptor.Id, LocationModel.Of(where.GetLocation()), new EquatableArray<string>(arguments));

    /// <summary>Whether nothing is generated because of it.</summary>
    public bool IsError => Diagnostics.DiagnosticDescriptors.ById[Id].DefaultSeverity == DiagnosticSeverity.Error;

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Diagnostics.DiagnosticDescriptors.ById[Id], Location?.ToLocation(), [.. Arguments]);
}

/// <summary>A place in a source file.</summary>
internal sealed record LocationModel(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static LocationModel? Of(ISymbol symbol) => symbol.Locations.FirstOrDefault(static place => place.IsInSource) is { } location ? Of(location) : null;

    public static LocationModel Of(Location location) => new(location.SourceTree!.FilePath, location.SourceSpan, location.GetLineSpan().Span);

    public Location ToLocation() => Location.Create(Path, Span, Lines);
}
