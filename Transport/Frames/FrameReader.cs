using System.Buffers.Binary;

namespace Kameo.Actors.Transport.Frames;

/// <summary>Cuts the plaintext of a connection into frames: a state machine without I/O.</summary>
/// <remarks>
/// <para>
/// Hop 6: runs on the receive loop, one thread at a time. The loop asks for room (<see cref="GetSpan"/>), says how much it filled (<see cref="Advance"/>), takes
/// frames until there is none, and ends the batch (<see cref="EndBatch"/>) when nothing more is to be read for now.
/// </para>
/// <para>
/// <b>Bounds.</b> One slab. The length of a frame is checked as soon as its four bytes are there; nothing is ever allocated by a length a peer sent. A partial frame moves to
/// the front (of a fresh slab, or of its own when no one else holds that) at most once per slab, so a peer that sends byte by byte costs no more copies than bytes.
/// </para>
/// </remarks>
internal sealed class FrameReader : IDisposable
{
    /// <summary>Below this much room a new slab is taken: a full TLS record is 16 KiB of plaintext.</summary>
    public const int RoomBytesMin = 16 * 1024;

    private readonly SlabPool _pool;
    private readonly int _maxFrameBytes;

    private Slab? _slab;
    private int _parsed;
    private int _filled;

    /// <summary>Makes a reader that holds no slab.</summary>
    /// <param name="pool">Where slabs come from.</param>
    /// <param name="maxFrameBytes">The longest frame taken; not above the size of a slab.</param>
    public FrameReader(SlabPool pool, int maxFrameBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFrameBytes, FrameHeader.Bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxFrameBytes, pool.SlabBytes);
        _pool = pool;
        _maxFrameBytes = maxFrameBytes;
    }

    /// <summary>Why the bytes were refused, after <see cref="FrameReadStatus.Malformed"/>; else <see cref="CloseReason.None"/>.</summary>
    public CloseReason Refusal { get; private set; }

    /// <summary>What is wrong with them, for the log.</summary>
    public string? RefusalDetail { get; private set; }

    /// <summary>Whether the reader holds a slab.</summary>
    public bool HoldsSlab => _slab is not null;

    /// <summary>Bytes that came and belong to no frame given yet.</summary>
    public int BufferedBytes => _filled - _parsed;

    /// <summary>Room for more plaintext: never empty, and at least <see cref="RoomBytesMin"/> where slab and partial frame allow. Frames given before are no longer valid.</summary>
    public Span<byte> GetSpan()
    {
        if (_slab is null)
        {
            _slab = _pool.Rent();
            _parsed = _filled = 0;
        }
        else if (_parsed > 0 && MustMove())
        {
            MovePartial();
        }

        return _slab.Span[_filled..];
    }

    /// <summary>Notes that bytes were written to the front of the last <see cref="GetSpan"/>.</summary>
    public void Advance(int bytes)
    {
        int room = _slab is null ? 0 : _slab.Length - _filled;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)room, nameof(bytes));
        _filled += bytes;
    }

    /// <summary>Gives the next whole frame.</summary>
    public FrameReadStatus TryRead(out Frame frame)
    {
        frame = default;
        if (Refusal != CloseReason.None)
            return FrameReadStatus.Malformed;
        int available = _filled - _parsed;
        if (available < sizeof(uint))
            return FrameReadStatus.NeedMore;

        ReadOnlySpan<byte> bytes = _slab!.Span.Slice(_parsed, available);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length < FrameHeader.Bytes)
            return Refuse(CloseReason.MalformedFrame, "frame shorter than its header");
        if (length > _maxFrameBytes)
            return Refuse(CloseReason.OversizedFrame, "frame longer than the limit");
        if (available < FrameHeader.Bytes)
            return FrameReadStatus.NeedMore;

        FrameHeader header = FrameHeader.Read(bytes);
        if (header.Kind is < FrameKind.Hello or > FrameKind.Lost)
            return Refuse(CloseReason.MalformedFrame, "frame of an unknown kind");
        if (header.HeaderWords < FrameHeader.WordsMin || header.HeaderBytes > length)
            return Refuse(CloseReason.MalformedFrame, "frame whose header length is out of range");
        if (available < header.PaddedBytes)
            return FrameReadStatus.NeedMore;

        ExtensionTag notUnderstood = default;
        if (header.HeaderWords > FrameHeader.WordsMin
            && !ExtensionReader.IsRemainingTimeAlone(bytes[FrameHeader.Bytes..header.HeaderBytes], out _)
            && !TryCheckExtensions(bytes[FrameHeader.Bytes..header.HeaderBytes], out notUnderstood))
            return FrameReadStatus.Malformed;

        frame = new Frame(header, _slab, _parsed, notUnderstood);
        _parsed += (int)header.PaddedBytes;
        return FrameReadStatus.Frame;
    }

    /// <summary>
    /// Ends a batch: nothing more is to be read for now. A slab without a partial frame goes back to the pool, so that an idle connection holds none; but one that
    /// waiting frames hold anyway is kept and filled further, else each lone message that waits would pin a slab of its own.
    /// </summary>
    public void EndBatch()
    {
        if (_slab is null || _filled != _parsed)
            return;
        if (_slab.IsUnshared || _slab.Length - _filled < RoomBytesMin)
            ReleaseSlab();
    }

    /// <summary>Gives the slab back. A partial frame is lost.</summary>
    public void Dispose()
    {
        if (_slab is not null)
            ReleaseSlab();
    }

    /// <summary>Whether the room behind what is filled is too short: for a record, or for the rest of the frame that has begun.</summary>
    private bool MustMove()
    {
        int room = _slab!.Length - _filled;
        if (room < RoomBytesMin)
            return true;
        int available = _filled - _parsed;
        if (available < sizeof(uint))
            return false;
        // TryRead refused lengths above the limit before; what it did not see yet is refused there, and the room suffices to go on until then.
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(_slab.Span[_parsed..]);
        return length <= _maxFrameBytes && _parsed + (((long)length + 7) & ~7L) > _slab.Length;
    }

    private void MovePartial()
    {
        Slab from = _slab!;
        int partial = _filled - _parsed;
        if (from.IsUnshared)
        {
            from.Span.Slice(_parsed, partial).CopyTo(from.Span);
        }
        else
        {
            Slab to = _pool.Rent();
            from.Span.Slice(_parsed, partial).CopyTo(to.Span);
            _slab = to;
            from.EndLending();
        }

        _parsed = 0;
        _filled = partial;
    }

    private bool TryCheckExtensions(ReadOnlySpan<byte> extensions, out ExtensionTag notUnderstood)
    {
        notUnderstood = default;
        var reader = new ExtensionReader(extensions);
        while (reader.TryRead(out ExtensionTag tag, out _))
        {
            if (tag >= ExtensionTag.MustUnderstand && notUnderstood == default && !ExtensionReader.IsKnown(tag))
                notUnderstood = tag;
        }

        if (reader.Malformed is null)
            return true;
        Refuse(CloseReason.MalformedFrame, reader.Malformed);
        return false;
    }

    private FrameReadStatus Refuse(CloseReason reason, string detail)
    {
        Refusal = reason;
        RefusalDetail = detail;
        return FrameReadStatus.Malformed;
    }

    private void ReleaseSlab()
    {
        Slab slab = _slab!;
        _slab = null;
        _parsed = _filled = 0;
        slab.EndLending();
    }
}
