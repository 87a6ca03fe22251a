using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views.Leases;

/// <summary>
/// A member's side of its lease: it pulls. The lease ends at the stamp of a Renew plus L on this node's clock, however late the grant arrives, and a grant counts only once its epoch is installed.
/// </summary>
/// <param name="self">This node in this life.</param>
/// <param name="timing">Durations.</param>
/// <param name="rules">The rules.</param>
internal sealed class LeaseHolder(MemberId self, ViewTiming timing, ViewRules rules)
{
    private TimeSpan _newestStamp = ViewTiming.LongAgo;
    private TimeSpan _waitingEnd = ViewTiming.LongAgo;
    private long _waitingEpoch;

    /// <summary>When the lease ends. Code is entered only before, by a fresh reading of the clock.</summary>
    public TimeSpan End { get; private set; } = ViewTiming.LongAgo;

    /// <summary>When to renew next.</summary>
    public TimeSpan NextRenewal { get; private set; }

    /// <summary>The stamp of the newest grant that was taken.</summary>
    public TimeSpan GrantedStamp { get; private set; } = ViewTiming.LongAgo;

    /// <summary>Makes a renewal, stamped before it is sent.</summary>
    public Renewal Renew(TimeSpan now, long releasedEpoch)
    {
        NextRenewal = now + timing.RenewEvery;
        _newestStamp = now;
        return new Renewal(self, now, releasedEpoch);
    }

    /// <summary>Takes a grant.</summary>
    /// <param name="now">The time.</param>
    /// <param name="grantEpoch">The epoch that must be installed first.</param>
    /// <param name="stamp">The stamp of the renewal that it answers.</param>
    /// <param name="installedEpoch">The epoch that is installed.</param>
    public void Handle(TimeSpan now, long grantEpoch, TimeSpan stamp, long installedEpoch)
    {
        // A stamp that was never sent would be a lease without end.
        if (stamp > _newestStamp)
        {
            return;
        }

        TimeSpan end = (rules.LeaseCountsFromStamp ? stamp : now) + timing.Lease;
        GrantedStamp = stamp > GrantedStamp ? stamp : GrantedStamp;
        if (grantEpoch <= installedEpoch)
        {
            End = end > End ? end : End;
        }
        else if (end > _waitingEnd)
        {
            _waitingEnd = end;
            _waitingEpoch = grantEpoch;
        }
    }

    /// <summary>An epoch was installed: what waited for it counts.</summary>
    public void Installed(long epoch)
    {
        if (_waitingEnd > End && _waitingEpoch <= epoch)
        {
            End = _waitingEnd;
        }
    }
}
