using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Frames;

/// <summary>A block of received plaintext that several frames share. Counted references: whoever keeps a frame beyond its dispatch retains, and releases once.</summary>
/// <remarks>
/// <para>
/// Who rented it, the lender, hands references out by <see cref="Lend"/> without an atomic step for each: it takes them from the count in advance, many at once, and gives
/// what is left back with its own. So the receive loop and the threads that release do not pull one word to and fro for each frame.
/// </para>
/// Thread-safe but for the lender's members, which are for one thread at a time. At zero it goes back to its pool. Only a holder of a reference may retain; a release too many throws, since it means that somebody reads bytes that
/// are no longer theirs. (A second release by one holder while others still hold theirs cannot be told apart from theirs and shows up at the last.)
/// </remarks>
internal sealed class Slab : ICountedBytes
{
    /// <summary>References that a lender takes at once: a slab of the default size holds 2,730 of the smallest frames.</summary>
    private const int LentAtOnce = 1024;

    private readonly SlabPool _pool;
    private readonly AlignedBlock _block;
    private PaddedWord _references; // Those who release write it, the lender writes what stands beside it.
    private int _unlent;
    private bool _isAbandoned;

    internal Slab(SlabPool pool, AlignedBlock block)
    {
        _pool = pool;
        _block = block;
    }

    /// <summary>Its size.</summary>
    public int Length => _block.Length;

    /// <summary>Its bytes. They start at a multiple of 64 and never move.</summary>
    public Span<byte> Span => _block.Span;

    /// <summary>Its bytes, as memory. Using it after the release reads another frame's bytes.</summary>
    public Memory<byte> Memory => _block.Memory;

    /// <inheritdoc/>
    public bool IsPlain => true;

    /// <inheritdoc/>
    public bool IsLimited => true;

    /// <summary>Whether it will not be used again, since somebody may read it for ever. Written before a release, read after the count.</summary>
    public bool IsAbandoned => Volatile.Read(ref _isAbandoned);

    /// <summary>The references now. A snapshot, for metrics and tests.</summary>
    public int References => (int)Volatile.Read(ref _references.Value);

    /// <summary>
    /// The lender: whether nobody else holds it. Then it stays so until the lender retains, lends or passes the slab on itself. Acquire, partner of
    /// the decrement in <see cref="Release"/>: the others' reads are over. Never of one that was abandoned.
    /// </summary>
    public bool IsUnshared => Volatile.Read(ref _references.Value) == 1 + _unlent && !IsAbandoned;

    /// <summary>The lender: gives a reference to somebody, who releases it once, whatever the pool's limit says.</summary>
    public void Lend()
    {
        if (_unlent == 0)
        {
            // In advance; the lender's own reference keeps the count above zero meanwhile.
            Interlocked.Add(ref _references.Value, LentAtOnce);
            _unlent = LentAtOnce;
        }

        _unlent--;
    }

    /// <summary>The lender: somebody to whom it gave a reference, on this thread, has no use for it.</summary>
    public void TakeBack() => _unlent++;

    /// <summary>The lender: gives a reference for a frame that is going to wait, unless that would pin one more slab while the pool is over its limit.</summary>
    /// <returns>False if refused: answer the request Overloaded, did not run; fail the stream; copy the reply.</returns>
    public bool TryLend()
    {
        if (_pool.IsOverLimit && IsUnshared)
        {
            _pool.CountRefusedRetain();
            return false;
        }

        Lend();
        return true;
    }

    /// <summary>The lender gives up its own reference, and those that it took in advance.</summary>
    public void EndLending()
    {
        if (_unlent != 0)
        {
            Interlocked.Add(ref _references.Value, -_unlent);
            _unlent = 0;
        }

        Release();
    }

    /// <summary>Adds a reference, whatever the pool's limit says.</summary>
    /// <exception cref="InvalidOperationException">The slab is back in its pool.</exception>
    public void Retain()
    {
        // Partner: the decrement in Release. A holder exists, so the count is above zero before.
        if (Interlocked.Increment(ref _references.Value) <= 1)
        {
            Interlocked.Decrement(ref _references.Value);
            ThrowReturned();
        }
    }

    /// <summary>Gives up one reference.</summary>
    /// <exception cref="InvalidOperationException">There was none left.</exception>
    public void Release()
    {
        // A full fence: the holder's reads come before, and who sees zero (or one) comes after all of them.
        long left = Interlocked.Decrement(ref _references.Value);
        if (left == 0)
            _pool.Return(this);
        else if (left < 0)
        {
            Interlocked.Increment(ref _references.Value);
            ThrowReturned();
        }
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        Volatile.Write(ref _isAbandoned, true); // Partner: IsUnshared and the pool's Return, which read it after the count that is lowered next.
        Release();
    }

    internal void Renew() => Volatile.Write(ref _references.Value, 1);

    [DoesNotReturn]
    private static void ThrowReturned() => throw new InvalidOperationException("The slab was used after its last reference was released.");
}
