using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport.Tests.Connections;

/// <summary>Which of two connections of one pair of peers is dead. Pongs that were there before the challenge say nothing.</summary>
public sealed class DuplicateChallengeTests
{
    private const int Before = 7;
    private const int Period = 100;

    private readonly DuplicateChallenge _challenge = new(Before, Before);
    private long _now = 1_000;

    [Fact]
    public void An_older_one_that_answers_stays()
    {
        Assert.Equal(ChallengeState.Open, Look(Before, Before));
        Assert.Equal(ChallengeState.OlderLives, Look(Before + 1, Before));
    }

    [Fact]
    public void An_older_one_that_answers_late_but_in_time_stays()
    {
        for (int look = 0; look <= DuplicateRule.PingMillisecondsMax / Period; look++)
        {
            Assert.Equal(ChallengeState.Open, Look(Before, Before + 1));
        }

        Assert.Equal(ChallengeState.OlderLives, Look(Before + 1, Before + 1));
    }

    [Fact]
    public void An_older_one_that_is_silent_after_the_newer_has_answered_is_dead()
    {
        Assert.Equal(ChallengeState.Open, Look(Before, Before + 1));
        long answered = _now;
        while (Look(Before, Before + 1) == ChallengeState.Open)
        {
            Assert.InRange(_now - answered, 0, DuplicateRule.PingMillisecondsMax);
        }

        Assert.Equal(ChallengeState.OlderIsDead, Look(Before, Before + 1));
        Assert.InRange(_now - answered, DuplicateRule.PingMillisecondsMax + 1, DuplicateRule.PingMillisecondsMax + (3 * Period));
    }

    [Fact]
    public void A_peer_that_answers_on_neither_loses_neither()
    {
        for (int look = 0; look < 100; look++)
        {
            Assert.Equal(ChallengeState.Open, Look(Before, Before));
        }

        Assert.Equal(ChallengeState.Open, Look(Before, Before + 1)); // It runs again, and its answers come one after the other.
        Assert.Equal(ChallengeState.OlderLives, Look(Before + 1, Before + 1));
    }

    [Fact]
    public void Time_in_which_this_process_did_not_run_is_not_the_peers_silence()
    {
        Assert.Equal(ChallengeState.Open, Look(Before, Before + 1));
        _now += 60_000;
        Assert.Equal(ChallengeState.Open, Look(Before, Before + 1)); // Its answer may wait to be read here.
        Assert.Equal(ChallengeState.OlderLives, Look(Before + 1, Before + 1));
    }

    private ChallengeState Look(int older, int newer) => _challenge.Look(_now += Period, older, newer);
}
