using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Transport.Pools;

/// <summary>Pieces of work that are one item of the thread pool together, and more only if they are more than one core's or one item's work.</summary>
/// <remarks>
/// <para>
/// <b>Nobody is held up.</b> A piece runs user code, which may block, even on a later piece of the same batch. So before a worker runs a piece while more remain, it makes sure that one more work item, the successor, waits in the pool's
/// queue. The successor is the same object queued again: it takes the next piece if there is one, and before that queues its own successor. A second idle core shares a long batch the same way. Where nothing blocks and no core is idle, a batch of
/// many costs two work items, and one of a single piece costs one.
/// </para>
/// <para>
/// <b>Ordering.</b> The pieces are stored before the batch is queued, or before the step that <see cref="Close"/> partners; queueing is a release and running an acquire. After that the only shared words are <c>_next</c> (an increment hands out each
/// index once), <c>_waiting</c> (1 while a successor is queued and not running yet) and <c>_users</c> (work items queued or running). A worker leaves only when no index is left and its own pieces are done, so at zero users all are done, nobody refers
/// to the batch, and it is used again.
/// </para>
/// </remarks>
internal abstract class SharedBatch : InboxItem, IThreadPoolWorkItem
{
    private int _next;
    private int _waiting;
    private int _users;

    /// <summary>Whether it is queued or runs: no index was handed out for what is added now.</summary>
    protected bool IsPosted => _users != 0;

    /// <summary>It is about to be queued. Whoever fills it, while nobody else has it.</summary>
    protected void Begin()
    {
        _next = 0;
        _waiting = 1;
        _users = 1;
    }

    /// <summary>How many pieces it has; none is added from here on. Called by each of its work items; the first one's call is over before another is queued.</summary>
    protected abstract int Close();

    /// <summary>Runs a piece; nothing else will.</summary>
    protected abstract void Run(int index);

    /// <summary>All are done, and nobody has it.</summary>
    protected abstract void Recycle();

    /// <summary>Runs pieces until none is left. Called by the thread pool, and by a thread that stands in for it.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        int count = Close();

        // This work item waits no longer; the next one that is needed must be queued. Partner: the exchange in QueueSuccessor.
        Volatile.Write(ref _waiting, 0);
        ExecutionContext? clean = ExecutionContext.Capture();
        bool isMany = count > 1; // What they send goes out together; a lone one sends at once.
        if (isMany)
        {
            SendBatch.Begin();
        }

        for (int index = Interlocked.Increment(ref _next) - 1; index < count; index = Interlocked.Increment(ref _next) - 1)
        {
            if (index + 1 < count)
            {
                QueueSuccessor();
            }

            Run(index);

            // What it left on the thread is not for its neighbour; the pool itself cleans only between work items.
            if (SynchronizationContext.Current is not null)
            {
                SynchronizationContext.SetSynchronizationContext(null);
            }

            if (clean is not null)
            {
                ExecutionContext.Restore(clean);
            }
        }

        if (isMany)
        {
            SendBatch.End();
        }

        // Full fence: at zero, all that other workers did with the batch is over.
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Recycle();
        }
    }

    private void QueueSuccessor()
    {
        if (Volatile.Read(ref _waiting) != 0 || Interlocked.Exchange(ref _waiting, 1) != 0)
        {
            return;
        }

        Interlocked.Increment(ref _users);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false); // Not to this thread's own queue: others take from that only when the pool's is empty.
    }
}
