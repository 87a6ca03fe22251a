using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation;

/// <summary>Bugs that can be planted: each turns one rule off, and a checker must see it.</summary>
internal static class Plants
{
    /// <summary>Name, what is wrong, and the rules with it.</summary>
    public static IReadOnlyList<(string Name, string What, ViewRules Rules)> All { get; } =
    [
        ("lease-from-receipt", "a lease counts from the receipt of its grant", ViewRules.Right with { LeaseCountsFromStamp = false }),
        ("older-acknowledgements", "a grant is given on acknowledgements older than the Renew", ViewRules.Right with { GrantWaitsForLaterRound = false }),
        ("uncommitted-eviction", "the wait counts from an eviction that is not agreed", ViewRules.Right with { WaitCountsFromCommit = false }),
        ("wait-without-drift", "the wait has neither drift factors nor the guard of a stretch", ViewRules.Right with { WaitCountsDrift = false }),
        ("last-owner-only", "only the last owner is asked for its release", ViewRules.Right with { AllFormerOwnersRelease = false }),
        ("joiner-without-unsettled", "a joiner's snapshot lacks unsettled entries", ViewRules.Right with { JoinerLearnsUnsettled = false }),
        ("no-joint-step", "stewards change without a joint step", ViewRules.Right with { JointSteps = false }),
        ("votes-by-peer", "a vote counts for the peer, whatever its incarnation", ViewRules.Right with { VotersAreIncarnations = false }),
        ("term-forgotten", "term and vote are forgotten on demotion", ViewRules.Right with { TermOutlivesRole = false }),
        ("hosts-from-gossip", "who hosts a type is read from what the node sees, not from the view", ViewRules.Right with { HostsFromView = false }),
        ("old-continuation", "a continuation of an old incarnation is resumed", ViewRules.Right with { ContinuationChecksIncarnation = false }),
        ("reform-by-majority", "a majority of members re-forms", ViewRules.Right with { ReformNeedsAll = false }),
        ("state-without-vote", "the state directory holds the log, but neither term nor vote", ViewRules.Right with { StateHoldsVote = false }),
        ("late-tick", "deadlines are not moved after a late tick", ViewRules.Right with { LateTickMovesDeadlines = false }),
    ];

    /// <summary>The rules with a plant; the right ones for none.</summary>
    public static ViewRules? Find(string? name) =>
        string.IsNullOrEmpty(name) ? ViewRules.Right : All.FirstOrDefault(plant => plant.Name == name).Rules;
}
