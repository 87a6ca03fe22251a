using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>What <c>[MayInterleave]</c> of a class names.</summary>
/// <param name="Name">The name.</param>
/// <param name="Method">The method, with its class and <c>global::</c>; null if there is none that can be asked.</param>
internal sealed record Predicate(string Name, string? Method);

/// <summary>Finds the static method that says which calls of a class may interleave.</summary>
internal static class PredicateParser
{
    /// <summary>Looks for it in the class and in those that it derives from, the nearest first; as Orleans does.</summary>
    /// <returns>Null if the class has no such attribute.</returns>
    public static Predicate? Parse(INamedTypeSymbol type, Compilation compilation)
    {
        AttributeData? attribute = WellKnown.ChainOf(type).Select(static at => WellKnown.Attribute(at, "Orleans.Concurrency.MayInterleaveAttribute")).FirstOrDefault(static found => found is not null);
        if (attribute is null)
        {
            return null;
        }

        string name = attribute.ConstructorArguments is [{ Value: string text }] ? text : string.Empty;
        IMethodSymbol? method = WellKnown.ChainOf(type).SelectMany(at => at.GetMembers(name)).OfType<IMethodSymbol>().FirstOrDefault(IsPredicate);
        return new Predicate(name, method is not null && compilation.IsSymbolAccessibleWithin(method, compilation.Assembly)
            ? $"{method.ContainingType.ToDisplayString(WellKnown.Qualified)}.{Naming.Escape(method.Name)}"
            : null);
    }

    private static bool IsPredicate(IMethodSymbol method) =>
        method is { IsStatic: true, MethodKind: MethodKind.Ordinary, IsGenericMethod: false, ReturnsByRef: false, ReturnsByRefReadonly: false, ReturnType.SpecialType: SpecialType.System_Boolean, Parameters: [{ RefKind: RefKind.None } only] }
        && WellKnown.FullName(only.Type) == "Kameo.Actors.IActorRequest";
}
