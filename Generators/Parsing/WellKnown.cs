using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>Types and attributes, matched by their full names, so that no package is needed to compile the generator or to use what it understands.</summary>
internal static class WellKnown
{
    /// <summary>Values in memory with one owner.</summary>
    public const string Payload = "Kameo.Actors.Payload`1";

    /// <summary>A type's name as generated code writes it.</summary>
    public static readonly SymbolDisplayFormat Qualified = SymbolDisplayFormat.FullyQualifiedFormat;

    /// <summary>The same with nullable annotations, for signatures that users see.</summary>
    public static readonly SymbolDisplayFormat Annotated =
        SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly Dictionary<string, string> s_keyKinds = new()
    {
        ["Orleans.IGrainWithStringKey"] = "Text",
        ["Orleans.IGrainWithGuidKey"] = "Guid",
        ["Orleans.IGrainWithIntegerKey"] = "Integer",
        ["Orleans.IGrainWithGuidCompoundKey"] = "GuidCompound",
        ["Orleans.IGrainWithIntegerCompoundKey"] = "IntegerCompound",
    };

    /// <summary>Namespace and name, without type arguments.</summary>
    public static string FullName(ITypeSymbol type)
    {
        string name = type.MetadataName;
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            name = outer.MetadataName + "." + name;
        }

        return type.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() + "." + name : name;
    }

    /// <summary>The kinds of key that an interface's markers name.</summary>
    public static IReadOnlyList<string> KeyKindsOf(INamedTypeSymbol type) =>
        [.. type.AllInterfaces.Select(FullName).Where(s_keyKinds.ContainsKey).Select(static name => s_keyKinds[name]).Distinct()];

    /// <summary>Whether it is an interface of actors: derived from a key marker, and none itself.</summary>
    public static bool IsActorInterface(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Interface && !s_keyKinds.ContainsKey(FullName(type)) && KeyKindsOf(type).Count != 0;

    /// <summary>Whether references can be of it.</summary>
    public static bool IsReferable(INamedTypeSymbol type) => IsActorInterface(type) || IsObserverInterface(type);

    /// <summary>Whether it is an interface of local objects that actors call.</summary>
    public static bool IsObserverInterface(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Interface && type.AllInterfaces.Any(static one => FullName(one) == "Orleans.IGrainObserver") && !IsActorInterface(type);

    /// <summary>Whether it is one of Orleans' interfaces that every reference has.</summary>
    public static bool IsAddressable(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Interface && type.AllInterfaces.Append(type).Any(static one => FullName(one) == "Orleans.Runtime.IAddressable");

    /// <summary>Whether it is values in memory with one owner.</summary>
    public static bool IsPayload(INamedTypeSymbol type) => FullName(type) == Payload;

    /// <summary>Whether it is a class of actors.</summary>
    public static bool IsActorClass(INamedTypeSymbol type) => DerivesFrom(type, "Kameo.Actors.Actor");

    /// <summary>Whether a type derives from Orleans' base of actors.</summary>
    public static bool IsGrain(INamedTypeSymbol type) => DerivesFrom(type, "Orleans.Grain");

    /// <summary>The attribute of a full name.</summary>
    public static AttributeData? Attribute(ISymbol symbol, params string[] fullNames) =>
        symbol.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass is { } found && fullNames.Contains(FullName(found)));

    /// <summary>Whether generated code can name it: it is no private or protected type, nor part of one, nor of one file.</summary>
    public static bool IsNameable(INamedTypeSymbol type, Compilation compilation)
    {
        for (INamedTypeSymbol? at = type; at is not null; at = at.ContainingType)
        {
            if (at.IsFileLocal)
            {
                return false;
            }
        }

        return compilation.IsSymbolAccessibleWithin(type, compilation.Assembly);
    }

    /// <summary>What a nullable value is when it is not null; any other type itself.</summary>
    public static ITypeSymbol WithoutNullable(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;

    /// <summary>A type and those it derives from, itself first, without <c>object</c> and <c>ValueType</c>.</summary>
    public static IEnumerable<INamedTypeSymbol> ChainOf(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? at = type; at is { SpecialType: not (SpecialType.System_Object or SpecialType.System_ValueType) }; at = at.BaseType)
        {
            yield return at;
        }
    }

    /// <summary>Whether its author says that nobody changes it, or it is Orleans' box for such values.</summary>
    public static bool IsMarkedImmutable(INamedTypeSymbol type) =>
        Attribute(type, "Orleans.Concurrency.ImmutableAttribute", "Orleans.ImmutableAttribute") is not null || FullName(type) == "Orleans.Concurrency.Immutable`1";

    /// <summary>Whether a member must be set where the object is made.</summary>
    public static bool IsRequired(ISymbol member) => member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true };

    /// <summary>Whether a constructor sets the required members itself.</summary>
    public static bool SetsRequiredMembers(IMethodSymbol constructor) => Attribute(constructor, "System.Diagnostics.CodeAnalysis.SetsRequiredMembersAttribute") is not null;

    /// <summary><c>public</c> if it is seen from everywhere, else <c>internal</c>.</summary>
    public static string VisibilityOf(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? at = type; at is not null; at = at.ContainingType)
        {
            if (at.DeclaredAccessibility != Accessibility.Public)
            {
                return "internal";
            }
        }

        return "public";
    }

    private static bool DerivesFrom(INamedTypeSymbol type, string name)
    {
        for (INamedTypeSymbol? at = type.BaseType; at is not null; at = at.BaseType)
        {
            if (FullName(at) == name)
            {
                return true;
            }
        }

        return false;
    }
}
