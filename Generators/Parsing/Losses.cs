using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>Types that look like any other but hold something that no public member shows: it would be lost on the way, without a word.</summary>
internal static class Losses
{
    /// <summary>Whether a type comes with .NET: what it holds is its own affair.</summary>
    public static bool IsOfDotnet(INamedTypeSymbol type, Compilation compilation)
    {
        INamespaceSymbol space = type.ContainingNamespace;
        while (space.ContainingNamespace is { IsGlobalNamespace: false } outer)
        {
            space = outer;
        }

        return space is { Name: "System", IsGlobalNamespace: false } && !SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly);
    }

    /// <summary>What a type would lose apart from its members; null if nothing.</summary>
    public static string? Of(INamedTypeSymbol type, Compilation compilation)
    {
        if (!MemberParser.IsDescribed(type) && type.AllInterfaces.Any(static one => one.SpecialType == SpecialType.System_Collections_IEnumerable))
        {
            return "it is a collection of its own, whose elements would be lost; send a collection of .NET, or say with [DataContract] which members travel";
        }

        if (WellKnown.Attribute(type, "System.Runtime.CompilerServices.InlineArrayAttribute") is not null)
        {
            return "it is an inline array, of which generated code sees one element; send an array";
        }

        if (MemberParser.LeftBehind(type) is { } member)
        {
            return OfMarked(member);
        }

        if (MemberParser.Lost(type) is { } lost)
        {
            return OfHeld(lost);
        }

        return WellKnown.ChainOf(type).FirstOrDefault(at => IsOfDotnet(at, compilation) && WellKnown.FullName(at) != "System.EventArgs") is { } origin
            ? $"it derives from {origin.ToDisplayString(WellKnown.Qualified)}, whose state generated code cannot reach"
            : null;
    }

    /// <summary>What to say of a member that its author wants to travel and that does not.</summary>
    public static string OfMarked(ISymbol member) => $"its member {member.Name} is marked to travel, but is not public, cannot be read, or can neither be set nor constructed";

    /// <summary>What to say of a property that holds something and that nobody can set.</summary>
    public static string OfHeld(ISymbol member) =>
        $"its member {member.Name} holds something that would be lost, for it can neither be set nor constructed; give it init, or the constructor a parameter of its name, or mark it [IgnoreDataMember]";

    /// <summary>Whether a type of which no member travels has any state at all. Of another assembly private fields may not be seen, so there any property counts.</summary>
    public static bool HasState(INamedTypeSymbol type) =>
        WellKnown.ChainOf(type).SelectMany(static at => at.GetMembers()).Any(static member => !member.IsStatic && member switch
        {
            IFieldSymbol field => !MemberParser.IsIgnored(field.AssociatedSymbol ?? field),
            IPropertySymbol property => !property.Locations.Any(static place => place.IsInSource)
                && property.DeclaredAccessibility == Accessibility.Public && !MemberParser.IsIgnored(property),
            _ => false,
        });
}
