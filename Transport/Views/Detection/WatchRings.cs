namespace Kameo.Actors.Transport.Views.Detection;

/// <summary>
/// Whom a member watches: in each of K pseudo-random rings over the members the one that follows it. Fixed by the view, the same everywhere; K rings are an expander, so that no set of members is watched
/// only from inside (Rapid, USENIX ATC 2018, section 4.1). With at most K others it watches them all.
/// </summary>
internal static class WatchRings
{
    /// <summary>Whom a member watches.</summary>
    public static List<MemberId> WatchedBy(in MemberId watcher, View view)
    {
        List<MemberId> watched = new(Math.Min(view.Members.Count, ViewLimits.WatchedMax));
        if (view.Members.Count - 1 <= ViewLimits.WatchedMax)
        {
            foreach (Member member in view.Members)
            {
                if (member.Id != watcher)
                {
                    watched.Add(member.Id);
                }
            }

            return watched;
        }

        for (int ring = 0; ring < ViewLimits.WatchedMax; ring++)
        {
            MemberId next = Follower(watcher, view, ring);
            if (!watched.Contains(next))
            {
                watched.Add(next);
            }
        }

        return watched;
    }

    private static MemberId Follower(in MemberId watcher, View view, int ring)
    {
        ulong own = Place(watcher, ring);
        ulong least = ulong.MaxValue;
        MemberId follower = default;
        foreach (Member member in view.Members)
        {
            // Distances along the ring wrap around by themselves.
            ulong distance = Place(member.Id, ring) - own;
            if (member.Id != watcher && distance <= least)
            {
                least = distance;
                follower = member.Id;
            }
        }

        return follower;
    }

    /// <summary>Where a member stands in a ring: the finaliser of SplitMix64 over its incarnation, which is random already.</summary>
    private static ulong Place(in MemberId id, int ring)
    {
        ulong z = id.Incarnation.Value + ((ulong)(ring + 1) * 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
