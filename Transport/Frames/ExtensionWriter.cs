using System.Buffers.Binary;

namespace Kameo.Actors.Transport.Frames;

/// <summary>Appends extensions behind a frame header.</summary>
internal ref struct ExtensionWriter
{
    /// <summary>The most bytes all extensions of one frame can have.</summary>
    public const int BytesMax = FrameHeader.HeaderBytesMax - FrameHeader.Bytes;

    /// <summary>The largest value one extension can have: it, its prefix and the header make 255 words.</summary>
    public const int ValueBytesMax = BytesMax - ExtensionReader.PrefixBytes;

    private readonly Span<byte> _room;
    private int _written;

    /// <summary>Starts with no extension.</summary>
    /// <param name="room">Where they go: the bytes after the 24 of the header. At most <see cref="BytesMax"/> of them are used.</param>
    public ExtensionWriter(Span<byte> room)
    {
        _room = room.Length > BytesMax ? room[..BytesMax] : room;
        _written = 0;
    }

    /// <summary>The bytes written, a multiple of 8.</summary>
    public readonly int WrittenBytes => _written;

    /// <summary>What <see cref="FrameHeader.HeaderWords"/> must be.</summary>
    public readonly byte HeaderWords => (byte)(FrameHeader.WordsMin + _written / FrameHeader.WordBytes);

    /// <summary>Appends one extension; false, with nothing written, if there is no room.</summary>
    public bool TryAppend(ExtensionTag tag, scoped ReadOnlySpan<byte> value)
    {
        if (!TryReserve(tag, value.Length, out Span<byte> destination))
            return false;
        value.CopyTo(destination);
        return true;
    }

    /// <summary>Appends one extension whose value is a number of four bytes.</summary>
    public bool TryAppend(ExtensionTag tag, uint value)
    {
        if (!TryReserve(tag, sizeof(uint), out Span<byte> destination))
            return false;
        BinaryPrimitives.WriteUInt32LittleEndian(destination, value);
        return true;
    }

    /// <summary>Appends one extension with a zeroed value for the caller to fill in place.</summary>
    public bool TryReserve(ExtensionTag tag, int valueBytes, out Span<byte> value)
    {
        value = default;
        if ((uint)valueBytes > ValueBytesMax)
            return false;
        int bytes = ExtensionReader.PaddedBytes(valueBytes);
        if (bytes > _room.Length - _written)
            return false;

        Span<byte> extension = _room.Slice(_written, bytes);
        extension.Clear();
        extension[0] = (byte)tag;
        extension[1] = (byte)(bytes / FrameHeader.WordBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(extension[2..], (ushort)valueBytes);
        value = extension.Slice(ExtensionReader.PrefixBytes, valueBytes);
        _written += bytes;
        return true;
    }
}
