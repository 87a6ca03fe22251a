using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>Generic actor classes, and which closed class a form of an interface makes of one.</summary>
internal static class GenericTypes
{
    private const string Form = "Kameo.Actors.ActorFormAttribute";

    private static readonly ConditionalWeakTable<Compilation, IReadOnlyList<INamedTypeSymbol>> s_classes = new();

    /// <summary>Whether no type parameter is left in it.</summary>
    public static bool IsClosed(ITypeSymbol type) => type switch
    {
        ITypeParameterSymbol => false,
        IArrayTypeSymbol array => IsClosed(array.ElementType),
        INamedTypeSymbol named => !named.IsUnboundGenericType && named.TypeArguments.All(IsClosed) && (named.ContainingType is null || IsClosed(named.ContainingType)),
        _ => true,
    };

    /// <summary>The generic actor classes of a compilation and of the assemblies whose code it generates, and those that referenced assemblies tell of. Looked for once.</summary>
    public static IReadOnlyList<INamedTypeSymbol> ClassesOf(Compilation compilation) =>
        s_classes.GetValue(compilation, static all =>
        [
            .. TypesOf(all.Assembly.GlobalNamespace).Where(static type => type is { TypeKind: TypeKind.Class, IsAbstract: false, Arity: > 0 } && WellKnown.IsActorClass(type)),
            .. ContractsParser.GenericClassesOf(all),
            .. ToldByReferences(all).Where(static type => type.IsUnboundGenericType).Select(static type => type.OriginalDefinition),
        ]);

    /// <summary>The closed interfaces that referenced assemblies tell of.</summary>
    public static IEnumerable<INamedTypeSymbol> FormsOfReferences(Compilation compilation) =>
        ToldByReferences(compilation).Where(type => !type.IsUnboundGenericType && type.TypeKind == TypeKind.Interface && WellKnown.IsNameable(type, compilation));

    /// <summary>The class that answers a form.</summary>
    /// <param name="open">A generic class.</param>
    /// <param name="form">A closed interface.</param>
    /// <param name="compilation">Where both are known.</param>
    /// <returns>Null if it does not implement the interface with these arguments, or has parameters that they do not say.</returns>
    public static INamedTypeSymbol? Close(INamedTypeSymbol open, INamedTypeSymbol form, Compilation compilation)
    {
        if (open.ContainingType is { IsGenericType: true })
        {
            return null;
        }

        foreach (INamedTypeSymbol implemented in open.AllInterfaces)
        {
            var found = new Dictionary<ITypeSymbol, ITypeSymbol>(SymbolEqualityComparer.Default);
            if (SymbolEqualityComparer.Default.Equals(implemented.OriginalDefinition, form.OriginalDefinition)
                && Match(implemented, form, found)
                && open.TypeParameters.All(parameter => found.TryGetValue(parameter, out ITypeSymbol? argument) && Satisfies(argument, parameter, found, compilation)))
            {
                return open.Construct([.. open.TypeParameters.Select(parameter => found[parameter])]);
            }
        }

        return null;
    }

    /// <summary>All types of a namespace, nested ones included.</summary>
    public static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceOrTypeSymbol room)
    {
        foreach (INamespaceOrTypeSymbol member in room.GetMembers().OfType<INamespaceOrTypeSymbol>())
        {
            if (member is INamedTypeSymbol type)
            {
                yield return type;
            }

            foreach (INamedTypeSymbol inner in TypesOf(member))
            {
                yield return inner;
            }
        }
    }

    private static bool Match(ITypeSymbol pattern, ITypeSymbol type, Dictionary<ITypeSymbol, ITypeSymbol> found)
    {
        switch (pattern, type)
        {
            case (ITypeParameterSymbol parameter, _) when found.TryGetValue(parameter, out ITypeSymbol? known):
                return SymbolEqualityComparer.Default.Equals(known, type);
            case (ITypeParameterSymbol parameter, _):
                found.Add(parameter, type);
                return true;
            case (IArrayTypeSymbol one, IArrayTypeSymbol other):
                return one.Rank == other.Rank && Match(one.ElementType, other.ElementType, found);
            case (INamedTypeSymbol one, INamedTypeSymbol other) when SymbolEqualityComparer.Default.Equals(one.OriginalDefinition, other.OriginalDefinition):
                return one.TypeArguments.Zip(other.TypeArguments, (left, right) => Match(left, right, found)).All(static same => same)
                    && (one.ContainingType is null || Match(one.ContainingType, other.ContainingType, found));
            default:
                return SymbolEqualityComparer.Default.Equals(pattern, type);
        }
    }

    private static bool Satisfies(ITypeSymbol argument, ITypeParameterSymbol parameter, Dictionary<ITypeSymbol, ITypeSymbol> found, Compilation compilation) =>
        (!parameter.HasReferenceTypeConstraint || argument.IsReferenceType)
        && (!parameter.HasValueTypeConstraint || (argument.IsValueType && argument is not INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T }))
        && (!parameter.HasUnmanagedTypeConstraint || argument.IsUnmanagedType)
        && (!parameter.HasConstructorConstraint || argument.IsValueType
            || argument is INamedTypeSymbol { IsAbstract: false } named && named.InstanceConstructors.Any(static one => one.Parameters.Length == 0 && one.DeclaredAccessibility == Accessibility.Public))
        && parameter.ConstraintTypes.All(constraint => compilation.ClassifyCommonConversion(argument, Replace(constraint, found)) is { IsImplicit: true, IsUserDefined: false, IsNumeric: false });

    /// <summary>A constraint with the arguments in place of the parameters.</summary>
    private static ITypeSymbol Replace(ITypeSymbol type, Dictionary<ITypeSymbol, ITypeSymbol> found) => type switch
    {
        ITypeParameterSymbol parameter => found.TryGetValue(parameter, out ITypeSymbol? argument) ? argument : type,
        INamedTypeSymbol { Arity: > 0 } named => named.OriginalDefinition.Construct([.. named.TypeArguments.Select(argument => Replace(argument, found))]),
        _ => type,
    };

    private static IEnumerable<INamedTypeSymbol> ToldByReferences(Compilation compilation) =>
        from assembly in compilation.SourceModule.ReferencedAssemblySymbols
        from attribute in assembly.GetAttributes()
        where attribute.AttributeClass is { Name: "ActorFormAttribute" } found && WellKnown.FullName(found) == Form
        let type = attribute.ConstructorArguments is [{ Value: INamedTypeSymbol told }] ? told : null
        where type is { IsGenericType: true }
        select type;
}
