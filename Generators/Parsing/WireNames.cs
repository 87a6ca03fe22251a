using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>Types as other builds know them: hashes are made of these names, so they never change. Names of tuple elements and nullable annotations are no part of them.</summary>
internal static class WireNames
{
    /// <summary>Full name or alias of an actor type; of a generic one with its arguments as they are in a signature.</summary>
    public static string Of(INamedTypeSymbol type) => type.IsGenericType ? WithoutGlobal(Named(type)) : AliasOf(type) ?? WellKnown.FullName(type);

    /// <summary>A type in a signature.</summary>
    public static string InSignature(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => InSignature(array.ElementType) + "[]",
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => InSignature(nullable.TypeArguments[0]) + "?",
        INamedTypeSymbol { IsTupleType: true } tuple => $"({string.Join(", ", tuple.TupleElements.Select(static element => InSignature(element.Type)))})",
        INamedTypeSymbol named => Named(named),
        _ => type.ToDisplayString(WellKnown.Qualified),
    };

    private static string WithoutGlobal(string name) => name.StartsWith("global::", StringComparison.Ordinal) ? name.Substring("global::".Length) : name;

    private static string Named(INamedTypeSymbol type)
    {
        string arguments = type.TypeArguments.Length == 0 ? string.Empty : $"<{string.Join(", ", type.TypeArguments.Select(InSignature))}>";
        if (AliasOf(type) is { } alias)
        {
            return alias + (type.ContainingType is { IsGenericType: true } around ? $"<{string.Join(", ", ArgumentsAround(around).Concat(type.TypeArguments).Select(InSignature))}>" : arguments);
        }

        if (!type.IsGenericType)
        {
            return type.ToDisplayString(WellKnown.Qualified);
        }

        string outer = type.ContainingType is { } containing ? Named(containing)
            : type.ContainingNamespace.IsGlobalNamespace ? "global::"
            : type.ContainingNamespace.ToDisplayString(WellKnown.Qualified);
        return $"{outer}{(outer == "global::" ? string.Empty : ".")}{Naming.Escape(type.Name)}{arguments}";
    }

    private static IEnumerable<ITypeSymbol> ArgumentsAround(INamedTypeSymbol type) =>
        (type.ContainingType is { } outer ? ArgumentsAround(outer) : []).Concat(type.TypeArguments);

    private static string? AliasOf(INamedTypeSymbol type) =>
        WellKnown.Attribute(type, "Orleans.AliasAttribute", "Kameo.Actors.AliasAttribute") is { ConstructorArguments: [{ Value: string alias }, ..] } ? alias : null;
}
