namespace Kameo.Actors.Transport.Views;

/// <summary>
/// The rules that a counterexample once forced, each as a switch that is on. Production code never turns one off; the simulator does, one at a time, to show that its checkers see what the rule prevents.
/// </summary>
internal sealed record ViewRules
{
    /// <summary>The right rules.</summary>
    public static ViewRules Right { get; } = new();

    /// <summary>A lease ends at the stamp plus L, however late the grant arrives.</summary>
    public bool LeaseCountsFromStamp { get; init; } = true;

    /// <summary>A grant waits for a heartbeat round that started after its Renew was read.</summary>
    public bool GrantWaitsForLaterRound { get; init; } = true;

    /// <summary>The wait for an evicted member's lease counts from applying the committed eviction.</summary>
    public bool WaitCountsFromCommit { get; init; } = true;

    /// <summary>The wait is stretched by what clocks may differ.</summary>
    public bool WaitCountsDrift { get; init; } = true;

    /// <summary>A joiner's snapshot is the settled view plus every entry since, evictions included.</summary>
    public bool JoinerLearnsUnsettled { get; init; } = true;

    /// <summary>A change of stewards is agreed by a majority of the old and of the new ones.</summary>
    public bool JointSteps { get; init; } = true;

    /// <summary>Nobody is evicted by a view that leaves no majority of the stewards who agree on it.</summary>
    public bool StewardsStayMajority { get; init; } = true;

    /// <summary>A voter is a peer in one incarnation.</summary>
    public bool VotersAreIncarnations { get; init; } = true;

    /// <summary>Term and vote live as long as the incarnation, whatever its role.</summary>
    public bool TermOutlivesRole { get; init; } = true;

    /// <summary>Who hosts what is read from the view and nowhere else.</summary>
    public bool HostsFromView { get; init; } = true;

    /// <summary>A continuation is resumed only in the incarnation that began it.</summary>
    public bool ContinuationChecksIncarnation { get; init; } = true;

    /// <summary>A cluster re-forms only when every peer of the newest view known is present.</summary>
    public bool ReformNeedsAll { get; init; } = true;

    /// <summary>Term and vote are part of the state that is synced before an answer.</summary>
    public bool StateHoldsVote { get; init; } = true;

    /// <summary>A node whose own tick was late moves its failure deadlines by as much.</summary>
    public bool LateTickMovesDeadlines { get; init; } = true;
}
