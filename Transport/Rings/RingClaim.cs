namespace Kameo.Actors.Transport.Rings;

/// <summary>Space in a ring that belongs to one sender from the claim until <see cref="SendRing{TAtomics}.Publish"/>. No user code runs in between.</summary>
/// <remarks>
/// The first four bytes of the frame, its length on the wire, are the ring's publication mark: they are zero while the claim is open and
/// only <c>Publish</c> writes them. That is why they are not in <see cref="Body"/>.
/// </remarks>
internal readonly ref struct RingClaim
{
    /// <summary>The bytes of the length word at the front of a frame.</summary>
    public const int LengthBytes = sizeof(int);

    private readonly Span<byte> _frame;

    internal RingClaim(Span<byte> frame, long position)
    {
        _frame = frame;
        Position = position;
    }

    /// <summary>Where the frame starts, counted in bytes since the ring was made; it only rises. Compare with <see cref="SendRing{TAtomics}.SealedPosition"/>.</summary>
    public long Position { get; }

    /// <summary>The whole length of the frame, its length word included.</summary>
    public int FrameBytes => _frame.Length;

    /// <summary>What the sender fills: the frame after its length word. Zero when claimed.</summary>
    public Span<byte> Body => _frame[LengthBytes..];

    internal Span<byte> Frame => _frame;

    /// <summary>Copies an encoded frame of exactly the claimed size, all but its length word.</summary>
    /// <exception cref="ArgumentException">The frame has another size than the claim.</exception>
    public void CopyFrom(ReadOnlySpan<byte> frame)
    {
        if (frame.Length != _frame.Length)
            ThrowWrongSize(frame.Length, _frame.Length);
        frame[LengthBytes..].CopyTo(_frame[LengthBytes..]);
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowWrongSize(int frameBytes, int claimedBytes) =>
        throw new ArgumentException($"The frame has {frameBytes} bytes, the claim {claimedBytes}.", nameof(frameBytes));
}
