using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats <see cref="IEnumerable{T}"/>, null included; it is run through once and arrives as a list.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct EnumerableInterfaceFormatter<T, TFormatter> : IFormatter<IEnumerable<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, IEnumerable<T> value)
    {
        IReadOnlyCollection<T>? values = value is null ? null : value as IReadOnlyCollection<T> ?? [.. value];
        Sequence.Encode<T, TFormatter>(ref writer, values, values?.Count ?? 0);
    }

    /// <inheritdoc/>
    public static IEnumerable<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader)!;

    /// <inheritdoc/>
    public static IEnumerable<T> Copy(IEnumerable<T> value) => Sequence.Copy<T, TFormatter>(value, 0)!;
}

/// <summary>Formats <see cref="ICollection{T}"/>, null included; it arrives as a list.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct CollectionInterfaceFormatter<T, TFormatter> : IFormatter<ICollection<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ICollection<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static ICollection<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? values : null!;

    /// <inheritdoc/>
    public static ICollection<T> Copy(ICollection<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? values : null!;
}

/// <summary>Formats <see cref="IList{T}"/>, null included; it arrives as a list.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ListInterfaceFormatter<T, TFormatter> : IFormatter<IList<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, IList<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static IList<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? values : null!;

    /// <inheritdoc/>
    public static IList<T> Copy(IList<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? values : null!;
}

/// <summary>Formats <see cref="IReadOnlyCollection{T}"/>, null included; it arrives as a list.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ReadOnlyCollectionInterfaceFormatter<T, TFormatter> : IFormatter<IReadOnlyCollection<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, IReadOnlyCollection<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static IReadOnlyCollection<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? values : null!;

    /// <inheritdoc/>
    public static IReadOnlyCollection<T> Copy(IReadOnlyCollection<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? values : null!;
}

/// <summary>Formats <see cref="IReadOnlyList{T}"/>, null included; it arrives as a list.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ReadOnlyListInterfaceFormatter<T, TFormatter> : IFormatter<IReadOnlyList<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, IReadOnlyList<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static IReadOnlyList<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? values : null!;

    /// <inheritdoc/>
    public static IReadOnlyList<T> Copy(IReadOnlyList<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? values : null!;
}

/// <summary>Formats <see cref="ISet{T}"/>, null included; it arrives as a hash set.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct SetInterfaceFormatter<T, TFormatter> : IFormatter<ISet<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ISet<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static ISet<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? new HashSet<T>(values) : null!;

    /// <inheritdoc/>
    public static ISet<T> Copy(ISet<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? new HashSet<T>(values) : null!;
}

/// <summary>Formats <see cref="IReadOnlySet{T}"/>, null included; it arrives as a hash set.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ReadOnlySetInterfaceFormatter<T, TFormatter> : IFormatter<IReadOnlySet<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, IReadOnlySet<T> value) => Sequence.Encode<T, TFormatter>(ref writer, value, value?.Count ?? 0);

    /// <inheritdoc/>
    public static IReadOnlySet<T> Decode(ref MessagePackReader reader) => Sequence.Decode<T, TFormatter>(ref reader) is { } values ? new HashSet<T>(values) : null!;

    /// <inheritdoc/>
    public static IReadOnlySet<T> Copy(IReadOnlySet<T> value) => Sequence.Copy<T, TFormatter>(value, value?.Count ?? 0) is { } values ? new HashSet<T>(values) : null!;
}
