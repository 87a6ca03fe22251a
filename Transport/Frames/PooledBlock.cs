using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Frames;

/// <summary>Memory for one payload that is in no slab: rented from <see cref="BlockPool"/>, counted, starting at a multiple of 64.</summary>
internal sealed class PooledBlock : ICountedBytes
{
    private readonly AlignedBlock _block;
    private TransportNode? _charged;
    private int _references;
    private bool _isAbandoned;

    internal PooledBlock(int bytes) => _block = new AlignedBlock(bytes);

    /// <summary>Its size.</summary>
    public int Length => _block.Length;

    /// <inheritdoc/>
    public Span<byte> Span => _block.Span;

    /// <inheritdoc/>
    public Memory<byte> Memory => _block.Memory;

    /// <inheritdoc/>
    public bool IsPlain => true;

    /// <inheritdoc/>
    public bool IsLimited => _charged is not null;

    /// <summary>Its bytes count as gathered by a node until the last release. Called by the sole holder, after the node has agreed.</summary>
    public void ChargeTo(TransportNode node) => _charged = node;

    /// <inheritdoc/>
    public void Retain()
    {
        // Partner: the decrement in Release. A holder exists, so the count is above zero before.
        if (Interlocked.Increment(ref _references) <= 1)
        {
            Interlocked.Decrement(ref _references);
            ThrowReturned();
        }
    }

    /// <inheritdoc/>
    public void Release()
    {
        // A full fence: what the holder read comes before, and who sees zero comes after all of it.
        int left = Interlocked.Decrement(ref _references);
        if (left < 0)
        {
            Interlocked.Increment(ref _references);
            ThrowReturned();
        }

        if (left == 0)
        {
            _charged?.ReturnGathered(Length);
            _charged = null;
            if (!Volatile.Read(ref _isAbandoned))
            {
                BlockPool.Return(this);
            }
        }
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        Volatile.Write(ref _isAbandoned, true); // Partner: Release, which reads it after the count that is lowered next.
        Release();
    }

    internal void Renew() => Volatile.Write(ref _references, 1);

    [DoesNotReturn]
    private static void ThrowReturned() => throw new InvalidOperationException("The block was used after its last reference was released.");
}
