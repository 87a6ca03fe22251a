using System.Globalization;
using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>From a type with <c>[Union]</c> to its shape: the types it can be, each with its number.</summary>
internal sealed class UnionParser(TypeParser types, Compilation compilation)
{
    /// <summary>Whether it names its cases.</summary>
    public static bool IsUnion(INamedTypeSymbol type) => CasesOf(type).Any();

    /// <summary>Reads a type.</summary>
    public ShapeReading Read(INamedTypeSymbol type, string name, string formatterName)
    {
        var models = new List<CaseModel>();
        foreach ((int key, ITypeSymbol found) in CasesOf(type))
        {
            if (RefusalOf(found, type) is { } refusal)
            {
                return ShapeReading.No($"it can be {found.ToDisplayString(WellKnown.Qualified)}: {refusal}");
            }

            TypeReading reading = types.Read(found);
            if (reading.Value is null)
            {
                return ShapeReading.No($"it can be {reading.Type}: {reading.Refusal}");
            }

            if (models.Any(known => known.Key == key))
            {
                return ShapeReading.Twice(key.ToString(CultureInfo.InvariantCulture));
            }

            models.Add(new CaseModel(key, reading.Value));
        }

        var model = new ShapeModel(
            name, formatterName, IsReference: true, IsArray: true, WellKnown.IsMarkedImmutable(type), IsRecursive: false, default, default, new EquatableArray<CaseModel>(models));
        return new ShapeReading(model, null, null);
    }

    private static IEnumerable<(int Key, ITypeSymbol Type)> CasesOf(INamedTypeSymbol type) =>
        type.GetAttributes()
            .Where(static attribute => attribute.AttributeClass is { Name: "UnionAttribute" })
            .Select(static attribute => attribute.ConstructorArguments)
            .Where(static arguments => arguments.Length >= 2 && arguments[0].Value is int && arguments[1].Value is ITypeSymbol)
            .Select(static arguments => ((int)arguments[0].Value!, (ITypeSymbol)arguments[1].Value!));

    /// <summary>Why no value of the union could ever be of a case.</summary>
    private string? RefusalOf(ITypeSymbol found, INamedTypeSymbol union)
    {
        if (SymbolEqualityComparer.Default.Equals(found, union))
        {
            return "a union is no case of itself; give its own members to a type that derives from it";
        }

        if (found is INamedTypeSymbol { IsUnboundGenericType: true })
        {
            return "it is named without its type arguments";
        }

        Conversion conversion = compilation.ClassifyConversion(found, union);
        if (!conversion.IsImplicit || !(conversion.IsReference || conversion.IsBoxing))
        {
            return "it does not derive from the union";
        }

        return found.IsAbstract ? "it is abstract, and no value has an abstract type; name those that derive from it"
            : found is INamedTypeSymbol named && IsUnion(named) ? "it is a union itself; name its cases here"
            : null;
    }
}
