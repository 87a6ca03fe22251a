using System.ComponentModel;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats <see cref="ImmutableArray{T}"/>; the default one as nil.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ImmutableArrayFormatter<T, TFormatter> : IFormatter<ImmutableArray<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ImmutableArray<T> value)
    {
        if (value.IsDefault)
        {
            writer.WriteNil();
        }
        else
        {
            Sequence.Encode<T, TFormatter>(ref writer, value.AsSpan());
        }
    }

    /// <inheritdoc/>
    public static ImmutableArray<T> Decode(ref MessagePackReader reader) => ImmutableCollectionsMarshal.AsImmutableArray(Sequence.DecodeArray<T, TFormatter>(ref reader));

    /// <inheritdoc/>
    public static ImmutableArray<T> Copy(ImmutableArray<T> value) => value.IsDefault ? value : ImmutableCollectionsMarshal.AsImmutableArray(Array.ConvertAll(value.ToArray(), TFormatter.Copy));
}

/// <summary>Formats <see cref="ImmutableList{T}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ImmutableListFormatter<T, TFormatter> : IFormatter<ImmutableList<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ImmutableList<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static ImmutableList<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? [.. values] : null!;

    /// <inheritdoc/>
    public static ImmutableList<T> Copy(ImmutableList<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? [.. values] : null!;
}

/// <summary>Formats <see cref="ImmutableHashSet{T}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ImmutableHashSetFormatter<T, TFormatter> : IFormatter<ImmutableHashSet<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ImmutableHashSet<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static ImmutableHashSet<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? [.. values] : null!;

    /// <inheritdoc/>
    public static ImmutableHashSet<T> Copy(ImmutableHashSet<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? [.. values] : null!;
}

/// <summary>Formats <see cref="ImmutableSortedSet{T}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ImmutableSortedSetFormatter<T, TFormatter> : IFormatter<ImmutableSortedSet<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ImmutableSortedSet<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static ImmutableSortedSet<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? Sequence.Sorted(values, static values => values.ToImmutableSortedSet()) : null!;

    /// <inheritdoc/>
    public static ImmutableSortedSet<T> Copy(ImmutableSortedSet<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? Sequence.Sorted(values, static values => values.ToImmutableSortedSet()) : null!;
}

/// <summary>Formats <see cref="ImmutableQueue{T}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ImmutableQueueFormatter<T, TFormatter> : IFormatter<ImmutableQueue<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ImmutableQueue<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count() ?? 0);

    /// <inheritdoc/>
    public static ImmutableQueue<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? [.. values] : null!;

    /// <inheritdoc/>
    public static ImmutableQueue<T> Copy(ImmutableQueue<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count() ?? 0) is { } values ? [.. values] : null!;
}

/// <summary>Formats <see cref="FrozenSet{T}"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct FrozenSetFormatter<T, TFormatter> : IFormatter<FrozenSet<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, FrozenSet<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static FrozenSet<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? values.ToFrozenSet() : null!;

    /// <inheritdoc/>
    public static FrozenSet<T> Copy(FrozenSet<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? values.ToFrozenSet() : null!;
}

/// <summary>Formats <see cref="ImmutableStack{T}"/>, null included; written from the top, so that it arrives in the same order.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ImmutableStackFormatter<T, TFormatter> : IFormatter<ImmutableStack<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ImmutableStack<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count() ?? 0);

    /// <inheritdoc/>
    public static ImmutableStack<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? ImmutableStack.CreateRange(Enumerable.Reverse(values)) : null!;

    /// <inheritdoc/>
    public static ImmutableStack<T> Copy(ImmutableStack<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count() ?? 0) is { } values ? ImmutableStack.CreateRange(Enumerable.Reverse(values)) : null!;
}
