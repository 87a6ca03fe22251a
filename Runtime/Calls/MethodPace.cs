namespace Kameo.Actors.Calls;

/// <summary>
/// Whether a method has been short: only then it runs on its caller's stack. Samples tell: a run there that is long, or does not end synchronously, makes it long; some queued runs in a row that are short make it short again.
/// </summary>
/// <remarks>Any thread, without order: a sample more or less does not matter. Written when a sample says something new, read for each call, so it stays in every core's cache.</remarks>
internal sealed class MethodPace
{
    /// <summary>The longest run that is short. What a hop to the thread pool costs at best (5 to 20 us).</summary>
    public static readonly TimeSpan ShortMax = TimeSpan.FromMicroseconds(10);

    /// <summary>One queued run in so many of a long method is timed.</summary>
    private const int RunsPerSample = 8;

    /// <summary>So many short ones in a row, and the method is short again.</summary>
    private const int SamplesInRow = 4;

    private static int s_count;

    private bool _isLong;
    private int _queued;
    private int _inRow;

    /// <summary>A number for each method of the process.</summary>
    public int Number { get; } = Interlocked.Increment(ref s_count);

    /// <summary>Whether its asks are queued.</summary>
    public bool IsLong => Volatile.Read(ref _isLong);

    /// <summary>A run on its caller's stack was timed.</summary>
    public void TimedInline(TimeSpan elapsed, bool endedAtOnce)
    {
        if (!endedAtOnce || elapsed > ShortMax)
        {
            _inRow = 0;
            Volatile.Write(ref _isLong, true);
        }
    }

    /// <summary>A queued run begins.</summary>
    /// <returns>Whether it is to be timed.</returns>
    public bool IsSample() => IsLong && _queued++ % RunsPerSample == 0;

    /// <summary>A queued run was timed.</summary>
    public void TimedQueued(TimeSpan elapsed, bool endedAtOnce)
    {
        _inRow = endedAtOnce && elapsed <= ShortMax ? _inRow + 1 : 0;
        if (_inRow >= SamplesInRow)
        {
            Volatile.Write(ref _isLong, false);
        }
    }
}
