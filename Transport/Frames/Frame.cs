namespace Kameo.Actors.Transport.Frames;

/// <summary>One received frame, in place in its slab.</summary>
/// <remarks>
/// Valid until the reader's next <see cref="FrameReader.GetSpan"/> or <see cref="FrameReader.EndBatch"/>, on the thread of the receive loop. Who needs it longer calls
/// <see cref="Slab.TryLend"/> (a request that waits) or <see cref="Slab.Lend"/> (a reply), notes <see cref="Offset"/>, and releases the slab once.
/// The payload starts at a multiple of 8 in memory.
/// </remarks>
internal readonly ref struct Frame
{
    private readonly ReadOnlySpan<byte> _bytes;

    internal Frame(FrameHeader header, Slab slab, int offset, ExtensionTag notUnderstood)
    {
        Header = header;
        Slab = slab;
        Offset = offset;
        NotUnderstood = notUnderstood;
        _bytes = slab.Span.Slice(offset, (int)header.Length);
    }

    /// <summary>The header.</summary>
    public FrameHeader Header { get; }

    /// <summary>The slab that holds the frame.</summary>
    public Slab Slab { get; }

    /// <summary>Where the frame starts in the slab.</summary>
    public int Offset { get; }

    /// <summary>The first extension that must be understood and is not, or 0: refuse the frame with a fault that names it.</summary>
    public ExtensionTag NotUnderstood { get; }

    /// <summary>The whole frame without padding.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The extensions, well-formed: read them with <see cref="ExtensionReader"/>.</summary>
    public ReadOnlySpan<byte> Extensions => _bytes[FrameHeader.Bytes..Header.HeaderBytes];

    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Payload => _bytes[Header.HeaderBytes..];

    /// <summary>The payload as memory, for whoever retains the slab.</summary>
    public ReadOnlyMemory<byte> PayloadMemory =>
        Slab.Memory.Slice(Offset + Header.HeaderBytes, (int)Header.Length - Header.HeaderBytes);
}
