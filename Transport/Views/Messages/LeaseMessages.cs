namespace Kameo.Actors.Transport.Views.Messages;

/// <summary>One member's wish to renew its lease.</summary>
/// <param name="Member">Who.</param>
/// <param name="Stamp">Its own clock, read before it sent this. Nobody else's clock is ever compared with it.</param>
/// <param name="ReleasedEpoch">The newest epoch that it has installed and in which it has released all that it does not own.</param>
internal readonly record struct Renewal(MemberId Member, TimeSpan Stamp, long ReleasedEpoch);

/// <summary>Renewals on their way to the leader: a member's own to its steward, or those that a steward gathered.</summary>
/// <param name="Items">The renewals.</param>
internal sealed record Renew(IReadOnlyList<Renewal> Items) : ViewMessage;

/// <summary>One member's lease: until its stamp plus L on its own clock.</summary>
/// <param name="Member">Whose.</param>
/// <param name="Stamp">The stamp of the renewal that this answers.</param>
internal readonly record struct LeaseGrant(MemberId Member, TimeSpan Stamp);

/// <summary>Leases on their way from the leader.</summary>
/// <param name="GrantEpoch">Counts only once this epoch is installed.</param>
/// <param name="Items">The leases.</param>
internal sealed record Grant(long GrantEpoch, IReadOnlyList<LeaseGrant> Items) : ViewMessage;
