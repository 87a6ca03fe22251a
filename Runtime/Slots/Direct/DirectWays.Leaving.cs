using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Direct;

/// <summary>How direct ways end: behind a flush where the host lives, at once where it is gone.</summary>
internal sealed partial class DirectWays
{
    /// <summary>Most ways that are left in one look, since each is a message.</summary>
    private const int UnusedMax = 512;

    private static readonly TimeSpan s_leaveAgainEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>As long as for the flush of a slot.</summary>
    private static readonly TimeSpan s_leaveFor = TimeSpan.FromSeconds(30);

    /// <summary>How often calls that wait for a way are looked at whether their time has passed.</summary>
    private static readonly TimeSpan s_expireEvery = TimeSpan.FromMilliseconds(250);

    private TimeSpan _lookForUnusedAt;
    private TimeSpan _expireAt;

    /// <summary>How often ways that nothing took are looked for.</summary>
    public TimeSpan LookForUnusedEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Leaves ways to hosts that live: a flush goes behind all that was sent by each, and calls wait for its answer.</summary>
    private void Leave(TimeSpan now, IReadOnlyList<DirectWay> ways)
    {
        foreach (DirectWay way in ways)
        {
            way.State = DirectWayState.Leaving;
        }

        if (ways.Count > 0)
        {
            shell.WaitForSenders();
        }

        foreach (DirectWay way in ways)
        {
            if (!rules.FlushesLeftWay)
            {
                Close(now, way);
                continue;
            }

            way.Token = _core!.Leave(now, way.Id, way.Slot, way.Host);
            way.Since = now;
            way.RetryAt = now + s_leaveAgainEvery;
            _left.Add(way.Token, way);
            _asked.Add(way);
        }
    }

    /// <summary>All that went straight to the host is at the owner: where the actor is now is asked for, or calls go by the owner. For <see cref="HandoffOutputKind.WayLeft"/>.</summary>
    public void EndLeave(TimeSpan now, long token)
    {
        if (_left.Remove(token, out DirectWay? way))
        {
            _asked.Remove(way);
            way.Token = 0;
            if (!TrySeek(now, way))
            {
                Close(now, way);
            }
        }
    }

    /// <summary>There is no way any more, and nothing to flush, or nobody to flush it: what waits goes by the owner, and when that is done, what comes next.</summary>
    private void Close(TimeSpan now, DirectWay way)
    {
        way.State = DirectWayState.Closing;
        _asked.Remove(way);
        if (_left.Remove(way.Token))
        {
            _core!.ForgetLeave(way.Token);
        }

        way.Token = 0;
        while (way.Held.TryDequeue(out SlotRequest? request))
        {
            request.Stay = 0;
            _core!.Dispatch(now, request);
        }

        _core!.CloseWay(way.Id);
    }

    /// <summary>What was held has taken its way. For <see cref="HandoffOutputKind.WayClosed"/>.</summary>
    public void EndClose(TimeSpan now, in ActorId id)
    {
        if (!_ways.TryGetValue(id, out DirectWay? way) || way.State != DirectWayState.Closing)
        {
            return;
        }

        if (way.Held.Count > 0)
        {
            Close(now, way); // Made by what that led to.
        }
        else
        {
            Remove(way);
        }
    }

    private void Remove(DirectWay way)
    {
        if (_ways.TryRemove(KeyValuePair.Create(way.Id, way)))
        {
            Volatile.Write(ref _count, _count - 1);
        }
    }

    /// <summary>What hosts are judged by, from before the core installs a view that it comes with.</summary>
    public void Note(View view) => _view = view;

    /// <summary>The core has installed a view: who is gone is nobody's host, who leaves is left, and what was asked in another view is not asked any more.</summary>
    public void Install(TimeSpan now, View view)
    {
        List<DirectWay> left = [];
        foreach ((_, DirectWay way) in _ways)
        {
            bool isThere = view.TryFind(way.Host, out Member? host);
            if (way.State == DirectWayState.Asking || (!isThere && way.State != DirectWayState.Closing && way.Host != _core!.Self))
            {
                Close(now, way);
            }
            else if (way.IsOut && host!.State != MemberState.Up)
            {
                left.Add(way);
            }
        }

        Leave(now, left);
    }

    /// <summary>A node has a connection again: what waited for that goes.</summary>
    public void Connected(TimeSpan now, in MemberId member)
    {
        foreach (DirectWay way in _asked.ToArray())
        {
            if (way.State == DirectWayState.Waiting && way.Host == member)
            {
                SendHeld(now, way);
            }
        }
    }

    /// <summary>A connection ended: nothing is under way on it.</summary>
    public void ConnectionEnded(TimeSpan now, in MemberId member)
    {
        foreach ((_, DirectWay way) in _ways)
        {
            if (way.State == DirectWayState.Asking ? way.Owner == member : way.Host == member && (way.IsOut || way.State == DirectWayState.Leaving))
            {
                Close(now, way);
            }
        }
    }

    /// <summary>A node leaves, and waits for this one to send nothing to it any more.</summary>
    public void LeaveAll(TimeSpan now, MemberId member) =>
        Leave(now, [.. _ways.Values.Where(way => way.IsOut && way.Host == member)]);

    /// <summary>Whether calls go, or went and are not known to have come, straight to a node.</summary>
    public bool LeadTo(MemberId member) => _count != 0 && _ways.Values.Any(way => (way.IsOut || way.State == DirectWayState.Leaving) && way.Host == member);

    /// <summary>What time brings.</summary>
    public void Look(TimeSpan now)
    {
        bool isToExpire = now >= _expireAt;
        _expireAt = isToExpire ? now + s_expireEvery : _expireAt;
        foreach (DirectWay way in _asked.ToArray())
        {
            if (isToExpire)
            {
                Expire(now, way);
            }

            if (now - way.Since >= (way.State == DirectWayState.Asking ? s_askFor : s_leaveFor))
            {
                Close(now, way);
            }
            else if (way.State == DirectWayState.Waiting)
            {
                SendHeld(now, way); // Nobody says when what goes to its host before it has gone.
            }
            else if (way.State == DirectWayState.Leaving && now >= way.RetryAt)
            {
                way.RetryAt = now + s_leaveAgainEvery;
                _core!.LeaveAgain(now, way.Token, way.Host);
            }
        }

        if (now < _lookForUnusedAt)
        {
            return;
        }

        _lookForUnusedAt = now + LookForUnusedEvery;
        List<DirectWay> unused = [.. _ways.Values.Where(static way => way.State is DirectWayState.Open or DirectWayState.Here && !way.TakeUse()).Take(UnusedMax)];
        unused.ForEach(static way => way.IsUnwanted = true);
        Leave(now, [.. unused.Where(static way => way.State == DirectWayState.Open)]);
        unused.FindAll(static way => way.State == DirectWayState.Here).ForEach(way => Close(now, way));
    }

    private void Expire(TimeSpan now, DirectWay way)
    {
        for (int count = way.Held.Count; count > 0; count--)
        {
            SlotRequest request = way.Held.Dequeue();
            if (now < request.Deadline)
            {
                way.Held.Enqueue(request);
            }
            else
            {
                _core!.RefuseExpired(request);
            }
        }
    }

    /// <summary>The life is over; what waited its shell refuses with all that did.</summary>
    public void End()
    {
        foreach ((_, DirectWay way) in _ways)
        {
            way.State = DirectWayState.Closing;
            way.Held.Clear();
            Remove(way);
        }

        _asked.Clear();
        _left.Clear();
    }
}
