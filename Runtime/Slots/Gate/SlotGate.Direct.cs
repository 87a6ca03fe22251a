using System.Collections.Concurrent;
using Kameo.Actors.Placement;
using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Gate;

/// <summary>
/// Direct ways: a node that calls an actor which is on record elsewhere than at the owner of its slot learns where, and sends its calls straight there from then on, or runs them here if it is here. A wrong way costs one
/// forward, and is left at once. <see cref="HandoffCore"/> (<c>.Direct.cs</c>) says why order is kept.
/// </summary>
/// <remarks>
/// It begins with a hint of the owner, who passed a call on. Calls of the actor wait while the way is asked for, a round trip, and while it is left; so no more than once for each stay of the actor on a node. Bound: <see cref="DirectWaysMax"/>
/// actors; calls of others go by the owners. Ways that nothing took for one to two times <see cref="s_lookForUnusedEvery"/> are left.
/// </remarks>
internal sealed partial class SlotGate
{
    /// <summary>Most actors that this node knows a direct way to. At about 250 bytes each 16 MiB.</summary>
    public const int DirectWaysMax = 65_536;

    /// <summary>Most ways that are left in one look, since each is a message.</summary>
    private const int UnusedMax = 512;

    /// <summary>How long calls wait for an answer; then they go by the owner, which keeps their order in any case.</summary>
    private static readonly TimeSpan s_askFor = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan s_leaveAgainEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>As long as for the flush of a slot.</summary>
    private static readonly TimeSpan s_leaveFor = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_lookForUnusedEvery = TimeSpan.FromMinutes(1);

    /// <summary>One caller is not told of the same actor more often than that.</summary>
    private static readonly TimeSpan s_hintEvery = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<ActorId, DirectWay> _ways = new();
    private readonly HashSet<DirectWay> _waysAsked = [];
    private readonly Dictionary<long, DirectWay> _waysLeft = [];
    private int _wayCount;
    private long _lastSeek;
    private long _passedByRecord;
    private TimeSpan _lookForUnusedAt;

    /// <summary>Calls that this node, owner of their slots, passed on to where their actors are on record. A glance: any thread.</summary>
    public long PassedByRecord => Interlocked.Read(ref _passedByRecord);

    /// <summary>How many actors this node knows a direct way to. A glance: any thread.</summary>
    public int DirectWays => Volatile.Read(ref _wayCount);

    /// <summary>As many as <see cref="DirectWaysMax"/>, but for tests.</summary>
    public int DirectWaysLimit { get; set; } = DirectWaysMax;

    /// <summary>The direct way to an actor; null: its calls go by the owner of its slot. Any thread.</summary>
    public DirectWay? WayOf(in ActorId id) => Volatile.Read(ref _wayCount) == 0 ? null : _ways.GetValueOrDefault(id);

    /// <summary>A call of this node whose actor it knows a direct way to.</summary>
    /// <returns>False: it goes by the owner.</returns>
    private bool TryGoDirect(TimeSpan now, CallRequest request)
    {
        if (_wayCount == 0 || !_ways.TryGetValue(request.Id, out DirectWay? way))
        {
            return false;
        }

        way.Use();
        if (way.State is not (DirectWayState.Open or DirectWayState.Here))
        {
            way.Held.Enqueue(request); // Bounded as all that is made here: asks by their table, tells by their deadlines.
        }
        else if (!TrySendBy(now, way, request))
        {
            way.Held.Enqueue(request);
            Close(now, way);
        }

        return true;
    }

    /// <returns>False if there is no way any more: the stay is over, or the connection.</returns>
    private bool TrySendBy(TimeSpan now, DirectWay way, CallRequest request)
    {
        if (way.Host == _core!.Self)
        {
            return _core.TryRunHere(now, request, way.Stay);
        }

        if (FindLine(way.Host) is null)
        {
            return false;
        }

        request.Stay = way.Stay;
        Forward(now, way.Host, request);
        return true;
    }

    /// <summary>As the owner, to who has sent a call that is passed on now: where the actor is.</summary>
    private void Hint(TimeSpan now, SlotLine caller, in ActorId id, in MemberId host)
    {
        if (caller.HintedOf != id || now - caller.HintedAt >= s_hintEvery)
        {
            caller.HintedOf = id;
            caller.HintedAt = now;
            caller.Connection.PutOrdered(new DirectNote(DirectNoteKind.Hint, id, host).Encode());
        }
    }

    private void TakeDirect(TimeSpan now, SlotLine line, in DirectNote note)
    {
        switch (note.Kind)
        {
            case DirectNoteKind.Hint:
                TakeHint(now, line, note);
                break;
            case DirectNoteKind.Seek:
                TakeSeek(now, line, note);
                break;
            case DirectNoteKind.Found:
                TakeFound(now, line.Member, note);
                break;
            case DirectNoteKind.Stray when _ways.TryGetValue(note.Id, out DirectWay? way) && way.State == DirectWayState.Open && way.Host == line.Member && way.Stay == note.Stay:
                Leave(now, [way]);
                break;
        }
    }

    private void TakeHint(TimeSpan now, SlotLine line, in DirectNote hint)
    {
        int slot = SlotHash.SlotOf(hint.Id);
        if (_wayCount < DirectWaysLimit && !_ways.ContainsKey(hint.Id) && _core!.GroupOf(hint.Id.ClassName)?.OwnerOf(slot) == line.Member && MayHost(hint.Member))
        {
            var way = new DirectWay(hint.Id, slot);
            if (!TrySeek(now, way))
            {
                Remove(way);
            }
        }
    }

    /// <summary>Asks for a way, behind all that was sent for the actor; from before that on its calls wait.</summary>
    /// <returns>False if that cannot be said now: what was made before is not all on its way.</returns>
    private bool TrySeek(TimeSpan now, DirectWay way)
    {
        if (way.IsUnwanted || _core!.GroupOf(way.Id.ClassName) is not { } group || group.StateOf(way.Slot) != SlotState.Elsewhere
            || FindLine(group.OwnerOf(way.Slot)) is not { IsReady: true } line || _outboxes.ContainsKey(line.Member))
        {
            return false;
        }

        way.State = DirectWayState.Asking;
        if (_ways.TryAdd(way.Id, way))
        {
            Volatile.Write(ref _wayCount, _wayCount + 1);
        }

        SendSections.WaitForAll();
        if (IsWaitedFor(line, way.Slot))
        {
            return false;
        }

        way.Token = ++_lastSeek;
        way.Owner = line.Member;
        way.Since = now;
        _waysAsked.Add(way);
        line.Connection.PutOrdered(new DirectNote(DirectNoteKind.Seek, way.Id, _core.Self, way.Token).Encode());
        return true;
    }

    /// <summary>As the owner, from the caller itself: passes it on behind all of its requests. As the host: answers.</summary>
    private void TakeSeek(TimeSpan now, SlotLine line, in DirectNote seek)
    {
        int slot = SlotHash.SlotOf(seek.Id);
        bool isPresent = line.PeerEpoch <= _core!.Epoch; // Else what came before it may be waiting for the view.
        bool isOwner = seek.Member == line.Member;
        if (isOwner && isPresent && _core.MayBeSought(seek.Id, slot, out MemberId host)
            && FindLine(host) is { IsReady: true } to && !_outboxes.ContainsKey(host) && !IsWaitedFor(to, slot))
        {
            to.Connection.PutOrdered(seek.Encode());
            return;
        }

        DirectNote found = seek with { Kind = DirectNoteKind.Found, Stay = isOwner || !isPresent ? 0 : _core.StayOf(seek.Id, slot) };
        if (seek.Member == _core.Self)
        {
            TakeFound(now, _core.Self, found);
        }
        else
        {
            FindLine(seek.Member)?.Connection.PutOrdered(found.Encode());
        }
    }

    private void TakeFound(TimeSpan now, in MemberId host, in DirectNote found)
    {
        if (!_ways.TryGetValue(found.Id, out DirectWay? way) || way.State != DirectWayState.Asking || way.Token != found.Token)
        {
            return;
        }

        if (found.Stay == 0 || !MayHost(host))
        {
            Close(now, way);
            return;
        }

        _waysAsked.Remove(way);
        way.Token = 0;
        way.Find(host, host == _core!.Self ? null : _transport!.PeerOf(host.Peer), found.Stay);
        while (way.Held.TryPeek(out CallRequest? request))
        {
            if (!TrySendBy(now, way, request))
            {
                Close(now, way);
                return;
            }

            way.Held.Dequeue();
        }

        way.State = host == _core.Self ? DirectWayState.Here : DirectWayState.Open; // Behind what waited: senders see it from here on.
    }

    /// <summary>Leaves ways to hosts that live: a flush goes behind all that was sent by each, and calls wait for its answer.</summary>
    private void Leave(TimeSpan now, IReadOnlyList<DirectWay> ways)
    {
        foreach (DirectWay way in ways)
        {
            way.State = DirectWayState.Leaving;
        }

        if (ways.Count > 0)
        {
            SendSections.WaitForAll();
        }

        foreach (DirectWay way in ways)
        {
            way.Token = _core!.Leave(now, way.Id, way.Slot, way.Host);
            way.Since = now;
            way.RetryAt = now + s_leaveAgainEvery;
            _waysLeft.Add(way.Token, way);
            _waysAsked.Add(way);
        }
    }

    /// <summary>All that went straight to the host is at the owner: where the actor is now is asked for, or calls go by the owner.</summary>
    private void EndLeave(TimeSpan now, long token)
    {
        if (_waysLeft.Remove(token, out DirectWay? way))
        {
            _waysAsked.Remove(way);
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
        _waysAsked.Remove(way);
        if (_waysLeft.Remove(way.Token))
        {
            _core!.ForgetLeave(way.Token);
        }

        way.Token = 0;
        while (way.Held.TryDequeue(out CallRequest? request))
        {
            request.Stay = 0;
            _core!.Dispatch(now, request);
        }

        _core!.CloseWay(way.Id);
    }

    /// <summary>What was held has taken its way.</summary>
    private void EndClose(TimeSpan now, in ActorId id)
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
            Volatile.Write(ref _wayCount, _wayCount - 1);
        }
    }

    /// <summary>A view was installed: who is gone is nobody's host, who leaves is left, and what was asked in another view is not asked any more.</summary>
    private void CheckWays(TimeSpan now, View view)
    {
        List<DirectWay> left = [];
        foreach ((_, DirectWay way) in _ways)
        {
            bool isThere = view.TryFind(way.Host, out Member? host);
            if (way.State == DirectWayState.Asking || (!isThere && way.State != DirectWayState.Closing && way.Host != _core!.Self))
            {
                Close(now, way);
            }
            else if (way.State == DirectWayState.Open && host!.State != MemberState.Up)
            {
                left.Add(way);
            }
        }

        Leave(now, left);
    }

    /// <summary>A connection ended: nothing is under way on it.</summary>
    private void CloseWaysBy(TimeSpan now, MemberId member)
    {
        foreach ((_, DirectWay way) in _ways)
        {
            if (way.State == DirectWayState.Asking ? way.Owner == member : way.Host == member && way.State is DirectWayState.Open or DirectWayState.Leaving)
            {
                Close(now, way);
            }
        }
    }

    /// <summary>A node leaves, and waits for this one to send nothing to it any more.</summary>
    private void LeaveWaysTo(TimeSpan now, MemberId member) =>
        Leave(now, [.. _ways.Values.Where(way => way.State == DirectWayState.Open && way.Host == member)]);

    private bool HasWaysTo(MemberId member) => _wayCount != 0 && _ways.Values.Any(way => way.State is DirectWayState.Open or DirectWayState.Leaving && way.Host == member);

    /// <summary>What time brings.</summary>
    private void LookAtWays(TimeSpan now)
    {
        foreach (DirectWay way in _waysAsked.ToArray())
        {
            if (now - way.Since >= (way.State == DirectWayState.Asking ? s_askFor : s_leaveFor))
            {
                Close(now, way);
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

        _lookForUnusedAt = now + s_lookForUnusedEvery;
        List<DirectWay> unused = [.. _ways.Values.Where(static way => way.State is DirectWayState.Open or DirectWayState.Here && !way.TakeUse()).Take(UnusedMax)];
        unused.ForEach(static way => way.IsUnwanted = true);
        Leave(now, [.. unused.Where(static way => way.State == DirectWayState.Open)]);
        unused.FindAll(static way => way.State == DirectWayState.Here).ForEach(way => Close(now, way));
    }

    /// <summary>The life is over; what waited is refused with all that did.</summary>
    private void ForgetWays()
    {
        foreach ((_, DirectWay way) in _ways)
        {
            way.State = DirectWayState.Closing;
            way.Held.Clear();
            Remove(way);
        }

        _waysAsked.Clear();
        _waysLeft.Clear();
    }

    /// <summary>Whether calls may go straight to a node.</summary>
    private bool MayHost(in MemberId host) => host == _core!.Self || (_view?.TryFind(host, out Member? member) == true && member.State == MemberState.Up && FindLine(host) is not null);
}
