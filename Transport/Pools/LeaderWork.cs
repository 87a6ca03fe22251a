namespace Kameo.Actors.Transport.Pools;

/// <summary>What a thread that reads sockets makes ready and runs itself: while it reads, and while it runs what it had read. <see cref="Links.Epoll.LoopCrew"/> is its user.</summary>
/// <remarks>
/// Only its thread adds and takes; but while it is in user code that takes long, the watch gives all of it to the thread pool (<see cref="GiveUp"/>). Who exchanges <c>_next</c> for null has the batch: its thread, to run it, or whoever queues it. A batch
/// that is queued may still be added to, until somebody begins to run it. The mark that it is given up, and a new batch, are each stored before the other is looked at, with a full fence between: so of a batch that is begun
/// just then one of the two knows.
/// </remarks>
internal sealed class LeaderWork : IHeldWork
{
    [ThreadStatic]
    private static LeaderWork? t_current;

    private readonly ReadySource _source = new(ReadySource.GatheredMax, isNear: false);

    /// <summary>What is added to. Its thread's.</summary>
    private ReadyBatch? _open;

    /// <summary>The same, until it is taken.</summary>
    private ReadyBatch? _next;
    private bool _isGivenUp;

    /// <summary>Of this thread, while it gathers; null otherwise.</summary>
    public static LeaderWork? Current => t_current;

    /// <summary>From now on what this thread makes ready comes here.</summary>
    public void Begin()
    {
        Volatile.Write(ref _isGivenUp, false);
        t_current = this;
    }

    /// <summary>No more does.</summary>
    public void End() => t_current = null;

    /// <summary>Adds something. Its thread.</summary>
    /// <returns>False: it is for the thread pool.</returns>
    public bool TryAdd(IThreadPoolWorkItem item)
    {
        if (_open is { } open && open.TryAdd(item))
        {
            return true;
        }

        if (Volatile.Read(ref _isGivenUp) || Volatile.Read(ref _next) is not null)
        {
            return false;
        }

        _open = _source.Begin(item);
        Interlocked.Exchange(ref _next, _open);
        if (Volatile.Read(ref _isGivenUp))
        {
            GiveUp();
        }

        return true;
    }

    /// <summary>Takes what there is, to run it; null if nothing is. Its thread.</summary>
    public IThreadPoolWorkItem? Take() => Volatile.Read(ref _next) is null ? null : Interlocked.Exchange(ref _next, null);

    /// <inheritdoc/>
    void IHeldWork.HandOver() => GiveUp();

    /// <summary>It is for the thread pool, and so is what is added until the next <see cref="Begin"/>. Any thread.</summary>
    public void GiveUp()
    {
        Interlocked.Exchange(ref _isGivenUp, true);
        if (Interlocked.Exchange(ref _next, null) is { } next)
        {
            ThreadPool.UnsafeQueueUserWorkItem(next, preferLocal: false);
        }
    }
}
