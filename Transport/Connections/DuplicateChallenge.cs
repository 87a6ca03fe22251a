namespace Kameo.Actors.Transport.Connections;

/// <summary>What a look at a challenge says.</summary>
internal enum ChallengeState : byte
{
    /// <summary>Not known yet.</summary>
    Open,

    /// <summary>The older connection lives, and stays.</summary>
    OlderLives,

    /// <summary>The older connection is dead, and the newer lives.</summary>
    OlderIsDead,
}

/// <summary>
/// Of two connections of one pair of peers: whether the older one lives. Both are sent a ping; one that is silent for <see cref="DuplicateRule.PingMillisecondsMax"/> after the other has answered is dead. A peer that is busy, or
/// does not run for a while, answers neither, and nothing is decided: to give up a connection that lives breaks the order of its requests and loses its answers. Pure.
/// </summary>
/// <param name="olderPongs">How many pings the older had answered when the challenge began.</param>
/// <param name="newerPongs">And the newer.</param>
internal sealed class DuplicateChallenge(int olderPongs, int newerPongs)
{
    /// <summary>A look later than that after the one before it counts as so late: this process itself did not run, and an answer may wait to be read. Twice the period of looks.</summary>
    public const int LookMillisecondsMax = 200;

    private long _lastLook = -1;
    private long _silent;

    /// <summary>Looks at both.</summary>
    /// <param name="now">The time in milliseconds.</param>
    /// <param name="older">How many pings the older has answered.</param>
    /// <param name="newer">And the newer.</param>
    public ChallengeState Look(long now, int older, int newer)
    {
        if (older != olderPongs)
        {
            return ChallengeState.OlderLives;
        }

        if (newer == newerPongs)
        {
            return ChallengeState.Open;
        }

        _silent += _lastLook < 0 ? 0 : Math.Min(now - _lastLook, LookMillisecondsMax);
        _lastLook = now;
        return _silent > DuplicateRule.PingMillisecondsMax ? ChallengeState.OlderIsDead : ChallengeState.Open;
    }
}
