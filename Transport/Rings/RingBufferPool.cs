using System.Numerics;
using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Transport.Rings;

/// <summary>The buffers of a node's send rings. A ring rents one when its first frame is claimed and gives it back when its connection has been idle.</summary>
/// <remarks>
/// Bounds: at most <see cref="KeptMax"/> unused buffers are kept, more are left to the garbage collector, and so are those that nobody needed from one
/// <see cref="LetGo"/> to the next. Buffers in use are bounded by the rings there are,
/// one each, which is to say by the limit on connections; renting therefore never refuses. Thread-safe; it takes a lock, which is met when
/// a connection wakes or falls idle and never per message.
/// </remarks>
internal sealed class RingBufferPool
{
    private readonly Lock _gate = new();
    private KeptItems<AlignedBlock> _kept;
    private int _rented;
    private long _allocated;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="bufferBytes">The size of each buffer: a power of two from 32 up.</param>
    /// <param name="keptMax">How many unused buffers are kept.</param>
    /// <exception cref="ArgumentException">The size is not such a power of two.</exception>
    public RingBufferPool(int bufferBytes, int keptMax)
    {
        if (bufferBytes < 32 || !BitOperations.IsPow2(bufferBytes))
            throw new ArgumentException($"A ring's size is a power of two from 32 up, not {bufferBytes}.", nameof(bufferBytes));
        ArgumentOutOfRangeException.ThrowIfNegative(keptMax);
        BufferBytes = bufferBytes;
        _kept = new KeptItems<AlignedBlock>(keptMax);
    }

    /// <summary>The size of each buffer.</summary>
    public int BufferBytes { get; }

    /// <summary>How many unused buffers are kept at most.</summary>
    public int KeptMax => _kept.Max;

    /// <summary>Unused buffers kept now.</summary>
    public int Kept => _kept.Count;

    /// <summary>Buffers in use now.</summary>
    public int Rented => Volatile.Read(ref _rented);

    /// <summary>Buffers ever allocated.</summary>
    public long Allocated => Volatile.Read(ref _allocated);

    /// <summary>Hands out a buffer of zeros.</summary>
    /// <exception cref="OutOfMemoryException">A new one was needed and there is no memory; nothing changed.</exception>
    public AlignedBlock Rent()
    {
        lock (_gate)
        {
            if (_kept.TryTake(out AlignedBlock? kept))
            {
                _rented++;
                return kept;
            }
        }

        var made = new AlignedBlock(BufferBytes);
        lock (_gate)
        {
            _rented++;
            _allocated++;
        }

        return made;
    }

    /// <summary>Takes a buffer back.</summary>
    /// <param name="buffer">One that was rented here and holds only zeros: an empty ring's buffer does.</param>
    public void Return(AlignedBlock buffer)
    {
        lock (_gate)
        {
            _rented--;
            _kept.Keep(buffer);
        }
    }

    /// <summary>Leaves unused buffers to the garbage collector that nobody needed since this was called last.</summary>
    public void LetGo()
    {
        lock (_gate)
            _kept.LetGo();
    }

    /// <summary>Notes that a rented buffer will not come back: its ring was dropped while a claim was open.</summary>
    public void Forget()
    {
        lock (_gate)
            _rented--;
    }
}
