using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>
/// Which members of a type travel, and under what key. Conventions of MessagePack-CSharp, matched by name: <c>[MessagePackObject]</c> and <c>[Key]</c>, else
/// <c>[DataContract]</c> and <c>[DataMember]</c>, else all public members by name.
/// </summary>
internal static class MemberParser
{
    private const string MessagePack = "MessagePack.";
    private const string Contract = "System.Runtime.Serialization.";

    /// <summary>Whether its attributes say which members travel.</summary>
    public static bool IsDescribed(INamedTypeSymbol type) => WellKnown.Attribute(type, Contract + "DataContractAttribute", MessagePack + "MessagePackObjectAttribute") is not null;

    /// <summary>Whether a member is marked to stay behind.</summary>
    public static bool IsIgnored(ISymbol member) => Attribute(member, MessagePack + "IgnoreMemberAttribute", Contract + "IgnoreDataMemberAttribute") is not null;

    /// <summary>The type of a property or field.</summary>
    public static ITypeSymbol TypeOf(ISymbol member) => member is IPropertySymbol property ? property.Type : ((IFieldSymbol)member).Type;

    /// <summary>The members that travel, those of base classes first; of several with one name the one that C# sees.</summary>
    public static IEnumerable<ISymbol> MembersOf(INamedTypeSymbol type)
    {
        bool isContract = WellKnown.Attribute(type, Contract + "DataContractAttribute") is not null;
        bool isMessagePack = WellKnown.Attribute(type, MessagePack + "MessagePackObjectAttribute") is not null;
        var seen = new Dictionary<string, ISymbol>(StringComparer.Ordinal);
        foreach (ISymbol member in WellKnown.ChainOf(type).SelectMany(static at => at.GetMembers()).Where(static member => member.DeclaredAccessibility == Accessibility.Public))
        {
            if (!seen.ContainsKey(member.Name))
            {
                seen.Add(member.Name, member);
            }
        }

        return from at in WellKnown.ChainOf(type).Reverse()
               from member in at.GetMembers()
               where seen.TryGetValue(member.Name, out ISymbol visible) && SymbolEqualityComparer.Default.Equals(visible, member)
               where IsHeld(type, member) && !IsIgnored(member)
               where isMessagePack || !isContract || Attribute(member, Contract + "DataMemberAttribute") is not null
               select member;
    }

    /// <summary>A member that its author wants to travel and that does not; null if there is none.</summary>
    public static ISymbol? LeftBehind(INamedTypeSymbol type)
    {
        if (!IsDescribed(type))
        {
            return null;
        }

        var travels = new HashSet<string>(MembersOf(type).Select(static member => member.Name), StringComparer.Ordinal);
        return WellKnown.ChainOf(type).SelectMany(static at => at.GetMembers()).FirstOrDefault(member =>
            member is IPropertySymbol or IFieldSymbol
            && !travels.Contains(member.Name)
            && Attribute(member, MessagePack + "KeyAttribute", Contract + "DataMemberAttribute") is not null
            && !IsIgnored(member));
    }

    /// <summary>
    /// A property that gets what it holds after construction, by a setter that is not public or as a collection that is empty at first, and that no new object can be given; null if there is none. What is computed, each time or by the
    /// constructor, is computed again. Of an assembly that is not compiled from its source here setters that are private are not seen, nor what a property begins with.
    /// </summary>
    public static ISymbol? Lost(INamedTypeSymbol type)
    {
        if (IsDescribed(type))
        {
            return null; // It says itself what travels.
        }

        var travels = new HashSet<string>(MembersOf(type).Select(static member => member.Name), StringComparer.Ordinal);
        return WellKnown.ChainOf(type).SelectMany(static at => at.GetMembers()).FirstOrDefault(member =>
            member is IPropertySymbol { IsStatic: false, DeclaredAccessibility: Accessibility.Public, GetMethod.DeclaredAccessibility: Accessibility.Public } property
            && !travels.Contains(member.Name)
            && !IsIgnored(member)
            && (property.DeclaringSyntaxReferences.IsEmpty ? IsCompiledAndFilledLater(property) : IsFilledLater(property)));
    }

    private static bool IsFilledLater(IPropertySymbol property) =>
        property.ContainingType.GetMembers().OfType<IFieldSymbol>().Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property))
        && property.DeclaringSyntaxReferences.Any(static part => part.GetSyntax() is PropertyDeclarationSyntax)
        && (property.SetMethod is not null || property.DeclaringSyntaxReferences.Any(static part => part.GetSyntax() is PropertyDeclarationSyntax
        {
            Initializer.Value: CollectionExpressionSyntax { Elements.Count: 0 } or BaseObjectCreationExpressionSyntax { ArgumentList: null or { Arguments.Count: 0 }, Initializer: null },
        }));

    /// <summary>The accessors of a property with a field of its own are marked by the compiler, which also references that hold no private members tell. A collection that no constructor can make of anything is filled from outside.</summary>
    private static bool IsCompiledAndFilledLater(IPropertySymbol property) =>
        WellKnown.Attribute(property.GetMethod!, "System.Runtime.CompilerServices.CompilerGeneratedAttribute") is not null
        && (property.SetMethod is not null
            || (CanBeFilled(property.Type) && property.ContainingType.InstanceConstructors.All(static constructor =>
                constructor.Parameters is [] || (constructor.Parameters is [{ Type: var only }] && SymbolEqualityComparer.Default.Equals(only, constructor.ContainingType)))));

    private static bool CanBeFilled(ITypeSymbol type) =>
        type is INamedTypeSymbol { ContainingNamespace: var space } named
        && named.AllInterfaces.Append(named).Any(static one => one.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_ICollection_T)
        && !(space.ToDisplayString() is "System.Collections.Immutable" or "System.Collections.Frozen" || (space.ToDisplayString() == "System.Collections.ObjectModel" && named.Name.StartsWith("ReadOnly", StringComparison.Ordinal)));

    /// <summary>Whether a member is set after construction: with <c>set</c>, or <c>init</c>.</summary>
    public static bool IsSettable(ISymbol member) => member switch
    {
        IPropertySymbol property => SetterOf(property) is { DeclaredAccessibility: Accessibility.Public },
        IFieldSymbol field => !field.IsReadOnly && !field.IsConst,
        _ => false,
    };

    /// <summary>Whether a member can be set only where the object is made.</summary>
    public static bool IsInitOnly(ISymbol member) => member is IPropertySymbol property && SetterOf(property) is { IsInitOnly: true };

    /// <summary>The name of a member on the wire, and its position if it travels by position.</summary>
    public static (string Key, int? Position) KeyOf(ISymbol member)
    {
        if (Attribute(member, MessagePack + "KeyAttribute") is { ConstructorArguments: [{ Value: { } key }] })
        {
            return key is int position ? (member.Name, position) : (key.ToString()!, null);
        }

        if (Attribute(member, Contract + "DataMemberAttribute") is { } data)
        {
            if (data.NamedArguments.FirstOrDefault(static argument => argument.Key == "Order").Value.Value is int order)
            {
                return (member.Name, order);
            }

            if (data.NamedArguments.FirstOrDefault(static argument => argument.Key == "Name").Value.Value is string renamed)
            {
                return (renamed, null);
            }
        }

        return (member.Name, null);
    }

    /// <summary>Whether a member holds something that can be read, and given to a new object. A property that is neither set nor constructed is computed from others, and does not travel.</summary>
    private static bool IsHeld(INamedTypeSymbol type, ISymbol member) => member switch
    {
        IPropertySymbol { IsStatic: false, IsIndexer: false } property => GetterOf(property) is { DeclaredAccessibility: Accessibility.Public } && (IsSettable(property) || IsConstructed(type, property)),
        IFieldSymbol { IsStatic: false, IsImplicitlyDeclared: false } => true,
        _ => false,
    };

    private static bool IsConstructed(INamedTypeSymbol type, IPropertySymbol property) =>
        type.InstanceConstructors.Any(constructor => constructor.Parameters.Any(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase)));

    /// <summary>An override has the attributes of what it overrides.</summary>
    private static AttributeData? Attribute(ISymbol member, params string[] names) =>
        WellKnown.Attribute(member, names) ?? (member is IPropertySymbol { OverriddenProperty: { } overridden } ? Attribute(overridden, names) : null);

    /// <summary>An override may have one accessor and leave the other to its base.</summary>
    private static IMethodSymbol? GetterOf(IPropertySymbol? property) => property is null ? null : property.GetMethod ?? GetterOf(property.OverriddenProperty);

    private static IMethodSymbol? SetterOf(IPropertySymbol? property) => property is null ? null : property.SetMethod ?? SetterOf(property.OverriddenProperty);
}
