namespace Kameo.Actors.Transport.Views;

/// <summary>
/// What all members of a cluster must agree on for leases to exclude each other: the wait of a new owner is reckoned from the same L, rho and G as the lease of the old one. Fixed by the founder; a newcomer with others
/// is refused.
/// </summary>
/// <param name="LeaseMilliseconds">L.</param>
/// <param name="DriftPercent">rho.</param>
/// <param name="GuardMilliseconds">G.</param>
internal readonly record struct LeaseTerms(int LeaseMilliseconds, int DriftPercent, int GuardMilliseconds)
{
    /// <summary>The terms of a profile.</summary>
    public static LeaseTerms Of(ViewTiming timing) => new((int)timing.Lease.TotalMilliseconds, timing.DriftPercent, (int)timing.StretchGuard.TotalMilliseconds);
}
