using Kameo.Actors.Slots;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation;

/// <summary>Bugs that can be planted: each turns one rule off, and a checker must see it.</summary>
internal static class Plants
{
    /// <summary>Name, what is wrong, and the rules with it.</summary>
    public static IReadOnlyList<(string Name, string What, Planted Rules)> All { get; } =
    [
        ("lease-from-receipt", "a lease counts from the receipt of its grant", Views(ViewRules.Right with { LeaseCountsFromStamp = false })),
        ("older-acknowledgements", "a grant is given on acknowledgements older than the Renew", Views(ViewRules.Right with { GrantWaitsForLaterRound = false })),
        ("uncommitted-eviction", "the wait counts from an eviction that is not agreed", Views(ViewRules.Right with { WaitCountsFromCommit = false })),
        ("wait-without-drift", "the wait has neither drift factors nor the guard of a stretch", Views(ViewRules.Right with { WaitCountsDrift = false })),
        ("last-owner-only", "only the last owner is asked for its release", Handoff(HandoffRules.Right with { AllFormerOwnersRelease = false })),
        ("joiner-without-unsettled", "a joiner's snapshot lacks unsettled entries", Views(ViewRules.Right with { JoinerLearnsUnsettled = false })),
        ("no-joint-step", "stewards change without a joint step", Views(ViewRules.Right with { JointSteps = false })),
        ("stewards-voted-out", "stewards are evicted though those that stay are no majority of them", Views(ViewRules.Right with { StewardsStayMajority = false })),
        ("votes-by-peer", "a vote counts for the peer, whatever its incarnation", Views(ViewRules.Right with { VotersAreIncarnations = false })),
        ("term-forgotten", "term and vote are forgotten on demotion", Views(ViewRules.Right with { TermOutlivesRole = false })),
        ("hosts-from-gossip", "who hosts a type is read from what the node sees, not from the view", Views(ViewRules.Right with { HostsFromView = false })),
        ("old-continuation", "a continuation of an old incarnation is resumed", Views(ViewRules.Right with { ContinuationChecksIncarnation = false })),
        ("reform-by-majority", "a majority of members re-forms", Views(ViewRules.Right with { ReformNeedsAll = false })),
        ("state-without-vote", "the state directory holds the log, but neither term nor vote", Views(ViewRules.Right with { StateHoldsVote = false })),
        ("late-tick", "deadlines are not moved after a late tick", Views(ViewRules.Right with { LateTickMovesDeadlines = false })),
        ("evicted-forwards", "what an evicted node still sends is accepted", Handoff(HandoffRules.Right with { RefusesEvicted = false })),
        ("no-flush", "a sender takes the way to the new owner without flushing the old one", Handoff(HandoffRules.Right with { FlushesOldRoute = false })),
        ("no-recovery", "the new owner of a dead one's slot does not ask what others have of it", Handoff(HandoffRules.Right with { RecoversDirectory = false })),
        ("busy-not-told", "what still runs where a slot was is not told to the new owner", Handoff(HandoffRules.Right with { TellsBusy = false })),
        ("no-closing", "an actor that ended is taken over before what was on its way to it came back", Handoff(HandoffRules.Right with { ClosesBehindReturned = false })),
        ("records-stay", "records of placements do not move with the slot", Handoff(HandoffRules.Right with { RecordsMove = false })),
        ("calls-pass-seek", "calls go on by the owner while a direct way to their actor is asked for, and then take it", Handoff(HandoffRules.Right with { HoldsWhileWayIsAsked = false })),
        ("any-stay", "a host runs what was sent straight to it for an earlier stay of the actor", Handoff(HandoffRules.Right with { ChecksStay = false })),
        ("no-way-flush", "calls go by the owner again without a flush of the direct way", Handoff(HandoffRules.Right with { FlushesLeftWay = false })),
        ("no-wait-for-way", "calls that find the host of their actor without a connection go by the owner at once", Handoff(HandoffRules.Right with { WaitsForConnection = false })),
        ("names-jump-gaps", "a delta of names is taken by whoever does not know what came before", Names(RegistryFlaws.JumpGaps)),
        ("removals-forgotten", "who no longer remembers all removals since a receiver's counter answers as if it did", Names(RegistryFlaws.TrustShortLogs)),
        ("dead-names-stay", "names of an incarnation stay when the view has it no more", Names(RegistryFlaws.KeepGoneWriters)),
        ("names-by-peer", "names and counter of an earlier incarnation count for the next one of the peer", Names(RegistryFlaws.WritersArePeers)),
        ("first-heard-wins", "of two claims to a name the one heard of first has it", Names(RegistryFlaws.FirstHeardWins)),
        ("joiners-not-awaited", "a name counts as visible everywhere though members that joined do not know it", Names(RegistryFlaws.ForgetJoiners)),
        ("names-from-one", "a process that goes on with an incarnation numbers its names from 1 again", Planted.Nothing with { NamesGoOn = false }),
    ];

    private static Planted Views(ViewRules rules) => Planted.Nothing with { Views = rules };

    private static Planted Handoff(HandoffRules rules) => Planted.Nothing with { Handoff = rules };

    private static Planted Names(RegistryFlaws flaws) => Planted.Nothing with { Registry = flaws };

    /// <summary>The rules with a plant; the right ones for none.</summary>
    public static Planted? Find(string? name) =>
        string.IsNullOrEmpty(name) ? Planted.Nothing : All.FirstOrDefault(plant => plant.Name == name).Rules;
}
