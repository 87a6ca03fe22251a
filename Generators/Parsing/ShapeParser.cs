using System.Globalization;
using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>From the symbol of a record, class, struct or union to its shape: its members, and how an object is made of them.</summary>
internal sealed class ShapeParser(TypeParser types, Compilation compilation)
{
    /// <summary>Positions without a member travel as nil, a byte each.</summary>
    private const int PositionMax = 1000;

    /// <summary>Reads a type.</summary>
    public ShapeReading Read(INamedTypeSymbol type, string name, string formatterName)
    {
        if (UnionParser.IsUnion(type))
        {
            return new UnionParser(types, compilation).Read(type, name, formatterName);
        }

        if (type.TypeKind is not (TypeKind.Class or TypeKind.Struct) || type.IsAbstract)
        {
            return ShapeReading.No("it is abstract; name the types it can be, each with a number, as in [Union(0, typeof(Circle))] of Kameo.Actors.Serialization");
        }

        if (Losses.Of(type, compilation) is { } loss)
        {
            return ShapeReading.No(loss);
        }

        ISymbol[] symbols = [.. MemberParser.MembersOf(type)];
        if (symbols.Length == 0 && Losses.HasState(type))
        {
            return ShapeReading.No("it has no public member that travels, and would arrive empty");
        }

        return Read(type, symbols, name, formatterName);
    }

    /// <summary>Reads an exception class: its own members, and of what every exception has the message and the inner exception if a constructor takes them.</summary>
    public ShapeReading ReadException(INamedTypeSymbol type, string name, string formatterName)
    {
        if (MemberParser.LeftBehind(type) is { } member)
        {
            return ShapeReading.No(Losses.OfMarked(member));
        }

        if (MemberParser.Lost(type) is { } lost)
        {
            return ShapeReading.No(Losses.OfHeld(lost));
        }

        ShapeReading? reading = null;
        foreach (ISymbol[] symbols in ExceptionMembers.ChoicesOf(type, compilation))
        {
            reading = Read(type, symbols, name, formatterName);
            if (reading.Model is not null)
            {
                return reading;
            }
        }

        return reading!;
    }

    private ShapeReading Read(INamedTypeSymbol type, ISymbol[] symbols, string name, string formatterName)
    {
        var members = new List<(ISymbol Symbol, MemberModel Model)>();
        foreach (ISymbol symbol in symbols)
        {
            TypeReading reading = ExceptionMembers.IsCause(symbol) ? ExceptionMembers.Cause : types.Read(MemberParser.TypeOf(symbol));
            if (reading.Value is null)
            {
                return ShapeReading.No($"its member {symbol.Name} is {reading.Type}: {reading.Refusal}") with { BadPayload = reading.BadPayload };
            }

            (string key, int? position) = MemberParser.KeyOf(symbol);
            if (members.Any(known => position is null ? known.Model.Key == key && known.Model.Position < 0 : known.Model.Position == position))
            {
                return ShapeReading.Twice(position?.ToString(CultureInfo.InvariantCulture) ?? key);
            }

            members.Add((symbol, new MemberModel(Naming.Escape(symbol.Name), key, position ?? -1, reading.Value, MemberPlace.Setter, null)));
        }

        bool isArray = members.Any(static member => member.Model.Position >= 0);
        members = isArray ? [.. members.OrderBy(static member => member.Model.Position)] : members;
        if (RefusalOf(members, isArray) is { } refusal)
        {
            return ShapeReading.No(refusal);
        }

        if (Construction.Of(type, [.. members.Select(static member => member.Symbol)], compilation) is not { } construction)
        {
            return ShapeReading.No("it has no public constructor whose parameters are named like its members, and none without parameters that leaves them settable");
        }

        if (construction.Forgotten is { } forgotten)
        {
            return ShapeReading.No($"its member {forgotten} is required and does not travel");
        }

        var model = new ShapeModel(
            name,
            formatterName,
            type.IsReferenceType,
            isArray,
            IsImmutable(type, members),
            IsRecursive: false,
            new EquatableArray<MemberModel>(members.Select((member, index) => member.Model with { Place = construction.Places[index], Default = construction.Defaults[index] })),
            new EquatableArray<int>(construction.Taken),
            default);
        return new ShapeReading(model, null, null);
    }

    private static string? RefusalOf(List<(ISymbol Symbol, MemberModel Model)> members, bool isArray) =>
        isArray && members[0].Model.Position < 0 ? "some of its members have a number as key and some a name"
        : isArray && members[members.Count - 1].Model.Position > PositionMax ? $"its highest key is above {PositionMax}; keys are positions in an array"
        : null;

    /// <summary>Whether it is marked immutable, or proven so: it is sealed, it and its bases are in this assembly's source, and every field of a class is read-only and of an immutable type. A struct is copied with its value.</summary>
    private bool IsImmutable(INamedTypeSymbol type, List<(ISymbol Symbol, MemberModel Model)> members)
    {
        if (WellKnown.IsMarkedImmutable(type))
        {
            return true;
        }

        // Of another assembly private fields are not seen, so only source proves anything: the type's, and that of all it derives from.
        if (!WellKnown.ChainOf(type).All(static at => at.Locations.Any(static place => place.IsInSource)) || (type.IsReferenceType && !type.IsSealed))
        {
            return false;
        }

        // Only what travels has been read; a type with more state than that is not looked into.
        return WellKnown.ChainOf(type).SelectMany(static at => at.GetMembers()).OfType<IFieldSymbol>().Where(static field => !field.IsStatic).All(field =>
            members.Any(member => SymbolEqualityComparer.Default.Equals(member.Symbol, field.AssociatedSymbol ?? field))
            && (!type.IsReferenceType || field.IsReadOnly)
            && types.Read(field.Type) is { Value: not null, IsImmutable: true });
    }
}

/// <summary>A shape, or why there is none.</summary>
internal sealed record ShapeReading(ShapeModel? Model, string? Refusal, string? KeyTwice)
{
    /// <summary>The payload that is why; null for any other reason.</summary>
    public BadPayload? BadPayload { get; init; }

    public static ShapeReading No(string refusal) => new(null, refusal, null);

    public static ShapeReading Twice(string key) => new(null, $"two members have the key {key}", key);
}
