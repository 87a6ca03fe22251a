using System.Buffers;
using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>
/// Formats streams of bytes: the message carries a number, the bytes travel beside it, of any length and only as they are read. The sender's object is read on the thread pool and disposed by
/// the framework; on a call within a node the callee gets the object itself.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct StreamFormatter : IFormatter<Stream>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Stream value)
    {
        if (value is null)
        {
            writer.WriteNil();
        }
        else
        {
            writer.Write(writer.AddStream(value));
        }
    }

    /// <inheritdoc/>
    public static Stream Decode(ref MessagePackReader reader) => reader.TryReadNil() ? null! : reader.ReadStream();

    /// <inheritdoc/>
    public static Stream Copy(Stream value) => value;
}

/// <summary>Formats sequences of bytes; one arrives as a single segment of its own. A long one travels beside other messages rather than before them.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ByteSequenceFormatter : IFormatter<ReadOnlySequence<byte>>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ReadOnlySequence<byte> value)
    {
        if (value.IsSingleSegment)
        {
            writer.WriteBinary(value.FirstSpan);
        }
        else
        {
            writer.WriteBinary(value.ToArray());
        }
    }

    /// <inheritdoc/>
    public static ReadOnlySequence<byte> Decode(ref MessagePackReader reader) => new(reader.ReadBinary().ToArray());

    /// <inheritdoc/>
    public static ReadOnlySequence<byte> Copy(ReadOnlySequence<byte> value) => new(value.ToArray());
}
