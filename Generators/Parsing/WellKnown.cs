using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>Types and attributes, matched by their full names, so that no package is needed to compile the generator or to use what it understands.</summary>
internal static class WellKnown
{
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

    /// <summary>Whether it is a class of actors.</summary>
    public static bool IsActorClass(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? at = type.BaseType; at is not null; at = at.BaseType)
        {
            if (FullName(at) == "Kameo.Actors.Actor")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The attribute of a full name.</summary>
    public static AttributeData? Attribute(ISymbol symbol, params string[] fullNames) =>
        symbol.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass is { } found && fullNames.Contains(FullName(found)));

    /// <summary>Full name or alias.</summary>
    public static string WireName(INamedTypeSymbol type) =>
        Attribute(type, "Orleans.AliasAttribute", "Kameo.Actors.AliasAttribute") is { ConstructorArguments: [{ Value: string alias }, ..] } ? alias : FullName(type);

    /// <summary>Whether generated code of the same assembly, or of another for public ones, can name it.</summary>
    public static bool IsNameable(ITypeSymbol type)
    {
        for (ITypeSymbol? at = type; at is not null; at = at.ContainingType)
        {
            if (at.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal)
            {
                return false;
            }
        }

        return true;
    }

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

    /// <summary>A name as an identifier: what is no letter, digit or underscore becomes an underscore.</summary>
    public static string Identifier(string name)
    {
        char[] chars = [.. name.Replace("global::", string.Empty).Select(static c => char.IsLetterOrDigit(c) ? c : '_')];
        string text = new(chars);
        return text.Length == 0 || char.IsDigit(text[0]) ? "_" + text : text;
    }

    /// <summary>A name that may be a keyword, escaped.</summary>
    public static string Escape(string name) =>
        Microsoft.CodeAnalysis.CSharp.SyntaxFacts.GetKeywordKind(name) != Microsoft.CodeAnalysis.CSharp.SyntaxKind.None ? "@" + name : name;
}
