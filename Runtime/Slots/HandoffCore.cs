using Kameo.Actors.Slots.Maps;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>
/// Which slots one node owns in one life, and how they pass from owner to owner in order: views, requests of slots that move, messages of other nodes and the time come in; after every call the outputs are to be taken
/// and done, in order, and the deadline is to be read again.
/// </summary>
/// <remarks>
/// <para>No concurrency: one caller at a time, under a lock of the shell's (the gate). In steady state nobody comes here: <see cref="TypeGroup.StateOf"/> says without a lock whether a slot is run here or sent elsewhere.
/// Times are those of views: spans on a clock that counts sleep.</para>
/// <para><b>What the shell must do, so that nothing of a slot runs here after its release.</b> (1) A sender that read <see cref="SlotState.Owned"/> and makes an activation puts it into its table first, then a full fence,
/// then reads the state again; unless it is still owned, it takes the activation out unrun and enters the gate with the request. (2) Under the gate, the state was changed to <see cref="SlotState.Ask"/> before the shell
/// takes <see cref="HandoffOutputKind.LetGo"/>; it makes a full fence, then finds every activation of the slot in its table, and under the gate names those that are still there, before it installs another view. Of the two, one
/// comes second: either the sender sees the new state, or the activation is named.
/// What is named is a guest: it ends as soon as its turns have, starts no turn but what reentrancy lets in, and what waits in its mailbox is given back by <see cref="Ended"/>. A request that reached the mailbox of a
/// known activation is run by it or given back by it, so none is lost. <see cref="Messages.Released"/> is made in <see cref="LetGo"/> at the earliest and names the guests. (3) Every entry of user code checks the lease with a fresh
/// reading of the clock and the incarnation; a life that ended takes its core with it.</para>
/// <para><b>And for order.</b> Outputs are done one by one in the order taken, each before any sender can see a state that a later one publishes; messages and requests to one node go over one connection, in that order. A
/// request from another node goes by the published state only if the sender's epoch is not above the installed one, the sender is not one that departed, and the owner did not send it here by record; else it enters the
/// gate. So does every request at an owned slot for a class that is placed by choice. The first view is given to the core once this process holds a lease: one that resumed a life may have known later views than
/// it does at first, and has no lease before it knows them again. Connections to who departed are ended when a view is installed, and <see cref="ConnectionEnded"/> is told of every one that ends.</para>
/// <para>The fence of an activation is the number that came with <see cref="HandoffOutputKind.Run"/>; of one made without the core, in an owned slot, the epoch installed then, read before the second look at the state. It
/// never falls from one activation of an actor to the next: whoever runs it in epoch e released it, or was evicted, in a view above e before anybody else may run it, and the next owner has installed that view.</para>
/// </remarks>
internal sealed partial class HandoffCore
{
    private readonly int _slots;
    private readonly bool _isResumed;
    private bool _isFirst = true;
    private readonly HandoffTiming _timing;
    private readonly HandoffRules _rules;
    private readonly Queue<HandoffOutput> _outputs = new();
    private readonly Dictionary<string, TypeGroup> _groups = new(StringComparer.Ordinal);
    private readonly HashSet<SlotCell> _work = [];
    private readonly HashSet<(TypeGroup Group, int Slot)> _touched = [];
    private readonly List<(MemberId From, HandoffMessage Message)> _deferred = [];
    private readonly Queue<(MemberId From, long Epoch, object What)> _ahead = new();
    private ViewHistory? _history;
    private SlotMap? _map;
    private TimeSpan _tickAt = TimeSpan.MaxValue;
    private TimeSpan _clearAt = TimeSpan.MaxValue;
    private long _reported = -1;
    private long _lastToken;
    private int _awaiting;
    private int _lettingGo;
    private int _draining;
    private int _held;
    private long _fetchedEpoch;

    /// <param name="self">This node in its present life, or a client, which owns nothing.</param>
    /// <param name="slots">How many slots the cluster was founded with.</param>
    /// <param name="timing">Durations.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="isResumed">Whether a former process ran this same life, by a state directory: what it owned and had on record is lost with it, and others are asked for it as if it were dead.</param>
    public HandoffCore(MemberId self, int slots, HandoffTiming timing, HandoffRules rules, bool isResumed = false)
    {
        _isResumed = isResumed;
        Self = self;
        _slots = slots;
        _timing = timing;
        _rules = rules;
    }

    /// <summary>This node in its present life.</summary>
    public MemberId Self { get; }

    /// <summary>The installed epoch; below any other before the first.</summary>
    public long Epoch => _history?.Installed.Epoch ?? long.MinValue;

    /// <summary>How many requests wait for slots that move.</summary>
    public int Held => _held;

    /// <summary>How many slots are owned and not acquired yet.</summary>
    public int Awaiting => _awaiting;

    /// <summary>How many slots were lost and are not let go yet.</summary>
    public int LettingGo => _lettingGo;

    /// <summary>How many actors are to end here since their slot was lost, or this node leaves.</summary>
    public int Draining => _draining;

    /// <summary>How many flushes were given up since nobody answered, so that order was not kept.</summary>
    public long GivenUp { get; private set; }

    /// <summary>When <see cref="HandleDeadline"/> is to be called.</summary>
    public TimeSpan NextDeadline => _tickAt < _clearAt ? _tickAt : _clearAt;

    /// <summary>Takes the next thing to do.</summary>
    public bool TryTake(out HandoffOutput output) => _outputs.TryDequeue(out output);

    /// <summary>The group of a type, to be remembered by whoever sends to it until <see cref="TypeGroup.IsVoid"/>. Under the gate.</summary>
    public TypeGroup? GroupOf(string type) => _groups.GetValueOrDefault(type);

    /// <summary>A request made on this node, or brought by a client that has no view of its own.</summary>
    public void Dispatch(TimeSpan now, SlotRequest request)
    {
        if (_history is null)
        {
            HoldAhead(Self, long.MinValue + 1, request);
        }
        else
        {
            Begin(now, new SlotItem(Self, request, IsMadeHere: true));
        }

        AfterStep(now);
    }

    /// <summary>A request that another node sent.</summary>
    /// <param name="now">The time.</param>
    /// <param name="from">The node.</param>
    /// <param name="epoch">The view that it had installed.</param>
    /// <param name="request">The request.</param>
    public void Receive(TimeSpan now, in MemberId from, long epoch, SlotRequest request)
    {
        if (IsRefused(from))
        {
            Refuse(request, Refusal.NotServing);
        }
        else if (epoch > Epoch)
        {
            HoldAhead(from, epoch, request);
        }
        else if (GroupOf(request.Id.ClassName) is not { } group)
        {
            Refuse(request, Refusal.NoHost);
        }
        else if (request.ByRecord)
        {
            ReceiveAsHost(now, group, from, request);
        }
        else if (request.Stay != 0)
        {
            ReceiveDirect(now, group, from, request);
        }
        else
        {
            if (epoch < Epoch && group.OwnerOf(request.Slot) != Self)
            {
                Send(from, new Moved(Epoch, request.Id.ClassName, request.Slot));
            }

            Arrive(now, group, new SlotItem(from, request), request.Slot);
        }

        AfterStep(now);
    }

    /// <summary>A message of another node. What is malformed was refused before.</summary>
    public void Handle(TimeSpan now, in MemberId from, HandoffMessage message)
    {
        if (!IsRefused(from))
        {
            if (message.Epoch > Epoch)
            {
                HoldAhead(from, message.Epoch, message);
            }
            else
            {
                HandlePresent(now, from, message);
            }
        }

        AfterStep(now);
    }

    /// <summary>The connection with a node ended: what was under way on it is lost, so there is nothing to flush.</summary>
    public void ConnectionEnded(TimeSpan now, in MemberId peer)
    {
        _stages.Remove(peer); // The rest of its answer does not come.
        AskAgainSoon(now);
        foreach (TypeGroup group in Groups())
        {
            for (int slot = 0; slot < _slots; slot++)
            {
                if (group.IsUsed[slot] && group.OwnerOf(slot) == peer)
                {
                    group.IsUsed[slot] = false;
                    group.Publish(slot, SlotState.Ask);
                }
            }
        }

        foreach (SlotCell cell in _work.ToArray())
        {
            if (cell.Via == peer)
            {
                Switch(now, cell);
            }

            ForgetWay(now, cell, peer);
        }

        AfterStep(now);
    }

    /// <summary>Does what is due.</summary>
    public void HandleDeadline(TimeSpan now)
    {
        if (now >= _clearAt || now >= _tickAt)
        {
            Tick(now);
        }

        AfterStep(now);
    }

    /// <summary>Says what a slot is, when the shell has come to it in the order of outputs.</summary>
    public void Publish(in HandoffOutput output)
    {
        if (!output.Group!.IsVoid)
        {
            output.Group.Publish((int)output.Number, StateOf(output.Group, (int)output.Number));
        }
    }

    /// <summary>Whether this node may run an actor now, as far as slots are concerned: it is a guest, or its slot is acquired, or lost and not let go yet, and nothing says that it is elsewhere.</summary>
    public bool HasAuthority(in ActorId id, int slot)
    {
        if (GroupOf(id.ClassName) is not { } group)
        {
            return false;
        }

        SlotCell? cell = group.Cells[slot];
        return (cell is not null && cell.Guests.ContainsKey(id)) || ((group.IsOwned[slot] || cell is { IsLettingGo: true }) && (cell is null || !cell.Records.ContainsKey(id)));
    }

    /// <summary>Where an actor is, as far as the owner of its slot knows; nobody at any other node.</summary>
    public MemberId HostOf(in ActorId id, int slot) =>
        GroupOf(id.ClassName) is not { } group || !group.IsOwned[slot] ? default
        : group.Cells[slot]?.Records.TryGetValue(id, out Directions? directions) == true ? directions.Host
        : Self;

    private void HandlePresent(TimeSpan now, in MemberId from, HandoffMessage message)
    {
        switch (message)
        {
            case Recover when _lettingGo > 0:
                _deferred.Add((from, message));
                break;
            case AskRelease ask:
                HandleAskRelease(from, ask);
                break;
            case Recover recover:
                HandleRecover(from, recover);
                break;
            case Released released:
                HandleReleased(now, from, released);
                break;
            case Recovered recovered:
                HandleRecovered(now, from, recovered);
                break;
            case Flush flush:
                foreach (TypeGroup group in GroupsOf(flush.Types))
                {
                    Arrive(now, group, new SlotItem(from, flush with { Types = group.Types }), flush.Slot);
                }

                break;
            case Flushed flushed when HasLeft(from, flushed.Token):
                break;
            case Flushed flushed:
                foreach (TypeGroup group in GroupsOf(flushed.Types))
                {
                    HandleFlushed(now, group, flushed.Slot, from, flushed.Epoch, flushed.Token);
                }

                break;
            default:
                HandleOfActor(now, from, message);
                break;
        }
    }

    private void HandleOfActor(TimeSpan now, in MemberId from, HandoffMessage message)
    {
        (ActorId id, int slot) = message switch
        {
            FlushRecord flush => (flush.Id, flush.Slot),
            RecordFlushed flushed => (flushed.Id, flushed.Slot),
            Place place => (place.Id, place.Slot),
            Messages.End end => (end.Id, end.Slot),
            Absent absent => (absent.Id, absent.Slot),
            Unregister unregister => (unregister.Id, unregister.Slot),
            Last last => (last.Id, last.Slot),
            Closed closed => (closed.Id, closed.Slot),
            _ => default,
        };
        if (id.ClassName is null || GroupOf(id.ClassName) is not { } group)
        {
            return;
        }

        switch (message)
        {
            case FlushRecord flush:
                HandleFlushRecord(flush);
                break;
            case RecordFlushed flushed:
                HandleRecordFlushed(now, group, flushed);
                break;
            case Place place:
                HandlePlace(group, from, place);
                break;
            case Messages.End:
                HandleEnd(group, id, slot);
                break;
            case Absent:
                HandleAbsent(now, group, from, id, slot);
                break;
            case Last last:
                HandleLast(now, group, from, last);
                break;
            default:
                Arrive(now, group, new SlotItem(from, message), slot);
                break;
        }
    }

    private bool IsRefused(in MemberId from) => _rules.RefusesEvicted && _history is not null && _history.IsDeparted(from);

    private void HoldAhead(in MemberId from, long epoch, object what)
    {
        if (epoch > _fetchedEpoch && !from.IsNone && from != Self)
        {
            _fetchedEpoch = epoch;
            _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.Fetch, from, Number: epoch));
        }

        if (_ahead.Count < HandoffLimits.AheadMax)
        {
            _ahead.Enqueue((from, epoch, what));
        }
        else if (what is SlotRequest request)
        {
            Refuse(request, Refusal.Overloaded);
        }
    }

    private void Send(in MemberId to, HandoffMessage message) => _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.Send, to, message));

    private void Refuse(SlotRequest request, Refusal refusal) => _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.Refuse, Request: request, Refusal: refusal));

    private void Run(SlotRequest request, long fence)
    {
        request.Stay = 0;
        request.ByRecord = false;
        request.IsReturned = false;
        _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.Run, Request: request, Id: request.Id, Number: fence));
    }

    private SlotCell CellOf(TypeGroup group, int slot)
    {
        SlotCell? cell = group.Cells[slot];
        if (cell is null)
        {
            group.Cells[slot] = cell = new SlotCell(group, slot);
            _work.Add(cell);
        }

        Touch(group, slot);
        return cell;
    }

    private void Touch(TypeGroup group, int slot) => _touched.Add((group, slot));

    private SlotState StateOf(TypeGroup group, int slot)
    {
        SlotCell? cell = group.Cells[slot];
        if (cell is not null && (cell.IsHolding || cell.IsAwaiting || cell.IsLettingGo))
        {
            return SlotState.Ask;
        }

        if (group.IsOwned[slot])
        {
            return cell is null || (cell.Records.Count == 0 && cell.Guests.Count == 0) ? SlotState.Owned : SlotState.Ask;
        }

        return group.IsUsed[slot] ? SlotState.Elsewhere : SlotState.Ask;
    }

    /// <summary>After every call: what became steady needs the core no more, and what all is released is reported.</summary>
    private void AfterStep(TimeSpan now)
    {
        while (_lettingGo == 0 && _deferred.Count > 0)
        {
            (MemberId from, HandoffMessage message) = _deferred[0];
            _deferred.RemoveAt(0);
            HandlePresent(now, from, message);
        }

        foreach ((TypeGroup group, int slot) in _touched)
        {
            if (group.IsVoid)
            {
                continue;
            }

            if (group.Cells[slot] is { IsSteady: true } steady)
            {
                group.Cells[slot] = null;
                _work.Remove(steady);
            }

            SlotState state = StateOf(group, slot);
            if (state == SlotState.Ask)
            {
                group.Publish(slot, state);
            }
            else if (group.StateOf(slot) != state)
            {
                _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.Publish, Group: group, Number: slot));
            }
        }

        _touched.Clear();
        if (_tickAt == TimeSpan.MaxValue && (_work.Count > 0 || _ahead.Count > 0))
        {
            _tickAt = now + _timing.RetryEvery;
        }

        if (_history is not null && _awaiting == 0 && _lettingGo == 0 && _draining == 0 && Epoch > _reported)
        {
            _reported = Epoch;
            _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.Released, Number: Epoch));
        }
    }

    private IEnumerable<TypeGroup> Groups() => _groups.Values.Distinct();
}
