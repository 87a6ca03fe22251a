namespace Kameo.Actors.Transport.Views;

/// <summary>Every duration of views, leases and detection. <see cref="Lan"/> and <see cref="Wan"/> are the profiles; <see cref="Validate"/> asserts what must hold between them.</summary>
/// <remarks>All are measured on the clock of the node that uses them. Nothing here is compared between nodes.</remarks>
internal sealed record ViewTiming
{
    /// <summary>Before any time of any clock, and still far enough from the end of the scale to be reckoned with.</summary>
    public static readonly TimeSpan LongAgo = TimeSpan.FromDays(-1_000_000);

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
        JoinBatchMax = TimeSpan.FromSeconds(20),
        FoundAloneAfter = TimeSpan.FromSeconds(2),
        HaltedAfter = TimeSpan.FromSeconds(20),
    };

    /// <summary>L: how long a lease lasts from the stamp of its Renew.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>rho: by how much a clock's rate may differ from true time, in parts of a hundred. 10 is the largest rate that Linux allows a clock to be slewed by.</summary>
    public int DriftPercent { get; init; } = 10;

    /// <summary>G: how long code that was entered under a lease may take, in true time, to reach its next await before somebody else may start.</summary>
    public TimeSpan StretchGuard { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>h: how often a member renews.</summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a leader starts a round of heartbeats.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The shortest time without a leader after which a steward stands for election.</summary>
    public TimeSpan ElectionMin { get; init; } = TimeSpan.FromMilliseconds(750);

    /// <summary>Emax: the longest.</summary>
    public TimeSpan ElectionMax { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>The shortest time to stand for election when the leader was seen to be killed.</summary>
    public TimeSpan ElectionAfterKillMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest such time.</summary>
    public TimeSpan ElectionAfterKillMax { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>S: a member of whom nothing was heard by any path for so long is evicted as silent.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromMilliseconds(2200);

    /// <summary>How long after its connection ended a member whose address refuses is evicted as killed.</summary>
    public TimeSpan KilledAfter { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long a former incarnation must have been silent before a newcomer with its key is admitted in its place.</summary>
    public TimeSpan KeySilentAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long nothing was heard of a watched member before it is pinged.</summary>
    public TimeSpan ProbeEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a helper waits for a suspect before it answers that it heard nothing.</summary>
    public TimeSpan HelperWaits { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>The round trip that the profile is made for.</summary>
    public TimeSpan RoundTripMax { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How late a node's own thread may run without losing its lease. Measured: a thread of one's own is 0.3 s late with a saturated pool.</summary>
    public TimeSpan LagMax { get; init; } = TimeSpan.FromMilliseconds(450);

    /// <summary>How long joins wait at most for the view before to settle.</summary>
    public TimeSpan JoinBatchMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a node that may found alone looks for others first.</summary>
    public TimeSpan FoundAloneAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often a dial, a question to a seed or a request to join is repeated.</summary>
    public TimeSpan RetryEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How late a node's tick must be before it moves its failure deadlines: above what a scheduler does to a thread of its own.</summary>
    public TimeSpan LateTickMin { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a steward majority must be missing before a node says that the cluster halted.</summary>
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

    /// <summary>Asserts the relations that the rules rest on.</summary>
    /// <exception cref="ArgumentException">One does not hold.</exception>
    public void Validate()
    {
        Require(DriftPercent is >= 0 and < 50, "the drift is between 0 and 50 %");
        Require(Lease >= RenewEvery + (2 * ElectionMax) + (3 * RoundTripMax) + LagMax, "a lease outlives a renewal interval, two elections, three round trips and the lag: L >= h + 2 Emax + 3 RTT + lag");
        Require(ElectionMin < ElectionMax && ElectionAfterKillMin < ElectionAfterKillMax, "elections have room for chance");
        Require(Heartbeat * 3 <= ElectionMin, "three heartbeats may be lost before an election");
        Require(RoundTripMax < ElectionMin, "an election takes longer than a round trip");
        Require(ProbeEvery + HelperWaits + RoundTripMax < SilentAfter, "a suspect is pinged and helpers answer before it is silent");
        Require(RenewEvery > TimeSpan.Zero && KilledAfter > TimeSpan.Zero && RetryEvery > TimeSpan.Zero && StretchGuard > TimeSpan.Zero, "durations are positive");
    }

    private static void Require(bool holds, string relation)
    {
        if (!holds)
        {
            throw new ArgumentException($"The timing of views must keep this: {relation}.");
        }
    }
}
