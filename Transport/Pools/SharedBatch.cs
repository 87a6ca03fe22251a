using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Transport.Pools;

/// <summary>Pieces of work that are one item of the thread pool together, and more only if they are more than one core's or one item's work.</summary>
/// <remarks>
/// <para>
/// <b>Nobody is held up.</b> A piece runs user code, which may block, even on a later piece of the same batch. So a worker that is at a batch for longer than a look or two of the <see cref="StretchWatch"/> gets a successor: the same object queued
/// again, which takes the next piece, and is watched as its predecessor is. A second core shares a long batch the same way. Where nothing blocks or takes long a batch costs one work item: a successor for each, to be on the safe side, woke a thread
/// for nothing each time, and these cost more than the work.
/// </para>
/// <para>
/// <b>Ordering.</b> The pieces are stored before the batch is queued, or before the step that <see cref="Close"/> partners; queueing is a release and running an acquire. After that the only shared words are <c>_next</c> (an increment hands out each
/// index once), <c>_waiting</c> (1 while a successor is queued and not running yet) and <c>_users</c> (work items queued or running). A worker leaves only when no index is left and its own pieces are done, so at zero users all are done, nobody refers
/// to the batch, and it is used again.
/// </para>
/// </remarks>
internal abstract class SharedBatch : InboxItem, IThreadPoolWorkItem, IHeldWork
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
        Stretch? stretch = isMany ? Stretch.Current : null;
        if (isMany)
        {
            SendBatch.Begin();
        }

        stretch?.Begin(this);
        bool isDone = false;
        try
        {
            for (int index = Interlocked.Increment(ref _next) - 1; index < count; index = Interlocked.Increment(ref _next) - 1)
            {
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

            isDone = true;
        }
        finally
        {
            stretch?.End();
            if (isMany)
            {
                SendBatch.End();
            }

            if (!isDone)
            {
                QueueSuccessor(); // A piece threw: where the process outlives that, its neighbours run all the same.
            }

            // Full fence: at zero, all that other workers did with the batch is over.
            if (Interlocked.Decrement(ref _users) == 0)
            {
                Recycle();
            }
        }
    }

    /// <inheritdoc/>
    void IHeldWork.HandOver() => QueueSuccessor();

    /// <summary>By one of the users, or for one while it is watched.</summary>
    private void QueueSuccessor()
    {
        if (Interlocked.Exchange(ref _waiting, 1) == 0)
        {
            Interlocked.Increment(ref _users);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
