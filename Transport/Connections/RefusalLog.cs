namespace Kameo.Actors.Transport.Connections;

/// <summary>Which refused connections are logged: of each reason so many in a while, so that strangers cannot fill a log, and what one is wrong with is seen all the same. Thread safe.</summary>
internal sealed class RefusalLog
{
    /// <summary>Lines for one reason within <see cref="PeriodMilliseconds"/>.</summary>
    public const int LinesMax = 10;

    /// <summary>After this long lines are counted anew.</summary>
    public const long PeriodMilliseconds = 60_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<CloseReason, (long Since, int Lines, long Untold)> _told = []; // As many as there are reasons.

    /// <summary>A connection was refused.</summary>
    /// <param name="now">The node's time in milliseconds.</param>
    /// <param name="reason">Why.</param>
    /// <param name="untold">How many were refused for the same reason since the last line without being logged.</param>
    /// <returns>Whether it is logged.</returns>
    public bool Tells(long now, CloseReason reason, out long untold)
    {
        lock (_lock)
        {
            (long since, int lines, untold) = _told.GetValueOrDefault(reason, (now, 0, 0));
            if (now - since >= PeriodMilliseconds)
            {
                (since, lines) = (now, 0);
            }

            bool tells = lines < LinesMax;
            _told[reason] = tells ? (since, lines + 1, 0) : (since, lines, untold + 1);
            return tells;
        }
    }
}
