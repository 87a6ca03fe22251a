using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Transport.Views.Leases;

/// <summary>
/// Until when who is gone may still hold what a newer view gives to somebody else: its lease has surely ended W after the committed entry that evicted it was applied here.
/// </summary>
/// <remarks>A joiner counts from applying its snapshot, which is the settled view plus every entry since.</remarks>
/// <param name="log">The log.</param>
/// <param name="timing">Durations.</param>
/// <param name="rules">The rules.</param>
internal sealed class Takeover(ViewLog log, ViewTiming timing, ViewRules rules)
{
    private readonly Dictionary<MemberId, TimeSpan> _goneSince = [];
    private TimeSpan _baseSince;

    private TimeSpan Wait => rules.WaitCountsDrift ? timing.TakeoverWait : timing.Lease;

    /// <summary>The log starts anew, at a base applied now.</summary>
    public void Started(TimeSpan now)
    {
        _goneSince.Clear();
        _baseSince = now;
    }

    /// <summary>An agreed entry is applied now.</summary>
    public void Applied(TimeSpan now, LogEntry entry) => Count(now, entry, isAgreed: true);

    /// <summary>An entry was appended that is not agreed yet: nothing counts from here.</summary>
    public void Appended(TimeSpan now, LogEntry entry)
    {
        if (!rules.WaitCountsFromCommit)
        {
            Count(now, entry, isAgreed: false);
        }
    }

    /// <summary>Views before the base were settled: who left in them holds nothing.</summary>
    public void Settled()
    {
        if (_goneSince.Count == 0)
        {
            return;
        }

        HashSet<MemberId> kept = [];
        for (long index = log.Base.Index + 1; index <= log.Tip.Index; index++)
        {
            if (log.At(index).Entry?.Change is { } change)
            {
                kept.UnionWith(change.Removed.Select(static departure => departure.Id));
            }
        }

        foreach (MemberId id in _goneSince.Keys.Where(id => !kept.Contains(id)).ToArray())
        {
            _goneSince.Remove(id);
        }
    }

    /// <summary>When the lease of whoever is gone has surely ended; <see cref="ViewTiming.LongAgo"/> for who left gracefully.</summary>
    public TimeSpan ClearAt(in Departure departure) =>
        !departure.IsEviction ? ViewTiming.LongAgo : _goneSince.TryGetValue(departure.Id, out TimeSpan since) ? since + Wait : TimeSpan.MaxValue;

    /// <summary>When leases of a cluster that this one re-formed have surely ended.</summary>
    public TimeSpan ReformClearAt => log.Base.View.WaitsFirst ? _baseSince + Wait : ViewTiming.LongAgo;

    /// <summary>When every lease has surely ended of who was evicted up to an index; for the leader's settled epoch.</summary>
    public TimeSpan EvictedUpTo(long index)
    {
        TimeSpan clearAt = ReformClearAt;
        for (long at = log.Base.Index + 1; at <= index; at++)
        {
            if (log.At(at).Entry?.Change is not { Removed.Count: > 0 } change)
            {
                continue;
            }

            foreach (Departure departure in change.Removed)
            {
                TimeSpan clear = ClearAt(departure);
                clearAt = clear > clearAt ? clear : clearAt;
            }
        }

        return clearAt;
    }

    private void Count(TimeSpan now, LogEntry entry, bool isAgreed)
    {
        if (entry.Change is not { Removed.Count: > 0 } change)
        {
            return;
        }

        foreach (Departure departure in change.Removed)
        {
            if (!_goneSince.TryAdd(departure.Id, now) && isAgreed && rules.WaitCountsFromCommit)
            {
                _goneSince[departure.Id] = now;
            }
        }
    }
}
