using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Transport.Asks;

/// <summary>The asks that one received batch answered, or the tells that one credit let into the ring: they complete with one hop to the thread pool, shared where they are many (<see cref="SharedBatch"/>).</summary>
/// <remarks>
/// Hop 9. The receive loop rents a batch, adds the asks it took from the table, and posts it; from then on the batch is not its own. Bound: <see cref="ItemsMax"/> asks
/// a batch; a loop with more posts and rents another.
/// </remarks>
internal sealed class CompletionBatch : SharedBatch
{
    /// <summary>The most asks of one batch.</summary>
    public const int ItemsMax = 1024;

    private readonly CompletionBatchPool _pool;
    private Place[] _items = new Place[16];
    private int _count;

    internal CompletionBatch(CompletionBatchPool pool) => _pool = pool;

    /// <summary>The asks added.</summary>
    public int Count => _count;

    /// <summary>Whether no more can be added: post it and rent another.</summary>
    public bool IsFull => _count == ItemsMax;

    /// <summary>Adds one whose outcome is stored in it. Not after <see cref="Post"/>.</summary>
    /// <exception cref="InvalidOperationException">The batch is full or was posted.</exception>
    public void Add(Completion item)
    {
        if (IsFull || IsPosted)
            ThrowNotOpen();
        if (_count == _items.Length)
            Array.Resize(ref _items, _items.Length * 2);
        _items[_count++].Item = item;
    }

    /// <summary>Hands the batch to the thread pool; an empty one back to its own. The caller must not touch it again.</summary>
    public void Post()
    {
        if (_count == 0)
        {
            _pool.Return(this);
            return;
        }

        Begin();
        ReadyWork.Queue(this);
    }

    /// <inheritdoc/>
    protected override int Close() => _count;

    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1031", Justification = "One continuation's exception must not lose its neighbours; the pool's observer gets it.")]
    protected override void Run(int index)
    {
        ref Place place = ref _items[index];
        Completion item = place.Item!;
        place.Item = null;
        try
        {
            item.Complete();
        }
        catch (Exception exception)
        {
            _pool.Fault(exception);
        }
    }

    /// <inheritdoc/>
    protected override void Recycle()
    {
        _count = 0;
        _pool.Return(this);
    }

    /// <summary>An element without the type check that a store into an array of a class takes.</summary>
    private struct Place
    {
        public Completion? Item;
    }

    [DoesNotReturn]
    private static void ThrowNotOpen() => throw new InvalidOperationException("The reply batch is full or was posted.");
}
