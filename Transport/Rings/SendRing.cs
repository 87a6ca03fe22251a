using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Rings;

/// <summary>The byte ring between the senders of a connection and its writer: many producers, one consumer at a time.</summary>
/// <remarks>
/// <para>Hop 4: runs on the caller. Bound: the ring's bytes; when full the claim says so and the connection queues the caller, in order, until its deadline.</para>
/// <para>
/// <b>Layout.</b> Positions count bytes since the ring was made and only rise; position modulo capacity is the place in the buffer. Frames start at
/// multiples of 8. A frame's first four bytes are its length on the wire and at the same time its publication mark: zero = not published. A negative
/// length is the skip mark of a sender whose frame did not fit before the end of the buffer; it covers the rest of the buffer and is never sent.
/// Everything outside published frames and open claims is zero, which makes the padding between frames zero on the wire, too.
/// </para>
/// <para>
/// <b>Claim.</b> One compare-exchange moves the tail by skip and frame together. It reads the tail first and the head second: a head read later can only be
/// larger, so room may be seen where the tail has moved on, and then the compare-exchange fails, but <c>Full</c> is never said of a ring that
/// has room. Positions never repeat, so a compare-exchange that succeeds met the tail it read (no ABA). The space claimed is
/// free: the head, read with acquire, was stored with release after the consumer had zeroed all before it.
/// </para>
/// <para>
/// <b>Publish.</b> The length is stored with release after the sender's bytes; the consumer reads it with acquire and then the bytes. That is the only edge
/// between a sender and the consumer, and there is none between senders: they write disjoint bytes.
/// </para>
/// <para>
/// <b>Consume.</b> The consumer zeroes what was sealed, then stores the head with release. A sender that claims there has read that head with acquire, so
/// its bytes come after the zeros, and the consumer, one lap later, cannot meet a length of the last lap: any multiple of 8 may be the start of a frame then.
/// </para>
/// <para>
/// <b>Parking.</b> A ring starts without a buffer and gives it back by <see cref="TryPark"/>. Three marks live in the low bits of the tail, which a multiple of 8
/// leaves free, so every claim meets them in its compare-exchange. <c>Moving</c> is a lock on the buffer field: the consumer takes it together
/// with <c>Parked</c>, by a compare-exchange that succeeds only if the tail is the head, i.e. no claim is open; a sender that finds <c>Parked</c> alone takes it to
/// rent. While a claim is open tail and head differ, so the buffer a sender reads after its claim is the one it keeps until the consumer has
/// consumed its frame. A tail read before and met again after a park and an unpark is the same position with a new buffer, and the buffer is read after the compare-exchange.
/// </para>
/// <para>
/// <b>Weak memory.</b> The interleaving tests run one access at a time, with store buffers as on x86, and so cannot show reordering of loads or of unrelated
/// stores. All orders needed are the four edges named above: publish (release) to <c>ReadLength</c> (acquire); head store (release) to the head load of a claim (acquire);
/// tail compare-exchange (full) to tail compare-exchange for the buffer field; and the two fences of <see cref="DrainFlag{TAtomics}"/>. The consumer's plain
/// fields pass from writer to writer by the drain flag.
/// </para>
/// </remarks>
internal sealed class SendRing<TAtomics> : IDrainSource, IDisposable
    where TAtomics : struct, IRingAtomics
{
    /// <summary>The smallest frame a ring takes: one word. A real frame has at least its 24-byte header.</summary>
    public const int FrameBytesMin = 8;

    private const long ClosedMark = 1;
    private const long ParkedMark = 2;
    private const long MovingMark = 4;
    private const long Marks = ClosedMark | ParkedMark | MovingMark;

    private readonly TAtomics _atomics;
    private readonly RingBufferPool _pool;
    private readonly long _mask;

    private AlignedBlock? _buffer;
    private PaddedWord _tail;
    private PaddedWord _head;

    // The writer's own: they pass from one writer to the next by the drain flag. _consumed is what the writer last stored as the head.
    private long _consumed;
    private long _sealed;
    private int _runBytes;
    private int _disposed;

    /// <summary>Makes an empty ring that holds no buffer yet.</summary>
    /// <param name="pool">Where buffers come from; their size is the ring's.</param>
    /// <param name="atomics">The atomics; production uses <see cref="HardwareAtomics"/>.</param>
    /// <exception cref="PlatformNotSupportedException">The machine is big-endian.</exception>
    public SendRing(RingBufferPool pool, TAtomics atomics = default)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("The ring keeps lengths as they are on the wire, little-endian.");
        _pool = pool;
        _atomics = atomics;
        _mask = pool.BufferBytes - 1;
        CapacityBytes = pool.BufferBytes;
        MaxFrameBytes = pool.BufferBytes / 4;
        _tail.Value = ParkedMark;
    }

    /// <summary>The bytes the ring holds.</summary>
    public int CapacityBytes { get; }

    /// <summary>The longest frame it takes, a quarter of it: frame and skip together then always fit into an empty ring, and one frame never hides the others for long.</summary>
    public int MaxFrameBytes { get; }

    /// <summary>The end of what was handed out for sealing: a frame claimed at a position below it may have left this node, any other one has not.</summary>
    /// <remarks>The answer is final only when no writer can run any more: ask while holding the drain flag for good. Before that it is a snapshot.</remarks>
    public long SealedPosition => Volatile.Read(ref _sealed);

    /// <summary>The end of what was claimed.</summary>
    public long ClaimedPosition => _atomics.Read(ref _tail.Value) & ~Marks;

    /// <summary>Bytes claimed and not consumed. A snapshot, for metrics.</summary>
    public long UsedBytes
    {
        get
        {
            long head = _atomics.Read(ref _head.Value);
            return ClaimedPosition - head;
        }
    }

    /// <summary>Whether <see cref="Close"/> was called.</summary>
    public bool IsClosed => (_atomics.Read(ref _tail.Value) & ClosedMark) != 0;

    /// <summary>Whether the ring holds no buffer.</summary>
    public bool IsParked => (_atomics.Read(ref _tail.Value) & ParkedMark) != 0;

    /// <summary>Whether everything claimed was published and consumed. After <see cref="Close"/> it stays true once it is.</summary>
    public bool IsDrained
    {
        get
        {
            long head = _atomics.Read(ref _head.Value);
            return ClaimedPosition == head;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Looks past a skip mark, else a writer would spin on one whose frame is not published yet. Without the flag, head and buffer may change under the look:
    /// the buffer is kept alive by the local reference, the offset stays inside it by the mask.
    /// </remarks>
    public bool IsEmpty
    {
        get
        {
            // Partner of the store in Unpark: W3 of the drain flag's argument, with "no buffer" standing for "nothing published".
            AlignedBlock? buffer = Volatile.Read(ref _buffer);
            if (buffer is null)
                return true;
            long head = _atomics.Read(ref _head.Value);
            int length = _atomics.ReadLength(ref LengthAt(buffer, head));
            if (length < 0)
                length = _atomics.ReadLength(ref LengthAt(buffer, 0));
            return length == 0;
        }
    }

    /// <summary>Claims space for one frame. On <see cref="ClaimStatus.Claimed"/> the caller fills it and must publish it, without running anything that may throw or wait.</summary>
    /// <param name="frameBytes">The frame's exact length, its length word included; at least <see cref="FrameBytesMin"/>.</param>
    /// <param name="claim">The space, if claimed.</param>
    /// <remarks>Any thread. A caller told <c>Full</c> that wants to wait makes itself known to the writer, fences, and tries once more before it does.</remarks>
    /// <exception cref="OutOfMemoryException">The ring was parked and no buffer could be had; nothing changed.</exception>
    public ClaimStatus TryClaim(int frameBytes, out RingClaim claim)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frameBytes, FrameBytesMin);
        claim = default;
        if (frameBytes > MaxFrameBytes)
            return ClaimStatus.TooLarge;

        long size = RoundUp(frameBytes);
        SpinWait spinner = default;
        while (true)
        {
            long tail = _atomics.Read(ref _tail.Value);
            if ((tail & Marks) != 0)
            {
                if ((tail & ClosedMark) != 0)
                    return ClaimStatus.Closed;
                Unpark(tail, ref spinner);
                continue;
            }

            long offset = tail & _mask;
            long skip = offset + size > CapacityBytes ? CapacityBytes - offset : 0;
            long end = tail + skip + size;
            if (end - _atomics.Read(ref _head.Value) > CapacityBytes)
                return ClaimStatus.Full;
            if (_atomics.CompareExchange(ref _tail.Value, end, tail) != tail)
                continue;

            // Partner of the store in Unpark: ordered by the two compare-exchanges on the tail.
            AlignedBlock buffer = _buffer!;
            if (skip != 0)
                _atomics.WriteLength(ref LengthAt(buffer, tail), (int)-skip);

            // In bounds: the offset is masked, and skip made sure that offset + frame does not pass the end.
            long position = tail + skip;
            ref byte start = ref Unsafe.Add(ref buffer.Origin, (nint)(position & _mask));
            claim = new RingClaim(MemoryMarshal.CreateSpan(ref start, frameBytes), position);
            return ClaimStatus.Claimed;
        }
    }

    /// <summary>Makes a claimed frame visible to the writer by storing its length. Then the caller offers itself as the writer (<see cref="DrainFlag{TAtomics}.TryAcquire"/>).</summary>
    public void Publish(in RingClaim claim)
    {
        Span<byte> frame = claim.Frame;
        _atomics.WriteLength(ref Unsafe.As<byte, int>(ref MemoryMarshal.GetReference(frame)), frame.Length);
    }

    /// <summary>Claims, copies and publishes an encoded frame.</summary>
    /// <param name="frame">The whole frame; its first four bytes are taken to be its length and are not copied.</param>
    /// <param name="position">Where it starts, if claimed.</param>
    public ClaimStatus TrySend(ReadOnlySpan<byte> frame, out long position)
    {
        ClaimStatus status = TryClaim(frame.Length, out RingClaim claim);
        position = claim.Position;
        if (status == ClaimStatus.Claimed)
        {
            claim.CopyFrom(frame);
            Publish(claim);
        }

        return status;
    }

    /// <summary>The longest run of whole published frames at the head, each with its padding to 8, that fits <paramref name="maxBytes"/>; at least one frame if one is published; else empty.</summary>
    /// <remarks>
    /// Writer only. It is the plaintext to seal, in place, valid until <see cref="Consume"/>. From here on these frames count as handed to TLS
    /// (<see cref="SealedPosition"/>), since sealing may fail half-way. A run ends at the end of the buffer.
    /// </remarks>
    public ReadOnlySpan<byte> Peek(int maxBytes)
    {
        ReadOnlySpan<byte> run = Run(maxBytes, out long position);
        if (!run.IsEmpty)
            Volatile.Write(ref _sealed, position + run.Length); // Partner: SealedPosition.
        return run;
    }

    /// <summary>The first published frame that was not handed out for sealing, with its padding; empty if there is none. It does not count as handed to TLS.</summary>
    /// <remarks>Writer only, to fail what a closed connection never sent. While <see cref="IsDrained"/> is false and this is empty, a claim is still open and will be published.</remarks>
    public ReadOnlySpan<byte> PeekUnsent() => Run(maxBytes: 0, out _);

    /// <summary>Zeroes and frees the run of the last <see cref="Peek"/> or <see cref="PeekUnsent"/>.</summary>
    /// <param name="bytes">The length of that run.</param>
    /// <exception cref="InvalidOperationException">It is another length.</exception>
    public void Consume(int bytes)
    {
        if (bytes != _runBytes)
            ThrowNotTheRun(bytes, _runBytes);
        if (bytes == 0)
            return;

        _runBytes = 0;
        // In bounds: Run ended the run at the end of the buffer at the latest.
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref _buffer!.Origin, (nint)(_consumed & _mask)), bytes).Clear();
        _consumed += bytes;
        _atomics.Write(ref _head.Value, _consumed);
    }

    /// <summary>Refuses later claims. Claims that are open are still published, and frames already in the ring may still be taken.</summary>
    public void Close()
    {
        long tail;
        do
        {
            tail = _atomics.Read(ref _tail.Value);
        }
        while ((tail & ClosedMark) == 0 && _atomics.CompareExchange(ref _tail.Value, tail | ClosedMark, tail) != tail);
    }

    /// <summary>Gives the buffer back to the pool if nothing is claimed; the next claim rents one again. Returns whether the ring holds none now.</summary>
    /// <remarks>Writer only (with the drain flag held). Meant for a connection that has been idle for a while, not for after each drain: renting takes a lock.</remarks>
    public bool TryPark()
    {
        long tail = _atomics.Read(ref _tail.Value);
        if ((tail & (ParkedMark | MovingMark)) != 0)
            return (tail & MovingMark) == 0;
        if ((tail & ~Marks) != _consumed)
            return false;
        if (_atomics.CompareExchange(ref _tail.Value, tail | ParkedMark | MovingMark, tail) != tail)
            return false;

        AlignedBlock buffer = _buffer!;
        Volatile.Write(ref _buffer, null);
        EndMove(MovingMark);
        _pool.Return(buffer);
        return true;
    }

    /// <summary>Closes the ring and gives its buffer back. With claims still open the buffer is left to the garbage collector, so that their senders stay safe.</summary>
    /// <remarks>Not concurrently with a writer.</remarks>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        Close();
        if (!TryPark())
            _pool.Forget();
    }

    private ReadOnlySpan<byte> Run(int maxBytes, out long position)
    {
        _runBytes = 0;
        position = _consumed;
        AlignedBlock? buffer = Volatile.Read(ref _buffer);
        if (buffer is null)
            return default;

        int first = _atomics.ReadLength(ref LengthAt(buffer, position));
        if (first < 0)
        {
            // The rest of the skipped bytes was never written, so the mark is all there is to zero.
            _atomics.WriteLength(ref LengthAt(buffer, position), 0);
            position -= first;
            _consumed = position;
            _atomics.Write(ref _head.Value, position);
            first = _atomics.ReadLength(ref LengthAt(buffer, position));
        }

        int offset = (int)(position & _mask);
        int end = offset;
        for (int length = first; length > 0; length = _atomics.ReadLength(ref LengthAt(buffer, end)))
        {
            int frameEnd = end + (int)RoundUp(length);
            if (end != offset && frameEnd - offset > maxBytes)
                break;
            end = frameEnd;
            if (end >= CapacityBytes)
                break;
        }

        _runBytes = end - offset;
        return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref buffer.Origin, offset), _runBytes);
    }

    /// <summary>Rents a buffer if the ring is parked, or waits a little for the thread that is moving it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Unpark(long tail, ref SpinWait spinner)
    {
        if ((tail & MovingMark) != 0)
        {
            _atomics.Pause(ref spinner);
            return;
        }

        if (_atomics.CompareExchange(ref _tail.Value, tail | MovingMark, tail) != tail)
            return;

        try
        {
            // Partner of the reads in IsEmpty and Run, and, by the compare-exchange in EndMove, of the read in TryClaim.
            Volatile.Write(ref _buffer, _pool.Rent());
        }
        catch
        {
            EndMove(MovingMark);
            throw;
        }

        EndMove(ParkedMark | MovingMark);
    }

    /// <summary>Takes marks off the tail. A loop, because <see cref="Close"/> may add its mark at the same time; nothing else changes the tail while it has the moving mark.</summary>
    private void EndMove(long marks)
    {
        long tail;
        do
        {
            tail = _atomics.Read(ref _tail.Value);
        }
        while (_atomics.CompareExchange(ref _tail.Value, tail & ~marks, tail) != tail);
    }

    /// <summary>The length word at a position. In bounds: the masked offset is a multiple of 8 below the capacity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref int LengthAt(AlignedBlock buffer, long position) =>
        ref Unsafe.As<byte, int>(ref Unsafe.Add(ref buffer.Origin, (nint)(position & _mask & ~7L)));

    private static long RoundUp(int bytes) => ((long)bytes + 7) & ~7L;

    [DoesNotReturn]
    private static void ThrowNotTheRun(int bytes, int runBytes) =>
        throw new InvalidOperationException($"Consumed {bytes} bytes, but the run handed out has {runBytes}.");
}
