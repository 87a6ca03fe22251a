namespace Kameo.Actors.Transport.Pools;

/// <summary>What one thread holds while it runs user code, each inside of the one before; looked at by <see cref="StretchWatch"/>.</summary>
/// <remarks>
/// <para>
/// Handed over is what the second look in a row sees, if the thread waits for something, and what <see cref="LooksMax"/> more than the first see if it does not: where a thread of few cores has merely lost its own for a while there is none for another,
/// either, and what it holds would only change its caches. The runtime knows of a thread that it waits; not of one that waits in a system call of its own, which is held to be busy.
/// </para>
/// <para>
/// Written by its thread, which stores what it holds and then raises <c>_depth</c>; at the end it lowers that, and then looks whether the watch is at it. The watch marks that it is, and then looks at the depth. Both with a full fence between: so
/// nothing is handed over once its stretch has ended, and an end waits for a hand-over that has begun, which puts a work item into a queue, or wakes or starts a thread.
/// </para>
/// </remarks>
internal sealed class Stretch
{
    /// <summary>How deep they stand at most: a loop, a batch, what it writes together, a batch inside of it, and two to spare. Deeper ones are not watched, but what is around them is.</summary>
    public const int DepthMax = 6;

    /// <summary>Looks that see a stretch of a thread that does not wait, after the first, until it is handed over. More where there are few cores.</summary>
    public static readonly int LooksMax = Environment.ProcessorCount <= 4 ? 4 : 1;

    [ThreadStatic]
    private static Stretch? t_current;

    private readonly Thread _thread = Thread.CurrentThread;
    private readonly IHeldWork?[] _held = new IHeldWork?[DepthMax];

    /// <summary>Counts the stretches of each depth.</summary>
    private readonly int[] _numbers = new int[DepthMax];

    /// <summary>The numbers at the watch's last look, and of those that were handed over. The watch only.</summary>
    private readonly int[] _seen = new int[DepthMax];
    private readonly int[] _handed = new int[DepthMax];

    /// <summary>How many looks the present ones have outlasted. The watch only.</summary>
    private readonly int[] _looks = new int[DepthMax];
    private int _depth;
    private int _isWatchAt;

    /// <summary>This thread's.</summary>
    public static Stretch Current => t_current ??= StretchWatch.Add(new Stretch());

    /// <summary>Whether its thread holds nothing.</summary>
    public bool IsEmpty => Volatile.Read(ref _depth) == 0;

    /// <summary>Whether its thread has ended.</summary>
    public bool IsOver => !_thread.IsAlive;

    /// <summary>User code begins; <see cref="End"/> follows on the same thread.</summary>
    public void Begin(IHeldWork held)
    {
        int depth = _depth;
        if (depth < DepthMax)
        {
            _held[depth] = held;
            _numbers[depth]++;
        }

        Interlocked.Exchange(ref _depth, depth + 1);
        StretchWatch.Wake(); // Behind the fence; partner: the watch, before it rests.
    }

    /// <summary>It has ended: what was held is this thread's again, unless it was handed over.</summary>
    public void End()
    {
        int depth = _depth - 1;
        Interlocked.Exchange(ref _depth, depth);
        if (Volatile.Read(ref _isWatchAt) != 0)
        {
            WaitForWatch();
        }

        if (depth < DepthMax)
        {
            _held[depth] = null;
        }
    }

    /// <summary>Hands over what has lasted since the last look. The watch.</summary>
    public void Look()
    {
        if (IsEmpty)
        {
            return;
        }

        Interlocked.Exchange(ref _isWatchAt, 1);
        int depth = Math.Min(Volatile.Read(ref _depth), DepthMax);
        for (int at = 0; at < depth; at++)
        {
            int number = Volatile.Read(ref _numbers[at]);
            if (number != _seen[at])
            {
                _seen[at] = number;
                _looks[at] = 0;
            }
            else if (number != _handed[at] && (++_looks[at] == LooksMax || (_thread.ThreadState & ThreadState.WaitSleepJoin) != 0))
            {
                _handed[at] = number;
                _held[at]!.HandOver();
            }
        }

        Volatile.Write(ref _isWatchAt, 0);
    }

    private void WaitForWatch()
    {
        var spin = new SpinWait();
        while (Volatile.Read(ref _isWatchAt) != 0)
        {
            spin.SpinOnce();
        }
    }
}
