using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>Finds how types travel: the formatter of each, and the shapes of those that need a generated one. One parser for one interface; each type is looked at once.</summary>
internal sealed class TypeParser(Compilation compilation, string assembly)
{
    /// <summary>How often a generic type may be met within itself: one that holds itself with arguments that grow never ends, and their names may double each time.</summary>
    private const int GrowthMax = 10;

    private readonly Dictionary<ITypeSymbol, TypeReading> _known = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ITypeSymbol> _underway = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ITypeSymbol> _recursive = new(SymbolEqualityComparer.Default);
    private readonly List<ShapeModel> _shapes = [];

    /// <summary>The shapes met.</summary>
    public IReadOnlyList<ShapeModel> Shapes => _shapes;

    /// <summary>Closed forms of generic actor interfaces that were met.</summary>
    public List<INamedTypeSymbol> Forms { get; } = [];

    /// <summary>Whether a reference to an actor was met: decoding it needs to know the node.</summary>
    public bool HasReferences { get; private set; }

    /// <summary>Whether a payload was met: copying it needs to know whose it is.</summary>
    public bool HasPayloads { get; private set; }

    /// <summary>Whether a stream was met, of bytes or of items: it travels beside a message only.</summary>
    public bool HasStreams { get; private set; }

    /// <summary>How values that travel as they are in memory lie there: no build reads them in another way.</summary>
    public HashSet<string> Layouts { get; } = new(StringComparer.Ordinal);

    /// <summary>Finds how a type travels.</summary>
    /// <returns>A reading without a formatter, and why, for a type that cannot.</returns>
    public TypeReading Read(ITypeSymbol type)
    {
        if (_known.TryGetValue(type, out TypeReading? known))
        {
            if (_underway.Contains(type))
            {
                _recursive.Add(type);
            }

            return known;
        }

        TypeReading reading = ReadNew(type);
        _known[type] = reading;
        return reading;
    }

    private static string NameOf(ITypeSymbol type) => type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(WellKnown.Qualified);

    private TypeReading ReadNew(ITypeSymbol type)
    {
        string name = NameOf(type);
        HasStreams |= type is INamedTypeSymbol && WellKnown.FullName(type) is "System.IO.Stream" or "System.Collections.Generic.IAsyncEnumerable`1";
        if (BuiltInFormatters.Leaf(type) is { } leaf)
        {
            return TypeReading.Of(name, leaf, isImmutable: true);
        }

        if (BuiltInFormatters.Bytes(type) is { } bytes)
        {
            return TypeReading.Of(name, bytes, isImmutable: false);
        }

        return type switch
        {
            { TypeKind: TypeKind.Error } => TypeReading.No(name, "it is not known"),
            INamedTypeSymbol hidden when !WellKnown.IsNameable(hidden, compilation) =>
                TypeReading.No(name, "it is private, protected or of one file, so generated code cannot name it"),
            { TypeKind: TypeKind.Enum } => TypeReading.Of(name, $"{BuiltInFormatters.Room}EnumFormatter<{name}>", isImmutable: true),
            IArrayTypeSymbol { Rank: 1 } array => Wrap(name, $"{BuiltInFormatters.Room}ArrayFormatter", isImmutable: false, [array.ElementType]),
            IArrayTypeSymbol => TypeReading.No(name, "arrays of several dimensions do not travel; use an array of arrays"),
            ITypeParameterSymbol => TypeReading.No(name, "a type parameter is not known when the code is compiled"),
            IPointerTypeSymbol or IFunctionPointerTypeSymbol => TypeReading.No(name, "a pointer means nothing on another node"),
            { TypeKind: TypeKind.Delegate } => TypeReading.No(name, "a delegate cannot be sent"),
            { TypeKind: TypeKind.Dynamic } or { SpecialType: SpecialType.System_Object } => TypeReading.No(name, "only types known when the code is compiled are ever constructed"),
            { IsRefLikeType: true } => TypeReading.No(name, "a ref struct lives on one stack"),
            INamedTypeSymbol named => ReadNamed(named, name),
            _ => TypeReading.No(name, "types of this kind do not travel"),
        };
    }

    private TypeReading ReadNamed(INamedTypeSymbol type, string name)
    {
        if (BuiltInFormatters.OfValues(type) is { } ofValues && ReadValues(type, name, ofValues) is { } values)
        {
            return values;
        }

        if (BuiltInFormatters.Generic(type) is { } generic)
        {
            return Wrap(name, generic.Name, generic.IsImmutable, type.TypeArguments);
        }

        if (WellKnown.ChainOf(type).Any(static at => WellKnown.FullName(at) == "System.IO.Stream"))
        {
            return TypeReading.No(name, "a stream travels as System.IO.Stream: declare it so");
        }

        if (WellKnown.IsReferable(type))
        {
            if (type.IsGenericType)
            {
                Forms.Add(type);
            }

            // Not counted as immutable, though references are: an actor in place of a reference is refused where it is copied.
            HasReferences = true;
            return TypeReading.Of(name, $"{BuiltInFormatters.Room}ReferenceFormatter<{name}>", isImmutable: false);
        }

        if (WellKnown.IsAddressable(type))
        {
            return TypeReading.No(name, "it says neither which methods nor which kind of key the actor has; name an interface of its own");
        }

        return type.IsUnboundGenericType ? TypeReading.No(name, "it is named without its type arguments")
            : _underway.Count(outer => SymbolEqualityComparer.Default.Equals(outer.OriginalDefinition, type.OriginalDefinition)) == GrowthMax ? TypeReading.No(name, "it holds itself with other type arguments, without end")
            : Losses.IsOfDotnet(type, compilation) ? TypeReading.No(name, "it is a type of .NET that has no formatter; send what it holds")
            : ReadShape(type, name);
    }

    /// <summary>A payload, or memory of values that may travel as they are; null for memory of others, which travels as a list does.</summary>
    private TypeReading? ReadValues(INamedTypeSymbol type, string name, string formatter)
    {
        ITypeSymbol value = type.TypeArguments[0];
        ValueLayout layout = ValueLayouts.Of(value, compilation);
        bool isPayload = WellKnown.IsPayload(type);
        string valueName = NameOf(value);
        if (layout.Refusal is not null)
        {
            if (!isPayload)
            {
                return null;
            }

            return TypeReading.No(name, $"{valueName} does not travel as it is in memory: {layout.Refusal}") with { BadPayload = new BadPayload(value.ToDisplayString(), layout) };
        }

        if (value is INamedTypeSymbol hidden && !WellKnown.IsNameable(hidden, compilation))
        {
            return TypeReading.No(name, $"{valueName} is private, protected or of one file, so generated code cannot name it");
        }

        HasPayloads |= isPayload;
        Layouts.Add($"{WireNames.InSignature(value)}={layout.Text}");
        string layoutName = $"{BuiltInFormatters.Room}PlainLayout<{valueName}>";
        if (value is { TypeKind: TypeKind.Struct } && !Losses.IsOfDotnet((INamedTypeSymbol)value, compilation))
        {
            string simple = Naming.Unique(valueName) + "Layout";
            _shapes.Add(ShapeModel.Layout(valueName, simple, layout.Bytes));
            layoutName = $"global::Kameo.Actors.Generated.{assembly}.{simple}";
        }

        return TypeReading.Of(name, $"{formatter}<{valueName}, {layoutName}>", isImmutable: false);
    }

    private TypeReading Wrap(string name, string formatter, bool isImmutable, IEnumerable<ITypeSymbol> parts)
    {
        var arguments = new List<string>();
        foreach (ITypeSymbol part in parts)
        {
            TypeReading reading = Read(part);
            if (reading.Value is null)
            {
                return reading;
            }

            isImmutable &= reading.IsImmutable;
            arguments.Add(reading.Value.Type);
            arguments.Add(reading.Value.Formatter);
        }

        string closed = $"{formatter}<{string.Join(", ", arguments)}>";
        return TypeReading.Of(name, isImmutable ? $"{BuiltInFormatters.Room}ImmutableFormatter<{name}, {closed}>" : closed, isImmutable);
    }

    private TypeReading ReadShape(INamedTypeSymbol type, string name)
    {
        string formatterName = Naming.Unique(name) + "Formatter";
        string formatter = $"global::Kameo.Actors.Generated.{assembly}.{formatterName}";

        // Known before its members are read: a type may contain itself. Meanwhile it counts as mutable, which is safe.
        _known[type] = TypeReading.Of(name, formatter, isImmutable: false);
        _underway.Add(type);
        ShapeReading shape = new ShapeParser(this, compilation).Read(type, name, formatterName);
        _underway.Remove(type);
        if (shape.Model is null)
        {
            return TypeReading.No(name, shape.Refusal!, shape.KeyTwice) with { BadPayload = shape.BadPayload };
        }

        _shapes.Add(shape.Model with { IsRecursive = _recursive.Contains(type) });
        return TypeReading.Of(name, formatter, shape.Model.IsImmutable);
    }

    /// <summary>Finds how an exception class travels that says it does.</summary>
    /// <returns>Its shape, or why there is none.</returns>
    public ShapeReading ReadException(INamedTypeSymbol type)
    {
        string name = NameOf(type);
        ShapeReading shape = new ShapeParser(this, compilation).ReadException(type, name, Naming.Unique(name) + "Formatter");
        return shape.Model is null ? shape
            : HasReferences ? ShapeReading.No("it holds a reference to an actor, and nobody knows whose reference to make where it arrives; send the key")
            : HasPayloads || HasStreams ? ShapeReading.No("it holds a stream or a payload, which travel beside a message only; send what the caller needs of it")
            : shape;
    }
}

/// <summary>How a type travels, or why it does not.</summary>
internal sealed record TypeReading(ValueModel? Value, bool IsImmutable, string Type, string? Refusal, string? KeyTwice)
{
    /// <summary>The payload that is why; null for any other reason.</summary>
    public BadPayload? BadPayload { get; init; }

    public static TypeReading Of(string type, string formatter, bool isImmutable) => new(new ValueModel(type, formatter), isImmutable, type, null, null);

    public static TypeReading No(string type, string refusal, string? keyTwice = null) => new(null, false, type, refusal, keyTwice);
}
