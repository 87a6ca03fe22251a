namespace Kameo.Actors.Transport.Pools;

/// <summary>
/// Where work goes that is ready: to the thread pool, several pieces together where it has much to do (<see cref="ReadyBatch"/>). But the last piece that a received batch made ready may run on the thread that received it, once that has nothing
/// more to read and another thread will be told of what arrives next. That saves the hop to another thread, which costs more than all else that is done for a lone message.
/// </summary>
/// <remarks>A receive loop that may do so says when it gathers, and when it is done; one whose threads take turns leading runs all itself (<see cref="LeaderWork"/>); on all other threads work goes to the pool at once.</remarks>
internal static class ReadyWork
{
    [ThreadStatic]
    private static bool t_gathers;

    [ThreadStatic]
    private static IThreadPoolWorkItem? t_last;

    [ThreadStatic]
    private static ReadySource? t_source;

    [ThreadStatic]
    private static ReadySource? t_near;

    /// <summary>Makes something run, in turn with all else that is ready.</summary>
    public static void Queue(IThreadPoolWorkItem item)
    {
        if (LeaderWork.Current is { } leader && leader.TryAdd(item))
        {
            return;
        }

        if (t_gathers)
        {
            (t_last, IThreadPoolWorkItem? before) = (item, t_last);
            if (before is null)
            {
                return;
            }

            item = before; // Only the last is kept: the others may run beside it.
        }

        Post(item);
    }

    /// <summary>Makes something run soon, best on this thread: what it needs is in this core's cache.</summary>
    public static void QueueNear(IThreadPoolWorkItem item) => (t_near ??= new ReadySource(ReadySource.QueuedMax, isNear: true)).Queue(item);

    /// <summary>The receive loop begins a batch.</summary>
    public static void Gather() => t_gathers = true;

    /// <summary>The receive loop reads on, or ends: the last piece goes to the pool, too.</summary>
    public static void Release()
    {
        t_gathers = false;
        if (Take() is { } item)
        {
            Post(item);
        }
    }

    /// <summary>The receive loop has left this thread: it runs the last piece itself.</summary>
    public static void RunHere()
    {
        t_gathers = false;
        Take()?.Execute();
    }

    private static void Post(IThreadPoolWorkItem item)
    {
        if (item is SharedBatch)
        {
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false); // It is many pieces already.
        }
        else
        {
            (t_source ??= new ReadySource(ReadySource.QueuedMax, isNear: false)).Queue(item);
        }
    }

    private static IThreadPoolWorkItem? Take()
    {
        IThreadPoolWorkItem? item = t_last;
        t_last = null;
        return item;
    }
}
