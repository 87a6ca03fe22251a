using System.Collections.Concurrent;
using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Direct;

/// <summary>
/// Direct ways: a node that calls an actor which is on record elsewhere than at the owner of its slot learns where, and sends its calls straight there from then on, or runs them here if it is here. A wrong way costs one
/// forward, and is left at once. <see cref="HandoffCore"/> (<c>.Direct.cs</c>) says why order is kept. This file: how a way is found; <c>.Leaving.cs</c>: how it ends.
/// </summary>
/// <remarks>
/// <para>It begins with a hint of the owner, who passed a call on. Calls of the actor wait while the way is asked for, a round trip, and while it is left; so no more than once for each stay of the actor on a node. Bound: <see cref="Max"/>
/// actors; calls of others go by the owners. Ways that nothing took for one to two times <see cref="LookForUnusedEvery"/> are left.</para>
/// <para>Pure, as the core is: time, notes, views and ends of connections come in, and what it wants done the shell does. All of it under the shell's lock, but <see cref="Find"/> and <see cref="Count"/>, which are for any thread. After
/// every call the outputs of the core are to be taken.</para>
/// </remarks>
/// <param name="shell">What is around it.</param>
/// <param name="rules">The rules.</param>
internal sealed partial class DirectWays(IDirectShell shell, HandoffRules rules)
{
    /// <summary>Most actors that this node knows a direct way to. At about 250 bytes each 16 MiB.</summary>
    public const int Max = 65_536;

    /// <summary>How long calls wait for an answer; then they go by the owner, which keeps their order in any case.</summary>
    private static readonly TimeSpan s_askFor = TimeSpan.FromMilliseconds(250);

    /// <summary>One caller is not told of the same actor more often than that.</summary>
    private static readonly TimeSpan s_hintEvery = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<ActorId, DirectWay> _ways = new();
    private readonly HashSet<DirectWay> _asked = [];
    private readonly Dictionary<long, DirectWay> _left = [];
    private HandoffCore? _core;
    private View? _view;
    private int _count;
    private long _lastSeek;

    /// <summary>How many actors this node knows a direct way to. A glance: any thread.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>As many as <see cref="Max"/>, but for tests.</summary>
    public int Limit { get; set; } = Max;

    /// <summary>Whether an answer is waited for, so that <see cref="Look"/> is to be called soon.</summary>
    public bool IsAsking => _asked.Count > 0;

    /// <summary>The direct way to an actor; null: its calls go by the owner of its slot. Any thread.</summary>
    public DirectWay? Find(in ActorId id) => Volatile.Read(ref _count) == 0 ? null : _ways.GetValueOrDefault(id);

    /// <summary>A life begins.</summary>
    public void Begin(HandoffCore core)
    {
        _core = core;
        _view = null;
    }

    /// <summary>A call of this node, which may have a direct way.</summary>
    /// <returns>False: it goes by the owner.</returns>
    public bool TryGo(TimeSpan now, SlotRequest request)
    {
        if (_count == 0 || !_ways.TryGetValue(request.Id, out DirectWay? way) || (way.State == DirectWayState.Asking && !rules.HoldsWhileWayIsAsked))
        {
            return false;
        }

        way.Use();
        way.Held.Enqueue(request); // Bounded as all that is made here: asks by their table, tells by their deadlines.
        if (way.State is DirectWayState.Open or DirectWayState.Waiting or DirectWayState.Here)
        {
            SendHeld(now, way);
        }

        return true;
    }

    /// <summary>As the owner: whether who sent a request that is passed on now is to be told where the actor is: the first owner that it came to tells it.</summary>
    public static bool IsToBeHinted(SlotRequest request) => request is { ByRecord: true, IsRecorded: true, HopsLeft: HandoffLimits.HopsMax - 1 };

    /// <summary>As the owner, to who has sent a call that is passed on now: where the actor is.</summary>
    public static void Hint(TimeSpan now, IDirectLine caller, in ActorId id, in MemberId host)
    {
        if (caller.HintedOf != id || now - caller.HintedAt >= s_hintEvery)
        {
            caller.HintedOf = id;
            caller.HintedAt = now;
            caller.Put(new DirectNote(DirectNoteKind.Hint, id, host));
        }
    }

    /// <summary>A note of another node.</summary>
    public void Take(TimeSpan now, IDirectLine line, in DirectNote note)
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
            case DirectNoteKind.Stray when _ways.TryGetValue(note.Id, out DirectWay? way) && way.IsOut && way.Host == line.Member && way.Stay == note.Stay:
                Leave(now, [way]);
                break;
        }
    }

    private void TakeHint(TimeSpan now, IDirectLine line, in DirectNote hint)
    {
        int slot = shell.SlotOf(hint.Id);
        if (_count < Limit && !_ways.ContainsKey(hint.Id) && _core!.GroupOf(hint.Id.ClassName)?.OwnerOf(slot) == line.Member && MayHost(hint.Member))
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
            || shell.FindLine(group.OwnerOf(way.Slot)) is not { } line || !shell.MakeReady(line))
        {
            return false;
        }

        way.State = DirectWayState.Asking;
        if (_ways.TryAdd(way.Id, way))
        {
            Volatile.Write(ref _count, _count + 1);
        }

        shell.WaitForSenders();
        if (shell.HasWaiting(line, way.Slot))
        {
            return false;
        }

        way.Token = ++_lastSeek;
        way.Owner = line.Member;
        way.Since = now;
        _asked.Add(way);
        line.Put(new DirectNote(DirectNoteKind.Seek, way.Id, _core.Self, way.Token));
        return true;
    }

    /// <summary>As the owner, from the caller itself: passes it on behind all of its requests. As the host: answers.</summary>
    private void TakeSeek(TimeSpan now, IDirectLine line, in DirectNote seek)
    {
        int slot = shell.SlotOf(seek.Id);
        bool isPresent = line.PeerEpoch <= _core!.Epoch; // Else what came before it may be waiting for the view.
        bool isOwner = seek.Member == line.Member;
        if (isOwner && isPresent && _core.MayBeSought(seek.Id, slot, out MemberId host)
            && shell.FindLine(host) is { } to && shell.MakeReady(to) && !shell.HasWaiting(to, slot))
        {
            to.Put(seek);
            return;
        }

        DirectNote found = seek with { Kind = DirectNoteKind.Found, Stay = isOwner || !isPresent ? 0 : _core.StayOf(seek.Id, slot) };
        if (seek.Member == _core.Self)
        {
            TakeFound(now, _core.Self, found);
        }
        else
        {
            shell.FindLine(seek.Member)?.Put(found);
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

        _asked.Remove(way);
        way.Token = 0;
        way.Find(host, host == _core!.Self ? null : shell.PeerOf(host), found.Stay);
        SendHeld(now, way);
    }

    /// <summary>What waits for a way that was found goes by it, and what comes next behind it; or the way is closed, since the stay is over, or waits on.</summary>
    private void SendHeld(TimeSpan now, DirectWay way)
    {
        bool isHere = way.Host == _core!.Self;
        while (way.Held.TryPeek(out SlotRequest? request))
        {
            request.Stay = way.Stay;
            if (isHere ? !_core.TryRunHere(now, request, way.Stay) : !shell.TryForward(way.Host, request))
            {
                if (isHere || !rules.WaitsForConnection)
                {
                    Close(now, way);
                }
                else if (_asked.Add(way))
                {
                    way.Since = now;
                    way.State = DirectWayState.Waiting;
                }

                return;
            }

            way.Held.Dequeue();
        }

        _asked.Remove(way);
        way.State = isHere ? DirectWayState.Here : DirectWayState.Open; // Behind what waited: senders see it from here on.
    }

    /// <summary>Whether calls may go straight to a node.</summary>
    private bool MayHost(in MemberId host) => host == _core!.Self || (_view?.TryFind(host, out Member? member) == true && member.State == MemberState.Up && shell.FindLine(host) is not null);
}
