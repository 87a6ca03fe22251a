using System.ComponentModel;
using System.Collections.ObjectModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats arrays, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ArrayFormatter<T, TFormatter> : IFormatter<T[]>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, T[] value)
    {
        if (value is null)
        {
            writer.WriteNil();
        }
        else
        {
            Sequence.Encode<T, TFormatter>(ref writer, new ReadOnlySpan<T>(value)); // AsSpan refuses an array of a derived type.
        }
    }

    /// <inheritdoc/>
    public static T[] Decode(ref MessagePackReader reader) => Sequence.DecodeArray<T, TFormatter>(ref reader)!;

    /// <inheritdoc/>
    public static T[] Copy(T[] value) => value is null ? null! : Array.ConvertAll(value, TFormatter.Copy);
}

/// <summary>Formats memory; it arrives in an array of its own.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct MemoryFormatter<T, TFormatter> : IFormatter<Memory<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Memory<T> value) => Sequence.Encode<T, TFormatter>(ref writer, (ReadOnlySpan<T>)value.Span);

    /// <inheritdoc/>
    public static Memory<T> Decode(ref MessagePackReader reader) => Sequence.DecodeArray<T, TFormatter>(ref reader);

    /// <inheritdoc/>
    public static Memory<T> Copy(Memory<T> value) => Array.ConvertAll(value.ToArray(), TFormatter.Copy);
}

/// <summary>Formats memory; it arrives in an array of its own.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ReadOnlyMemoryFormatter<T, TFormatter> : IFormatter<ReadOnlyMemory<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ReadOnlyMemory<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value.Span);

    /// <inheritdoc/>
    public static ReadOnlyMemory<T> Decode(ref MessagePackReader reader) => Sequence.DecodeArray<T, TFormatter>(ref reader);

    /// <inheritdoc/>
    public static ReadOnlyMemory<T> Copy(ReadOnlyMemory<T> value) => Array.ConvertAll(value.ToArray(), TFormatter.Copy);
}

/// <summary>Formats <see cref="List{T}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ListFormatter<T, TFormatter> : IFormatter<List<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, List<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static List<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? values : null!;

    /// <inheritdoc/>
    public static List<T> Copy(List<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? values : null!;
}

/// <summary>Formats <see cref="HashSet{T}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct HashSetFormatter<T, TFormatter> : IFormatter<HashSet<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, HashSet<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static HashSet<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? [.. values] : null!;

    /// <inheritdoc/>
    public static HashSet<T> Copy(HashSet<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? [.. values] : null!;
}

/// <summary>Formats <see cref="SortedSet{T}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct SortedSetFormatter<T, TFormatter> : IFormatter<SortedSet<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, SortedSet<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static SortedSet<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? Sequence.Sorted(values, static values => new SortedSet<T>(values)) : null!;

    /// <inheritdoc/>
    public static SortedSet<T> Copy(SortedSet<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? Sequence.Sorted(values, static values => new SortedSet<T>(values)) : null!;
}

/// <summary>Formats <see cref="Queue{T}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct QueueFormatter<T, TFormatter> : IFormatter<Queue<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Queue<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static Queue<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? new Queue<T>(values) : null!;

    /// <inheritdoc/>
    public static Queue<T> Copy(Queue<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? new Queue<T>(values) : null!;
}

/// <summary>Formats <see cref="LinkedList{T}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct LinkedListFormatter<T, TFormatter> : IFormatter<LinkedList<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, LinkedList<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static LinkedList<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? new LinkedList<T>(values) : null!;

    /// <inheritdoc/>
    public static LinkedList<T> Copy(LinkedList<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? new LinkedList<T>(values) : null!;
}

/// <summary>Formats <see cref="ObservableCollection{T}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ObservableCollectionFormatter<T, TFormatter> : IFormatter<ObservableCollection<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ObservableCollection<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static ObservableCollection<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? [.. values] : null!;

    /// <inheritdoc/>
    public static ObservableCollection<T> Copy(ObservableCollection<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? [.. values] : null!;
}

/// <summary>Formats <see cref="ReadOnlyCollection{T}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ReadOnlyCollectionFormatter<T, TFormatter> : IFormatter<ReadOnlyCollection<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ReadOnlyCollection<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static ReadOnlyCollection<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? values.AsReadOnly() : null!;

    /// <inheritdoc/>
    public static ReadOnlyCollection<T> Copy(ReadOnlyCollection<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? values.AsReadOnly() : null!;
}

/// <summary>Formats <see cref="Stack{T}"/>, null included; written from the top, so that it arrives in the same order.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct StackFormatter<T, TFormatter> : IFormatter<Stack<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Stack<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static Stack<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? Stacked(values) : null!;

    /// <inheritdoc/>
    public static Stack<T> Copy(Stack<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? Stacked(values) : null!;

    private static Stack<T> Stacked(List<T> topFirst)
    {
        topFirst.Reverse();
        return new Stack<T>(topFirst);
    }
}
