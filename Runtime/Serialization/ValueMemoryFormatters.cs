using System.ComponentModel;
using System.Runtime.InteropServices;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats memory of values without references as they are in memory, little-endian. It arrives in an array of its own, since whoever gets it may keep it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueMemoryFormatter<T, TLayout> : IFormatter<Memory<T>>
    where T : unmanaged
    where TLayout : struct, IValueLayout
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Memory<T> value) => ReadOnlyValueMemoryFormatter<T, TLayout>.Encode(ref writer, value);

    /// <inheritdoc/>
    public static Memory<T> Decode(ref MessagePackReader reader) => ReadOnlyValueMemoryFormatter<T, TLayout>.DecodeArray(ref reader);

    /// <inheritdoc/>
    public static Memory<T> Copy(Memory<T> value) => value.ToArray();
}

/// <summary>Formats memory of values without references as they are in memory, little-endian. It arrives in an array of its own, since whoever gets it may keep it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ReadOnlyValueMemoryFormatter<T, TLayout> : IFormatter<ReadOnlyMemory<T>>
    where T : unmanaged
    where TLayout : struct, IValueLayout
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ReadOnlyMemory<T> value) => writer.WriteValues(MemoryMarshal.AsBytes(value.Span), ValueSize<T, TLayout>.Bytes);

    /// <inheritdoc/>
    public static ReadOnlyMemory<T> Decode(ref MessagePackReader reader) => DecodeArray(ref reader);

    /// <inheritdoc/>
    public static ReadOnlyMemory<T> Copy(ReadOnlyMemory<T> value) => value.ToArray();

    internal static T[] DecodeArray(ref MessagePackReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadValues(ValueSize<T, TLayout>.Bytes);
        if (bytes.IsEmpty)
        {
            return [];
        }

        // So many bytes are there.
        T[] values = GC.AllocateUninitializedArray<T>(bytes.Length / ValueSize<T, TLayout>.Bytes);
        bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
