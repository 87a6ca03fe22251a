using Kameo.Actors.Generators.Diagnostics;
using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>From the symbol of an exception class that is to arrive as itself to its model, and the shapes of what it holds.</summary>
internal static class ExceptionParser
{
    /// <summary>Reads a class.</summary>
    public static Parsed<ExceptionModel> Parse(INamedTypeSymbol type, Compilation compilation)
    {
        if (!WellKnown.IsNameable(type, compilation))
        {
            return Refuse(DiagnosticDescriptors.NotAccessible, type);
        }

        if (!ExceptionMembers.IsException(type))
        {
            return Refuse(DiagnosticDescriptors.NotTravelling, type, "it is no exception; any other type travels as it is");
        }

        if (type.IsAbstract || type.IsGenericType || type.ContainingType is { IsGenericType: true })
        {
            return Refuse(DiagnosticDescriptors.NotTravelling, type, "it is abstract or generic, so no exception is of exactly this class; mark those that derive from it");
        }

        var types = new TypeParser(compilation, Naming.Unique(compilation.AssemblyName ?? string.Empty));
        ShapeReading shape = types.ReadException(type);
        if (shape.Model is not { } model)
        {
            return Refuse(DiagnosticDescriptors.NotTravelling, type, shape.Refusal!);
        }

        return new Parsed<ExceptionModel>(
            new ExceptionModel(model.Type, WireNames.Of(type), model.FormatterName), new EquatableArray<ShapeModel>([.. types.Shapes, model]), default);
    }

    private static Parsed<ExceptionModel> Refuse(DiagnosticDescriptor descriptor, INamedTypeSymbol type, params string[] more) =>
        new(null, default, new EquatableArray<DiagnosticModel>([DiagnosticModel.Of(descriptor, type, [type.Name, .. more])]));
}
