using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats byte arrays, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ByteArrayFormatter : IFormatter<byte[]>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, byte[] value)
    {
        if (value is null)
        {
            writer.WriteNil();
        }
        else
        {
            writer.WriteBinary(value);
        }
    }

    /// <inheritdoc/>
    public static byte[] Decode(ref MessagePackReader reader) => reader.TryReadNil() ? null! : reader.ReadBinary().ToArray();

    /// <inheritdoc/>
    public static byte[] Copy(byte[] value) => (byte[])value?.Clone()!;
}

/// <summary>Formats memory of bytes; it arrives in an array of its own.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ByteMemoryFormatter : IFormatter<Memory<byte>>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Memory<byte> value) => writer.WriteBinary(value.Span);

    /// <inheritdoc/>
    public static Memory<byte> Decode(ref MessagePackReader reader) => reader.ReadBinary().ToArray();

    /// <inheritdoc/>
    public static Memory<byte> Copy(Memory<byte> value) => value.ToArray();
}

/// <summary>Formats memory of bytes; it arrives in an array of its own.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ReadOnlyByteMemoryFormatter : IFormatter<ReadOnlyMemory<byte>>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ReadOnlyMemory<byte> value) => writer.WriteBinary(value.Span);

    /// <inheritdoc/>
    public static ReadOnlyMemory<byte> Decode(ref MessagePackReader reader) => reader.ReadBinary().ToArray();

    /// <inheritdoc/>
    public static ReadOnlyMemory<byte> Copy(ReadOnlyMemory<byte> value) => value.ToArray();
}

/// <summary>Formats a segment of bytes; it arrives in an array of its own.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ByteArraySegmentFormatter : IFormatter<ArraySegment<byte>>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ArraySegment<byte> value) => writer.WriteBinary(value);

    /// <inheritdoc/>
    public static ArraySegment<byte> Decode(ref MessagePackReader reader) => reader.ReadBinary().ToArray();

    /// <inheritdoc/>
    public static ArraySegment<byte> Copy(ArraySegment<byte> value) => value.ToArray();
}
