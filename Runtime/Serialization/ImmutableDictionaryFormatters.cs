using System.ComponentModel;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats <see cref="ImmutableDictionary{TKey, TValue}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ImmutableDictionaryFormatter<TKey, TKeyFormatter, TValue, TValueFormatter> : IFormatter<ImmutableDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyFormatter : struct, IFormatter<TKey>
    where TValueFormatter : struct, IFormatter<TValue>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ImmutableDictionary<TKey, TValue> value) => Pairs.Encode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static ImmutableDictionary<TKey, TValue> Decode(ref MessagePackReader reader) => Pairs.Decode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref reader) is { } values ? values.ToImmutableDictionary() : null!;

    /// <inheritdoc/>
    public static ImmutableDictionary<TKey, TValue> Copy(ImmutableDictionary<TKey, TValue> value) => Pairs.Copy<TKey, TKeyFormatter, TValue, TValueFormatter>(value) is { } values ? values.ToImmutableDictionary() : null!;
}

/// <summary>Formats <see cref="ImmutableSortedDictionary{TKey, TValue}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ImmutableSortedDictionaryFormatter<TKey, TKeyFormatter, TValue, TValueFormatter> : IFormatter<ImmutableSortedDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyFormatter : struct, IFormatter<TKey>
    where TValueFormatter : struct, IFormatter<TValue>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ImmutableSortedDictionary<TKey, TValue> value) => Pairs.Encode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static ImmutableSortedDictionary<TKey, TValue> Decode(ref MessagePackReader reader) => Pairs.Decode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref reader) is { } values ? Pairs.Sorted(values, static values => values.ToImmutableSortedDictionary()) : null!;

    /// <inheritdoc/>
    public static ImmutableSortedDictionary<TKey, TValue> Copy(ImmutableSortedDictionary<TKey, TValue> value) => Pairs.Copy<TKey, TKeyFormatter, TValue, TValueFormatter>(value) is { } values ? Pairs.Sorted(values, static values => values.ToImmutableSortedDictionary()) : null!;
}

/// <summary>Formats <see cref="FrozenDictionary{TKey, TValue}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct FrozenDictionaryFormatter<TKey, TKeyFormatter, TValue, TValueFormatter> : IFormatter<FrozenDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyFormatter : struct, IFormatter<TKey>
    where TValueFormatter : struct, IFormatter<TValue>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, FrozenDictionary<TKey, TValue> value) => Pairs.Encode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static FrozenDictionary<TKey, TValue> Decode(ref MessagePackReader reader) => Pairs.Decode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref reader) is { } values ? values.ToFrozenDictionary() : null!;

    /// <inheritdoc/>
    public static FrozenDictionary<TKey, TValue> Copy(FrozenDictionary<TKey, TValue> value) => Pairs.Copy<TKey, TKeyFormatter, TValue, TValueFormatter>(value) is { } values ? values.ToFrozenDictionary() : null!;
}
