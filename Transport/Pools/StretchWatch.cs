namespace Kameo.Actors.Transport.Pools;

/// <summary>
/// Looks every millisecond at the threads that run user code while they hold something that others wait for (<see cref="Stretch"/>): what has been held since the look before by a thread that waits for something, or for some looks more by one that is busy, goes to another thread. So user code that is short, as it is
/// nearly always, costs no hop to another thread; code that blocks holds nobody up for more than two looks, and code that takes long for a few more.
/// </summary>
/// <remarks>One thread of the process, begun with the first stretch. It rests while nothing is held: a stretch that begins then wakes it.</remarks>
internal static class StretchWatch
{
    /// <summary>Between looks.</summary>
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(1);

    /// <summary>Looks without a stretch before it rests.</summary>
    private const int EmptyLooksMax = 8;

    private static readonly Lock s_lock = new();
    private static readonly AutoResetEvent s_wake = new(false);
    private static Stretch[] s_stretches = [];
    private static int s_rests;
    private static bool s_runs;

    /// <summary>Whether it rests. For tests.</summary>
    public static bool IsResting => Volatile.Read(ref s_rests) != 0;

    /// <summary>Watches the stretches of a thread from now on.</summary>
    public static Stretch Add(Stretch stretch)
    {
        lock (s_lock)
        {
            Volatile.Write(ref s_stretches, [.. s_stretches.Where(static one => !one.IsOver), stretch]);
            if (!s_runs)
            {
                s_runs = true;
                new Thread(Run) { IsBackground = true, Name = "kameo-watch" }.UnsafeStart();
            }
        }

        return stretch;
    }

    /// <summary>A stretch has begun. After a full fence.</summary>
    public static void Wake()
    {
        if (Volatile.Read(ref s_rests) != 0 && Interlocked.Exchange(ref s_rests, 0) != 0)
        {
            s_wake.Set();
        }
    }

    private static void Run()
    {
        int empty = 0;
        while (true)
        {
            empty = Look() ? 0 : empty + 1;
            if (empty < EmptyLooksMax)
            {
                s_wake.WaitOne(s_period);
                continue;
            }

            // Said before it looks once more, with a full fence between; partner: Stretch.Begin.
            Interlocked.Exchange(ref s_rests, 1);
            if (Look() && Interlocked.Exchange(ref s_rests, 0) != 0)
            {
                empty = 0;
                continue;
            }

            s_wake.WaitOne();
            empty = 0;
        }
    }

    /// <returns>Whether anything is held.</returns>
    private static bool Look()
    {
        bool any = false;
        foreach (Stretch stretch in Volatile.Read(ref s_stretches))
        {
            any |= !stretch.IsEmpty;
            stretch.Look();
        }

        return any;
    }
}
