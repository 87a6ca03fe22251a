namespace Kameo.Actors.Transport.Views;

/// <summary>Every duration of views, leases and detection. <see cref="Lan"/> and <see cref="Wan"/> are the profiles; <see cref="Validate"/> asserts what must hold between them.</summary>
/// <remarks>
/// All are measured on the clock of the node that uses them. Nothing here is compared between nodes. Each says where its default comes from, first for <see cref="Lan"/>, then for <see cref="Wan"/>; the longer ones follow
/// from the shorter ones by the relations that <see cref="Validate"/> asserts.
/// </remarks>
public sealed record ViewTiming
{
    /// <summary>Before any time of any clock, and still far enough from the end of the scale to be reckoned with.</summary>
    internal static readonly TimeSpan LongAgo = TimeSpan.FromDays(-1_000_000);

    /// <summary>The longest duration that is taken: a day. Nobody waits that long for a crashed node; and sums of a few stay far from the end of every scale.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(1);

    private readonly TimeSpan? _joinBatchMax;

    /// <summary>For nodes within about 100 ms of each other.</summary>
    public static ViewTiming Lan { get; } = new();

    /// <summary>For nodes within about 500 ms of each other.</summary>
    public static ViewTiming Wan { get; } = new()
    {
        RenewEvery = TimeSpan.FromSeconds(1),
        SilentAfter = TimeSpan.FromSeconds(8),
        ElectionMin = TimeSpan.FromSeconds(3),
        ElectionMax = TimeSpan.FromSeconds(6),
        ElectionAfterKillMin = TimeSpan.FromMilliseconds(500),
        ElectionAfterKillMax = TimeSpan.FromMilliseconds(1500),
        Heartbeat = TimeSpan.FromMilliseconds(500),
        Lease = TimeSpan.FromSeconds(15),
        RoundTripMax = TimeSpan.FromMilliseconds(500),
        LagMax = TimeSpan.FromMilliseconds(500),
        ProbeEvery = TimeSpan.FromSeconds(2),
        HelperWaits = TimeSpan.FromMilliseconds(1500),
        KilledAfter = TimeSpan.FromSeconds(1),
        KeySilentAfter = TimeSpan.FromSeconds(4),
        RetryEvery = TimeSpan.FromSeconds(1),
        FoundAloneAfter = TimeSpan.FromSeconds(2),
        HaltedAfter = TimeSpan.FromSeconds(20),
    };

    /// <summary>L: how long a lease lasts from the stamp of its Renew. 4 s; 15 s: in both the least that h + 2 Emax + 3 RTT + lag allows, so that a lease outlives the loss of a leader and one failed election. Whole milliseconds.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>rho: by how much a clock's rate may differ from true time, in parts of a hundred. 10, in both: the largest rate that Linux allows a clock to be slewed by (adjtimex, a tick of 9,000 to 11,000 µs).</summary>
    public int DriftPercent { get; init; } = 10;

    /// <summary>G: how long code that was entered under a lease may take, in true time, to reach its next await before somebody else may start. 500 ms, in both, as it is of code and not of distances: the part of a second that a hand-over may cost more; what takes longer is for the fence. Whole milliseconds.</summary>
    public TimeSpan StretchGuard { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>h: how often a member renews. 250 ms: sixteen tries in a lease; a grant a member and h is the leader's load, so not oftener. 1 s: fifteen tries, two round trips each.</summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a leader starts a round of heartbeats. 100 ms; 500 ms: the round trip of the profile, as etcd advises for its heartbeats.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The shortest time without a leader after which a steward stands for election. 750 ms; 3 s: more than three heartbeats and six round trips (Raft, 5.6: an election takes far longer than a broadcast).</summary>
    public TimeSpan ElectionMin { get; init; } = TimeSpan.FromMilliseconds(750);

    /// <summary>Emax: the longest. 1.5 s; 6 s: twice the shortest, as the 150 to 300 ms of Raft, 9.3.</summary>
    public TimeSpan ElectionMax { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>The shortest time to stand for election when the leader was seen to be killed. 100 ms; 500 ms: one round trip, so that the first who stands is heard by all.</summary>
    public TimeSpan ElectionAfterKillMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest such time. 300 ms; 1.5 s: three round trips, within which seven stewards rarely stand at once.</summary>
    public TimeSpan ElectionAfterKillMax { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>S: a member of whom nothing was heard by any path for so long is evicted as silent. 2.2 s: suspected at half of it, by when a ping, helpers and a round trip (1 s) are over, and evicted within 3 s. 8 s: the same, where these take 4 s.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromMilliseconds(2200);

    /// <summary>How long after its connection ended a member whose address refuses is evicted as killed. 300 ms; 1 s: a redial and the word of a second member, three round trips and two.</summary>
    public TimeSpan KilledAfter { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long a former incarnation must have been silent before a newcomer with its key is admitted in its place. 1 s; 4 s: four renewals missed; shorter than S, as somebody else vouches that it is gone.</summary>
    public TimeSpan KeySilentAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long nothing was heard of a watched member before it is pinged. 500 ms: half of memberlist's LAN interval, as S is shorter than what that takes. 2 s: four round trips.</summary>
    public TimeSpan ProbeEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a helper waits for a suspect before it answers that it heard nothing. 400 ms: four round trips, the time-out of a probe in memberlist's LAN profile less the way back. 1.5 s: three round trips.</summary>
    public TimeSpan HelperWaits { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>The round trip that the profile is made for. 100 ms: within a continent. 500 ms: more than twice the 200 ms of light in fibre to the antipodes and back.</summary>
    public TimeSpan RoundTripMax { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How late a node's own thread may run without losing its lease. 450 ms: measured, a thread of one's own is 0.3 s late with a saturated pool, and half of that again. 500 ms: the same, rounded.</summary>
    public TimeSpan LagMax { get; init; } = TimeSpan.FromMilliseconds(450);

    /// <summary>
    /// How long joins wait at most for the view before to settle. Unless it is set, W and six renewals: 7 s; 24.9 s. Longer than W, so that who joins after an eviction finds it settled: with less it counts W anew from when it came,
    /// and calls of the slots that it is given wait for that. Who has not settled a view by then holds up nobody any longer.
    /// </summary>
    public TimeSpan JoinBatchMax
    {
        get => _joinBatchMax ?? TakeoverWait + (6 * RenewEvery);
        init => _joinBatchMax = value;
    }

    /// <summary>How long a node that may found alone looks for others first. 500 ms; 2 s: dial, hello and answer, four to five round trips.</summary>
    public TimeSpan FoundAloneAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often a dial, a question to a seed or a request to join is repeated. 250 ms; 1 s: as a renewal; two round trips at least.</summary>
    public TimeSpan RetryEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How late a node's tick must be before it moves its failure deadlines: above what a scheduler does to a thread of its own. 50 ms, in both: half of the shortest deadline there is (100 ms, an election after a kill), and many times a slice of the scheduler (about 3 ms on Linux).</summary>
    public TimeSpan LateTickMin { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a steward majority must be missing before a node says that the cluster halted. 6 s; 20 s: a silence and two elections, and in the LAN profile a lag on top.</summary>
    public TimeSpan HaltedAfter { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>How often the detector looks at its members.</summary>
    public TimeSpan DetectorTick => ProbeEvery / 4;

    /// <summary>When a silent member is suspected, helpers are asked and the accusation is sent to it.</summary>
    public TimeSpan SuspectAfter => SilentAfter / 2;

    /// <summary>W: how long the new owner of an evicted member's slots waits from applying the committed eviction; (L / (1 - rho) + G)(1 + rho), rounded up to a tenth of a second.</summary>
    public TimeSpan TakeoverWait
    {
        get
        {
            double drift = DriftPercent / 100.0;
            double milliseconds = ((Lease.TotalMilliseconds / (1 - drift)) + StretchGuard.TotalMilliseconds) * (1 + drift);
            return TimeSpan.FromMilliseconds(Math.Ceiling(milliseconds / 100) * 100);
        }
    }

    /// <summary>Asserts the relations that the rules rest on; no duration is longer than <see cref="Longest"/>.</summary>
    /// <exception cref="ArgumentException">One does not hold.</exception>
    public void Validate()
    {
        foreach ((string name, TimeSpan value) in ((string, TimeSpan)[])
            [
                (nameof(Lease), Lease), (nameof(StretchGuard), StretchGuard), (nameof(RenewEvery), RenewEvery), (nameof(Heartbeat), Heartbeat), (nameof(ElectionMin), ElectionMin), (nameof(ElectionMax), ElectionMax),
                (nameof(ElectionAfterKillMin), ElectionAfterKillMin), (nameof(ElectionAfterKillMax), ElectionAfterKillMax), (nameof(SilentAfter), SilentAfter), (nameof(KilledAfter), KilledAfter),
                (nameof(KeySilentAfter), KeySilentAfter), (nameof(ProbeEvery), ProbeEvery), (nameof(HelperWaits), HelperWaits), (nameof(RoundTripMax), RoundTripMax), (nameof(LagMax), LagMax), (nameof(JoinBatchMax), _joinBatchMax ?? TimeSpan.Zero),
                (nameof(FoundAloneAfter), FoundAloneAfter), (nameof(RetryEvery), RetryEvery), (nameof(LateTickMin), LateTickMin), (nameof(HaltedAfter), HaltedAfter),
            ])
        {
            Require(value >= TimeSpan.Zero && value <= Longest, $"{name} is not negative, and at most {Longest.TotalHours:0} hours"); // First: what follows reckons with them.
        }

        Require(DriftPercent is >= 0 and < 50, "the drift is between 0 and 50 %");
        Require(Lease >= RenewEvery + (2 * ElectionMax) + (3 * RoundTripMax) + LagMax, "a lease outlives a renewal interval, two elections, three round trips and the lag: L >= h + 2 Emax + 3 RTT + lag");
        Require(ElectionMin < ElectionMax && ElectionAfterKillMin < ElectionAfterKillMax, "elections have room for chance");
        Require(Heartbeat * 3 <= ElectionMin, "three heartbeats may be lost before an election");
        Require(RoundTripMax < ElectionMin, "an election takes longer than a round trip");
        Require(ProbeEvery + HelperWaits + RoundTripMax < SilentAfter, "a suspect is pinged and helpers answer before it is silent");
        Require(KilledAfter < SilentAfter && KeySilentAfter < SilentAfter, "who was seen to be killed, or has a newcomer with its key, goes sooner than who is only silent");
        Require(HaltedAfter > SilentAfter && HaltedAfter >= SilentAfter + (2 * ElectionMax), "nobody says that a cluster halted before a silence and two elections may have passed");
        Require(LateTickMin > TimeSpan.Zero && LateTickMin < LagMax && LateTickMin < KilledAfter && LateTickMin < ElectionAfterKillMin, "a tick counts as late before a deadline could pass for it, and before the lag that a lease allows");
        Require(RenewEvery > TimeSpan.Zero && KilledAfter > TimeSpan.Zero && RetryEvery > TimeSpan.Zero && StretchGuard > TimeSpan.Zero && Heartbeat > TimeSpan.Zero && ProbeEvery > TimeSpan.Zero && HelperWaits > TimeSpan.Zero
            && KeySilentAfter > TimeSpan.Zero && JoinBatchMax > TimeSpan.Zero && FoundAloneAfter > TimeSpan.Zero && RoundTripMax > TimeSpan.Zero, "durations are positive");
        Require(Lease.Ticks % TimeSpan.TicksPerMillisecond == 0 && StretchGuard.Ticks % TimeSpan.TicksPerMillisecond == 0, "lease and guard are whole milliseconds, as members compare them");
    }

    private static void Require(bool holds, string relation)
    {
        if (!holds)
        {
            throw new ArgumentException($"The timing of views must keep this: {relation}.");
        }
    }
}
