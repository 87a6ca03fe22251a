using System.Globalization;
using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>
/// Finds the members of a record, class or struct and how to construct it. Conventions of MessagePack-CSharp, matched by name: <c>[MessagePackObject]</c> and <c>[Key]</c>, else
/// <c>[DataContract]</c> and <c>[DataMember]</c>, else a map of all public members.
/// </summary>
internal sealed class ShapeParser(TypeParser types, Compilation compilation)
{
    private const string MessagePack = "MessagePack.";
    private const string Contract = "System.Runtime.Serialization.";

    /// <summary>Reads a type.</summary>
    public ShapeReading Read(INamedTypeSymbol type, string name, string formatterName)
    {
        List<(int Key, ITypeSymbol Type)> cases = CasesOf(type);
        if (cases.Count != 0)
        {
            return ReadUnion(name, formatterName, cases);
        }

        if (type.TypeKind is not (TypeKind.Class or TypeKind.Struct) || type.IsAbstract)
        {
            return ShapeReading.No("it is abstract; name the types it can be with [Union]");
        }

        var members = new List<(ISymbol Symbol, MemberModel Model)>();
        bool isArray = false;
        foreach (ISymbol symbol in CandidatesOf(type))
        {
            ITypeSymbol memberType = symbol is IPropertySymbol property ? property.Type : ((IFieldSymbol)symbol).Type;
            TypeReading reading = types.Read(memberType);
            if (reading.Value is null)
            {
                return ShapeReading.No($"its member {symbol.Name} is {reading.Type}: {reading.Refusal}");
            }

            (string key, int? position) = KeyOf(symbol);
            isArray |= position is not null;
            if (members.Any(known => position is null ? known.Model.Key == key && known.Model.Position < 0 : known.Model.Position == position))
            {
                return ShapeReading.Twice(position?.ToString(CultureInfo.InvariantCulture) ?? key);
            }

            members.Add((symbol, new MemberModel(WellKnown.Escape(symbol.Name), key, position ?? -1, reading.Value)));
        }

        if (isArray && members.Any(static member => member.Model.Position < 0))
        {
            return ShapeReading.No("some of its members have a number as key and some a name");
        }

        members = isArray ? [.. members.OrderBy(static member => member.Model.Position)] : members;
        if (isArray && members.Count != 0 && members[members.Count - 1].Model.Position > 1000)
        {
            return ShapeReading.No("its highest key is above 1000; keys are positions in an array");
        }

        if (Construction(type, members) is not { } constructor)
        {
            return ShapeReading.No("it has no public constructor whose parameters are named like its members, and none without parameters that leaves them settable");
        }

        bool isImmutable = IsImmutable(type);
        var model = new ShapeModel(
            name, formatterName, type.IsReferenceType, isArray, isImmutable, new EquatableArray<MemberModel>(members.Select(static member => member.Model)), constructor, default);
        string contract = $"{name} {(isArray ? "array" : "map")} {string.Join(",", model.Members.Select(static member => $"{member.Key}#{member.Position}:{member.Value.Type}"))}";
        return new ShapeReading(model, contract, null, null);
    }

    private static List<(int Key, ITypeSymbol Type)> CasesOf(INamedTypeSymbol type) =>
    [
        .. type.GetAttributes()
            .Where(static attribute => attribute.AttributeClass is { Name: "UnionAttribute" })
            .Select(static attribute => attribute.ConstructorArguments)
            .Where(static arguments => arguments.Length >= 2 && arguments[0].Value is int && arguments[1].Value is ITypeSymbol)
            .Select(static arguments => ((int)arguments[0].Value!, (ITypeSymbol)arguments[1].Value!)),
    ];

    private ShapeReading ReadUnion(string name, string formatterName, List<(int Key, ITypeSymbol Type)> cases)
    {
        var models = new List<CaseModel>();
        foreach ((int key, ITypeSymbol type) in cases)
        {
            TypeReading reading = types.Read(type);
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

        var model = new ShapeModel(name, formatterName, true, true, false, default, default, new EquatableArray<CaseModel>(models));
        return new ShapeReading(model, $"{name} union {string.Join(",", models.Select(static one => $"{one.Key}:{one.Value.Type}"))}", null, null);
    }

    /// <summary>The members that travel, those of base classes first.</summary>
    private static IEnumerable<ISymbol> CandidatesOf(INamedTypeSymbol type)
    {
        bool isContract = WellKnown.Attribute(type, Contract + "DataContractAttribute") is not null;
        bool isMessagePack = WellKnown.Attribute(type, MessagePack + "MessagePackObjectAttribute") is not null;
        var chain = new Stack<INamedTypeSymbol>();
        for (INamedTypeSymbol? at = type; at is { SpecialType: SpecialType.None }; at = at.BaseType)
        {
            chain.Push(at);
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (ISymbol member in chain.SelectMany(static at => at.GetMembers()))
        {
            bool travels = member switch
            {
                IPropertySymbol { IsStatic: false, IsIndexer: false, GetMethod: not null, DeclaredAccessibility: Accessibility.Public } property =>
                    IsSettable(property) || IsConstructed(type, property),
                IFieldSymbol { IsStatic: false, IsImplicitlyDeclared: false, DeclaredAccessibility: Accessibility.Public } => true,
                _ => false,
            };
            if (!travels
                || WellKnown.Attribute(member, MessagePack + "IgnoreMemberAttribute", Contract + "IgnoreDataMemberAttribute") is not null
                || (!isMessagePack && isContract && WellKnown.Attribute(member, Contract + "DataMemberAttribute") is null)
                || !seen.Add(member.Name))
            {
                continue;
            }

            yield return member;
        }
    }

    /// <summary>Whether a constructor takes it. A property that is neither set nor constructed is computed from others, and does not travel.</summary>
    private static bool IsConstructed(INamedTypeSymbol type, IPropertySymbol property) =>
        type.InstanceConstructors.Any(constructor => constructor.Parameters.Any(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase)));

    private static (string Key, int? Position) KeyOf(ISymbol member)
    {
        if (WellKnown.Attribute(member, MessagePack + "KeyAttribute") is { ConstructorArguments: [{ Value: { } key }] })
        {
            return key is int position ? (member.Name, position) : (key.ToString()!, null);
        }

        if (WellKnown.Attribute(member, Contract + "DataMemberAttribute") is { } data)
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

    /// <summary>Finds the constructor: all its parameters are members by name, and every member that it does not take can be set. The one with most parameters wins.</summary>
    private EquatableArray<int>? Construction(INamedTypeSymbol type, List<(ISymbol Symbol, MemberModel Model)> members)
    {
        foreach (IMethodSymbol constructor in type.InstanceConstructors
            .Where(constructor => constructor.DeclaredAccessibility == Accessibility.Public
                || (constructor.DeclaredAccessibility == Accessibility.Internal && SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly)))
            .OrderByDescending(static constructor => constructor.Parameters.Length))
        {
            int[] taken = [.. constructor.Parameters.Select(parameter => members.FindIndex(member =>
                string.Equals(member.Symbol.Name, parameter.Name, StringComparison.OrdinalIgnoreCase)
                && compilation.ClassifyCommonConversion(TypeOf(member.Symbol), parameter.Type).IsImplicit))];
            bool isCopy = constructor.Parameters is [{ } only] && SymbolEqualityComparer.Default.Equals(only.Type, type);
            if (!isCopy && !taken.Contains(-1) && Enumerable.Range(0, members.Count).All(index => taken.Contains(index) || IsSettable(members[index].Symbol)))
            {
                return new EquatableArray<int>(taken);
            }
        }

        return null;
    }

    private static ITypeSymbol TypeOf(ISymbol member) => member is IPropertySymbol property ? property.Type : ((IFieldSymbol)member).Type;

    private static bool IsSettable(ISymbol member) => member switch
    {
        IPropertySymbol property => property.SetMethod is { DeclaredAccessibility: Accessibility.Public },
        IFieldSymbol field => !field.IsReadOnly && !field.IsConst,
        _ => false,
    };

    /// <summary>Whether it is marked immutable, or proven so: it is sealed, in this assembly's source, and every field of a class is read-only and of an immutable type. A struct is copied with its value.</summary>
    private bool IsImmutable(INamedTypeSymbol type)
    {
        if (WellKnown.Attribute(type, "Orleans.Concurrency.ImmutableAttribute", "Orleans.ImmutableAttribute") is not null)
        {
            return true;
        }

        // A reference assembly need not show private fields, so only source proves anything.
        if (!type.Locations.Any(static place => place.IsInSource) || (type.IsReferenceType && !type.IsSealed))
        {
            return false;
        }

        for (INamedTypeSymbol? at = type; at is { SpecialType: SpecialType.None } && WellKnown.FullName(at) != "System.ValueType"; at = at.BaseType)
        {
            foreach (IFieldSymbol field in at.GetMembers().OfType<IFieldSymbol>().Where(static field => !field.IsStatic))
            {
                // Only what travels has been read; a class with more state than that is not looked into.
                bool travels = field.AssociatedSymbol is IPropertySymbol || field.DeclaredAccessibility == Accessibility.Public;
                if (!travels || (type.IsReferenceType && !field.IsReadOnly) || types.Read(field.Type) is not { Value: not null, IsImmutable: true })
                {
                    return false;
                }
            }
        }

        return true;
    }
}

/// <summary>A shape, or why there is none.</summary>
internal sealed record ShapeReading(ShapeModel? Model, string? Contract, string? Refusal, string? KeyTwice)
{
    public static ShapeReading No(string refusal) => new(null, null, refusal, null);

    public static ShapeReading Twice(string key) => new(null, null, $"two members have the key {key}", key);
}
