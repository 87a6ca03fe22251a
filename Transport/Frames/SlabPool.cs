using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Frames;

/// <summary>A node's receive slabs.</summary>
/// <remarks>
/// <para>
/// <b>Bounds.</b> Renting never refuses, because the receive loop must never stop reading; each reader holds one slab, so readers' slabs are bounded by the limit on
/// connections. What can pile up are slabs kept by frames that wait (mailboxes, streams). So the limit is on keeping: while more than <see cref="LimitBytes"/>
/// are out, <see cref="Slab.TryLend"/> refuses to pin another slab, the request is answered Overloaded (did not run), and the
/// reader goes on in the same slab, in place. A reply, which cannot be refused, is copied then: those are bounded by the asks there may be. At most <see cref="KeptMax"/> unused slabs are kept,
/// and those that nobody needed from one <see cref="LetGo"/> to the next are not.
/// </para>
/// <para>Thread-safe. It takes a lock, met once per slab (64 KiB of traffic, or a connection that wakes) and never per message.</para>
/// </remarks>
internal sealed class SlabPool
{
    /// <summary>The default size of a slab: the largest frame of a ring of 256 KiB, four full TLS records.</summary>
    public const int DefaultSlabBytes = 64 * 1024;

    private readonly Lock _gate = new();
    private KeptItems<Slab> _kept;
    private long _rented;
    private long _allocated;
    private long _retainsRefused;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="slabBytes">The size of each slab: a multiple of 8.</param>
    /// <param name="keptMax">How many unused slabs are kept.</param>
    /// <param name="limitBytes">While more bytes than this are out, no further slab may be pinned by a request that waits.</param>
    public SlabPool(int slabBytes, int keptMax, long limitBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slabBytes, FrameHeader.Bytes);
        if (slabBytes % FrameHeader.WordBytes != 0)
            throw new ArgumentException($"A slab's size is a multiple of {FrameHeader.WordBytes}, not {slabBytes}.", nameof(slabBytes));
        ArgumentOutOfRangeException.ThrowIfNegative(keptMax);
        ArgumentOutOfRangeException.ThrowIfNegative(limitBytes);
        SlabBytes = slabBytes;
        LimitBytes = limitBytes;
        _kept = new KeptItems<Slab>(keptMax);
    }

    /// <summary>The size of each slab.</summary>
    public int SlabBytes { get; }

    /// <summary>The bytes out beyond which no further slab is pinned.</summary>
    public long LimitBytes { get; }

    /// <summary>How many unused slabs are kept at most.</summary>
    public int KeptMax => _kept.Max;

    /// <summary>Unused slabs kept now.</summary>
    public int Kept => _kept.Count;

    /// <summary>Bytes of the slabs that are out now.</summary>
    public long OutstandingBytes => Volatile.Read(ref _rented) * SlabBytes;

    /// <summary>Slabs ever allocated.</summary>
    public long Allocated => Volatile.Read(ref _allocated);

    /// <summary>How often <see cref="Slab.TryLend"/> refused.</summary>
    public long RetainsRefused => Volatile.Read(ref _retainsRefused);

    /// <summary>Whether more bytes are out than the limit.</summary>
    public bool IsOverLimit => OutstandingBytes > LimitBytes;

    /// <summary>Hands out a slab with one reference, the caller's. Its bytes are of no defined value.</summary>
    public Slab Rent()
    {
        Slab? slab;
        lock (_gate)
        {
            if (_kept.TryTake(out slab))
            {
                _rented++;
            }
        }

        if (slab is null)
        {
            slab = new Slab(this, new AlignedBlock(SlabBytes));
            lock (_gate)
            {
                _rented++;
                _allocated++;
            }
        }

        slab.Renew();
        return slab;
    }

    /// <summary>Takes a slab back whose last reference was released.</summary>
    internal void Return(Slab slab)
    {
        lock (_gate)
        {
            _rented--;
            if (!slab.IsAbandoned)
                _kept.Keep(slab);
        }
    }

    /// <summary>Leaves unused slabs to the garbage collector that nobody needed since this was called last.</summary>
    public void LetGo()
    {
        lock (_gate)
            _kept.LetGo();
    }

    internal void CountRefusedRetain() => Interlocked.Increment(ref _retainsRefused);
}
