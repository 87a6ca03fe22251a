using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.Connections;

/// <summary>The header and extensions of a frame under construction, on the stack; the payload stays where it is until both are copied into the ring.</summary>
internal ref struct FrameDraft
{
    /// <summary>Room for the largest header: 255 words.</summary>
    public const int HeadBytesMax = 255 * 8;

    private readonly Span<byte> _head;
    private readonly int _payloadBytes;
    private int _headBytes;

    /// <summary>Begins a frame.</summary>
    /// <param name="head">Room for the header, at least 24 bytes and as many as the extensions take.</param>
    /// <param name="header">The header; length and words are filled in by <see cref="Finish"/>.</param>
    /// <param name="payloadBytes">Bytes of the payload.</param>
    public FrameDraft(Span<byte> head, scoped in FrameHeader header, int payloadBytes)
    {
        _head = head;
        _payloadBytes = payloadBytes;
        _headBytes = FrameHeader.Bytes;
        Header = header;
    }

    /// <summary>The header.</summary>
    public FrameHeader Header;

    /// <summary>Adds an extension.</summary>
    public void Add(ExtensionTag tag, scoped ReadOnlySpan<byte> value)
    {
        int words = (4 + value.Length + 7) / 8;
        Span<byte> room = _head.Slice(_headBytes, words * 8);
        room[0] = (byte)tag;
        room[1] = (byte)words;
        Unsafe.WriteUnaligned(ref room[2], BitConverter.IsLittleEndian ? (ushort)value.Length : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((ushort)value.Length));
        value.CopyTo(room[4..]);
        room[(4 + value.Length)..].Clear();
        _headBytes += room.Length;
    }

    /// <summary>Adds whole extensions as they are.</summary>
    public void AddRaw(scoped ReadOnlySpan<byte> extensions)
    {
        extensions.CopyTo(_head[_headBytes..]);
        _headBytes += extensions.Length;
    }

    /// <summary>Writes the header.</summary>
    /// <returns>Header and extensions: what precedes the payload.</returns>
    public ReadOnlySpan<byte> Finish()
    {
        Header.Length = (uint)(_headBytes + _payloadBytes);
        Header.HeaderWords = (byte)(_headBytes / 8);
        Header.Write(_head);
        return _head[.._headBytes];
    }
}
