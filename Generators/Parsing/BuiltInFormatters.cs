using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>The types whose formatters are in the runtime, by full name.</summary>
internal static class BuiltInFormatters
{
    /// <summary>Where they are.</summary>
    public const string Room = "global::Kameo.Actors.Serialization.";

    private static readonly Dictionary<string, string> s_leaves = new()
    {
        ["System.Boolean"] = "Boolean",
        ["System.Byte"] = "Byte",
        ["System.SByte"] = "SByte",
        ["System.Int16"] = "Int16",
        ["System.UInt16"] = "UInt16",
        ["System.Int32"] = "Int32",
        ["System.UInt32"] = "UInt32",
        ["System.Int64"] = "Int64",
        ["System.UInt64"] = "UInt64",
        ["System.Int128"] = "Int128",
        ["System.UInt128"] = "UInt128",
        ["System.Half"] = "Half",
        ["System.Single"] = "Single",
        ["System.Double"] = "Double",
        ["System.Decimal"] = "Decimal",
        ["System.Char"] = "Char",
        ["System.String"] = "String",
        ["System.Guid"] = "Guid",
        ["System.DateTime"] = "DateTime",
        ["System.DateTimeOffset"] = "DateTimeOffset",
        ["System.DateOnly"] = "DateOnly",
        ["System.TimeOnly"] = "TimeOnly",
        ["System.TimeSpan"] = "TimeSpan",
        ["System.Uri"] = "Uri",
        ["System.Version"] = "Version",
        ["System.Numerics.BigInteger"] = "BigInteger",
        ["Kameo.Actors.Transport.PeerId"] = "PeerId",
        ["System.IO.Stream"] = "Stream",
    };

    /// <summary>Generic types: the formatter's name, and whether the collection itself cannot be changed.</summary>
    private static readonly Dictionary<string, (string Name, bool IsImmutable)> s_generics = new()
    {
        ["System.Collections.Generic.List`1"] = ("List", false),
        ["System.Collections.Generic.HashSet`1"] = ("HashSet", false),
        ["System.Collections.Generic.SortedSet`1"] = ("SortedSet", false),
        ["System.Collections.Generic.Queue`1"] = ("Queue", false),
        ["System.Collections.Generic.Stack`1"] = ("Stack", false),
        ["System.Collections.Generic.LinkedList`1"] = ("LinkedList", false),
        ["System.Collections.ObjectModel.ObservableCollection`1"] = ("ObservableCollection", false),
        ["System.Collections.ObjectModel.ReadOnlyCollection`1"] = ("ReadOnlyCollection", false),
        ["System.Collections.Generic.IEnumerable`1"] = ("EnumerableInterface", false),
        ["System.Collections.Generic.ICollection`1"] = ("CollectionInterface", false),
        ["System.Collections.Generic.IList`1"] = ("ListInterface", false),
        ["System.Collections.Generic.IReadOnlyCollection`1"] = ("ReadOnlyCollectionInterface", false),
        ["System.Collections.Generic.IReadOnlyList`1"] = ("ReadOnlyListInterface", false),
        ["System.Collections.Generic.ISet`1"] = ("SetInterface", false),
        ["System.Collections.Generic.IReadOnlySet`1"] = ("ReadOnlySetInterface", false),
        ["System.Memory`1"] = ("Memory", false),
        ["System.ReadOnlyMemory`1"] = ("ReadOnlyMemory", false),
        ["System.Collections.Immutable.ImmutableArray`1"] = ("ImmutableArray", true),
        ["System.Collections.Immutable.ImmutableList`1"] = ("ImmutableList", true),
        ["System.Collections.Immutable.ImmutableHashSet`1"] = ("ImmutableHashSet", true),
        ["System.Collections.Immutable.ImmutableSortedSet`1"] = ("ImmutableSortedSet", true),
        ["System.Collections.Immutable.ImmutableQueue`1"] = ("ImmutableQueue", true),
        ["System.Collections.Immutable.ImmutableStack`1"] = ("ImmutableStack", true),
        ["System.Collections.Frozen.FrozenSet`1"] = ("FrozenSet", true),
        ["System.Collections.Generic.Dictionary`2"] = ("Dictionary", false),
        ["System.Collections.Generic.SortedDictionary`2"] = ("SortedDictionary", false),
        ["System.Collections.Generic.SortedList`2"] = ("SortedList", false),
        ["System.Collections.Concurrent.ConcurrentDictionary`2"] = ("ConcurrentDictionary", false),
        ["System.Collections.ObjectModel.ReadOnlyDictionary`2"] = ("ReadOnlyDictionary", false),
        ["System.Collections.Generic.IDictionary`2"] = ("DictionaryInterface", false),
        ["System.Collections.Generic.IReadOnlyDictionary`2"] = ("ReadOnlyDictionaryInterface", false),
        ["System.Collections.Immutable.ImmutableDictionary`2"] = ("ImmutableDictionary", true),
        ["System.Collections.Immutable.ImmutableSortedDictionary`2"] = ("ImmutableSortedDictionary", true),
        ["System.Collections.Frozen.FrozenDictionary`2"] = ("FrozenDictionary", true),
        ["System.Collections.Generic.KeyValuePair`2"] = ("KeyValuePair", true),
        ["System.Nullable`1"] = ("Nullable", true),
        ["System.Collections.Generic.IAsyncEnumerable`1"] = ("AsyncEnumerable", true),
    };

    /// <summary>The formatter of a type without parts.</summary>
    public static string? Leaf(ITypeSymbol type) => s_leaves.TryGetValue(WellKnown.FullName(type), out string? name) ? $"{Room}{name}Formatter" : null;

    /// <summary>The formatter of bytes in one of their forms.</summary>
    public static string? Bytes(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte } => Room + "ByteArrayFormatter",
        INamedTypeSymbol { TypeArguments: [{ SpecialType: SpecialType.System_Byte }] } named => WellKnown.FullName(named) switch
        {
            "System.Memory`1" => Room + "ByteMemoryFormatter",
            "System.ReadOnlyMemory`1" => Room + "ReadOnlyByteMemoryFormatter",
            "System.ArraySegment`1" => Room + "ByteArraySegmentFormatter",
            "System.Buffers.ReadOnlySequence`1" => Room + "ByteSequenceFormatter",
            _ => null,
        },
        _ => null,
    };

    /// <summary>The formatter of values that travel as they are in memory, without its arguments.</summary>
    public static string? OfValues(INamedTypeSymbol type) => WellKnown.FullName(type) switch
    {
        WellKnown.Payload => Room + "PayloadFormatter",
        "System.Memory`1" => Room + "ValueMemoryFormatter",
        "System.ReadOnlyMemory`1" => Room + "ReadOnlyValueMemoryFormatter",
        _ => null,
    };

    /// <summary>The formatter of a generic type of .NET, without its arguments.</summary>
    public static (string Name, bool IsImmutable)? Generic(INamedTypeSymbol type)
    {
        string name = WellKnown.FullName(type);
        if (s_generics.TryGetValue(name, out (string Name, bool IsImmutable) found))
        {
            return ($"{Room}{found.Name}Formatter", found.IsImmutable);
        }

        bool isTuple = name.StartsWith("System.Tuple`", StringComparison.Ordinal) || name.StartsWith("System.ValueTuple`", StringComparison.Ordinal);
        return isTuple && type.TypeArguments.Length <= 7 ? ($"{Room}{type.Name}Formatter", true) : null;
    }
}
