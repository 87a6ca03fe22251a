using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Transport.Asks;

/// <summary>
/// The asks that one received batch answered, or the tells that one credit let into the ring: they complete with one hop to the thread pool, and more only if there is more than one
/// core's or one item's work.
/// </summary>
/// <remarks>
/// <para>
/// Hop 9. The receive loop rents a batch, adds the asks it took from the table, and posts it; from then on the batch is not its own. Bound: <see cref="ItemsMax"/> asks
/// a batch; a loop with more posts and rents another.
/// </para>
/// <para>
/// <b>Nobody is held up.</b> Completing an ask runs user code, which may block, even on a later ask of the same batch. So before a worker completes an item while more remain, it
/// makes sure that one more work item, the successor, waits in the pool's queue. The successor is the same object queued again: it takes the next item
/// if there is one, and before that queues its own successor. A second idle core shares a long batch the same way. Where nothing blocks and no core is
/// idle, a batch of many costs two work items, and one of a single ask costs one.
/// </para>
/// <para>
/// <b>Ordering.</b> The items and their count are stored before the batch is queued; queueing is a release and running an acquire. After that the only shared words
/// are <c>_next</c> (an increment hands out each index once), <c>_waiting</c> (1 while a successor is queued and not running yet) and <c>_users</c> (work items queued or
/// running). A worker leaves only when no index is left and its own items are complete, so at zero users all items are complete, nobody refers to the batch, and it goes back to its pool.
/// </para>
/// </remarks>
internal sealed class CompletionBatch : IThreadPoolWorkItem
{
    /// <summary>The most asks of one batch.</summary>
    public const int ItemsMax = 1024;

    private readonly CompletionBatchPool _pool;
    private Place[] _items = new Place[16];
    private int _count;
    private int _next;
    private int _waiting;
    private int _users;

    internal CompletionBatch(CompletionBatchPool pool) => _pool = pool;

    /// <summary>The asks added.</summary>
    public int Count => _count;

    /// <summary>Whether no more can be added: post it and rent another.</summary>
    public bool IsFull => _count == ItemsMax;

    /// <summary>Adds one whose outcome is stored in it. Not after <see cref="Post"/>.</summary>
    /// <exception cref="InvalidOperationException">The batch is full or was posted.</exception>
    public void Add(Completion item)
    {
        if (IsFull || _users != 0)
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

        _users = 1;
        _waiting = 1;
        ReadyWork.Queue(this);
    }

    /// <summary>Completes items until none is left. Called by the thread pool only.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        // This work item waits no longer; the next one that is needed must be queued. Partner: the exchange in QueueSuccessor.
        Volatile.Write(ref _waiting, 0);
        ExecutionContext? clean = ExecutionContext.Capture();
        bool isMany = _count > 1; // What continuations send goes out together; a lone one sends at once.
        if (isMany)
            SendBatch.Begin();
        for (int index = Interlocked.Increment(ref _next) - 1; index < _count; index = Interlocked.Increment(ref _next) - 1)
        {
            if (index + 1 < _count)
                QueueSuccessor();
            ref Place place = ref _items[index];
            Completion item = place.Item!;
            place.Item = null;
            Complete(item, clean);
        }

        if (isMany)
            SendBatch.End();

        // Full fence: at zero, all that other workers did with the batch is over.
        if (Interlocked.Decrement(ref _users) == 0)
            Recycle();
    }

    private void QueueSuccessor()
    {
        if (Volatile.Read(ref _waiting) != 0 || Interlocked.Exchange(ref _waiting, 1) != 0)
            return;
        Interlocked.Increment(ref _users);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    [SuppressMessage("Design", "CA1031", Justification = "One continuation's exception must not lose its neighbours; the pool's observer gets it.")]
    private void Complete(Completion item, ExecutionContext? clean)
    {
        try
        {
            item.Complete();
        }
        catch (Exception exception)
        {
            _pool.Fault(exception);
        }

        // What a continuation left on the thread is not for its neighbour; the pool itself cleans only between work items.
        if (SynchronizationContext.Current is not null)
            SynchronizationContext.SetSynchronizationContext(null);
        if (clean is not null)
            ExecutionContext.Restore(clean);
    }

    private void Recycle()
    {
        _count = 0;
        _next = 0;
        _waiting = 0;
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
