namespace Kameo.Actors.Transport.Pools;

/// <summary>
/// Where work goes that a received batch made ready: to the thread pool; but the last piece may run on the thread that received it, once that has nothing more to read and another
/// thread will be told of what arrives next. That saves the hop to another thread, which costs more than all else that is done for a lone message.
/// </summary>
/// <remarks>A receive loop that may do so says when it gathers, and when it is done; on all other threads work goes to the pool at once.</remarks>
internal static class ReadyWork
{
    [ThreadStatic]
    private static bool t_gathers;

    [ThreadStatic]
    private static IThreadPoolWorkItem? t_last;

    /// <summary>Makes something run.</summary>
    public static void Queue(IThreadPoolWorkItem item)
    {
        if (t_gathers)
        {
            (t_last, IThreadPoolWorkItem? before) = (item, t_last);
            if (before is null)
            {
                return;
            }

            item = before; // Only the last is kept: the others may run beside it.
        }

        ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
    }

    /// <summary>The receive loop begins a batch.</summary>
    public static void Gather() => t_gathers = true;

    /// <summary>The receive loop reads on, or ends: the last piece goes to the pool, too.</summary>
    public static void Release()
    {
        t_gathers = false;
        if (Take() is { } item)
        {
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
        }
    }

    /// <summary>The receive loop has left this thread: it runs the last piece itself.</summary>
    public static void RunHere()
    {
        t_gathers = false;
        Take()?.Execute();
    }

    private static IThreadPoolWorkItem? Take()
    {
        IThreadPoolWorkItem? item = t_last;
        t_last = null;
        return item;
    }
}
