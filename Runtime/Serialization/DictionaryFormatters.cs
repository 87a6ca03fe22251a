using System.ComponentModel;
using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats <see cref="Dictionary{TKey, TValue}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DictionaryFormatter<TKey, TKeyFormatter, TValue, TValueFormatter> : IFormatter<Dictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyFormatter : struct, IFormatter<TKey>
    where TValueFormatter : struct, IFormatter<TValue>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Dictionary<TKey, TValue> value) => Pairs.Encode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static Dictionary<TKey, TValue> Decode(ref MessagePackReader reader) => Pairs.Decode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref reader) is { } values ? values : null!;

    /// <inheritdoc/>
    public static Dictionary<TKey, TValue> Copy(Dictionary<TKey, TValue> value) => Pairs.Copy<TKey, TKeyFormatter, TValue, TValueFormatter>(value) is { } values ? values : null!;
}

/// <summary>Formats <see cref="SortedDictionary{TKey, TValue}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct SortedDictionaryFormatter<TKey, TKeyFormatter, TValue, TValueFormatter> : IFormatter<SortedDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyFormatter : struct, IFormatter<TKey>
    where TValueFormatter : struct, IFormatter<TValue>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, SortedDictionary<TKey, TValue> value) => Pairs.Encode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static SortedDictionary<TKey, TValue> Decode(ref MessagePackReader reader) => Pairs.Decode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref reader) is { } values ? Pairs.Sorted(values, static values => new SortedDictionary<TKey, TValue>(values)) : null!;

    /// <inheritdoc/>
    public static SortedDictionary<TKey, TValue> Copy(SortedDictionary<TKey, TValue> value) => Pairs.Copy<TKey, TKeyFormatter, TValue, TValueFormatter>(value) is { } values ? Pairs.Sorted(values, static values => new SortedDictionary<TKey, TValue>(values)) : null!;
}

/// <summary>Formats <see cref="SortedList{TKey, TValue}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct SortedListFormatter<TKey, TKeyFormatter, TValue, TValueFormatter> : IFormatter<SortedList<TKey, TValue>>
    where TKey : notnull
    where TKeyFormatter : struct, IFormatter<TKey>
    where TValueFormatter : struct, IFormatter<TValue>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, SortedList<TKey, TValue> value) => Pairs.Encode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static SortedList<TKey, TValue> Decode(ref MessagePackReader reader) => Pairs.Decode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref reader) is { } values ? Pairs.Sorted(values, static values => new SortedList<TKey, TValue>(values)) : null!;

    /// <inheritdoc/>
    public static SortedList<TKey, TValue> Copy(SortedList<TKey, TValue> value) => Pairs.Copy<TKey, TKeyFormatter, TValue, TValueFormatter>(value) is { } values ? Pairs.Sorted(values, static values => new SortedList<TKey, TValue>(values)) : null!;
}

/// <summary>Formats <see cref="ConcurrentDictionary{TKey, TValue}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ConcurrentDictionaryFormatter<TKey, TKeyFormatter, TValue, TValueFormatter> : IFormatter<ConcurrentDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyFormatter : struct, IFormatter<TKey>
    where TValueFormatter : struct, IFormatter<TValue>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ConcurrentDictionary<TKey, TValue> value)
    {
        // Others may change it meanwhile: the count and the entries must be of one moment.
        KeyValuePair<TKey, TValue>[]? entries = value?.ToArray();
        Pairs.Encode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref writer, entries, entries?.Length ?? 0);
    }

    /// <inheritdoc/>
    public static ConcurrentDictionary<TKey, TValue> Decode(ref MessagePackReader reader) => Pairs.Decode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref reader) is { } values ? new ConcurrentDictionary<TKey, TValue>(values) : null!;

    /// <inheritdoc/>
    public static ConcurrentDictionary<TKey, TValue> Copy(ConcurrentDictionary<TKey, TValue> value) => Pairs.Copy<TKey, TKeyFormatter, TValue, TValueFormatter>(value) is { } values ? new ConcurrentDictionary<TKey, TValue>(values) : null!;
}

/// <summary>Formats <see cref="ReadOnlyDictionary{TKey, TValue}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ReadOnlyDictionaryFormatter<TKey, TKeyFormatter, TValue, TValueFormatter> : IFormatter<ReadOnlyDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyFormatter : struct, IFormatter<TKey>
    where TValueFormatter : struct, IFormatter<TValue>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ReadOnlyDictionary<TKey, TValue> value) => Pairs.Encode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static ReadOnlyDictionary<TKey, TValue> Decode(ref MessagePackReader reader) => Pairs.Decode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref reader) is { } values ? new ReadOnlyDictionary<TKey, TValue>(values) : null!;

    /// <inheritdoc/>
    public static ReadOnlyDictionary<TKey, TValue> Copy(ReadOnlyDictionary<TKey, TValue> value) => Pairs.Copy<TKey, TKeyFormatter, TValue, TValueFormatter>(value) is { } values ? new ReadOnlyDictionary<TKey, TValue>(values) : null!;
}

/// <summary>Formats <see cref="IDictionary{TKey, TValue}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DictionaryInterfaceFormatter<TKey, TKeyFormatter, TValue, TValueFormatter> : IFormatter<IDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyFormatter : struct, IFormatter<TKey>
    where TValueFormatter : struct, IFormatter<TValue>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, IDictionary<TKey, TValue> value)
    {
        if (value is ConcurrentDictionary<TKey, TValue> concurrent)
        {
            ConcurrentDictionaryFormatter<TKey, TKeyFormatter, TValue, TValueFormatter>.Encode(ref writer, concurrent);
        }
        else
        {
            Pairs.Encode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref writer, value, value?.Count ?? 0);
        }
    }

    /// <inheritdoc/>
    public static IDictionary<TKey, TValue> Decode(ref MessagePackReader reader) => Pairs.Decode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref reader) is { } values ? values : null!;

    /// <inheritdoc/>
    public static IDictionary<TKey, TValue> Copy(IDictionary<TKey, TValue> value) => Pairs.Copy<TKey, TKeyFormatter, TValue, TValueFormatter>(value) is { } values ? values : null!;
}

/// <summary>Formats <see cref="IReadOnlyDictionary{TKey, TValue}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ReadOnlyDictionaryInterfaceFormatter<TKey, TKeyFormatter, TValue, TValueFormatter> : IFormatter<IReadOnlyDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyFormatter : struct, IFormatter<TKey>
    where TValueFormatter : struct, IFormatter<TValue>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, IReadOnlyDictionary<TKey, TValue> value)
    {
        if (value is ConcurrentDictionary<TKey, TValue> concurrent)
        {
            ConcurrentDictionaryFormatter<TKey, TKeyFormatter, TValue, TValueFormatter>.Encode(ref writer, concurrent);
        }
        else
        {
            Pairs.Encode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref writer, value, value?.Count ?? 0);
        }
    }

    /// <inheritdoc/>
    public static IReadOnlyDictionary<TKey, TValue> Decode(ref MessagePackReader reader) => Pairs.Decode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref reader) is { } values ? values : null!;

    /// <inheritdoc/>
    public static IReadOnlyDictionary<TKey, TValue> Copy(IReadOnlyDictionary<TKey, TValue> value) => Pairs.Copy<TKey, TKeyFormatter, TValue, TValueFormatter>(value) is { } values ? values : null!;
}
