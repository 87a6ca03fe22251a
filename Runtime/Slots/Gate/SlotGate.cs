using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Deadlocks;
using Kameo.Actors.Placement;
using Kameo.Actors.Slots.Direct;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Slots.Gate;

/// <summary>
/// The way of calls to slots that move, and of all that nodes say of slots: one lock around the core of the present life, and what it wants done is done before the lock is given up. In steady state nobody comes here; what
/// a slot is stands in its group (<see cref="TypeGroup.StateOf"/>). This file: calls and activations. <c>.Views.cs</c>: lives, views and connections; <c>.Outputs.cs</c>: what the core wants done. <c>.LettingGo.cs</c>: what lives in slots that were lost.
/// </summary>
/// <remarks>
/// <para>
/// Who holds the gate waits for nobody but the few instructions of <see cref="SendSections"/>, and runs no code of a user but the encoding of a call that waited here. Calls into it come from callers, receive loops and
/// executors of activations; views, ends of connections and time come on a thread of its own (<see cref="SlotLoop"/>), so that no thread that is sending ever waits for the gate.
/// </para>
/// <para>
/// The obligations that the remarks of <see cref="HandoffCore"/> put on its shell are met here, in <see cref="Activation"/> (whose first step looks at the slot again, and whose end is told), in
/// <see cref="ActivationTable.TryDeliver(ActorCall, ref Activation?, out long)"/>'s callers (who look at the slot again before they return, and give back what may not begin), and in the router.
/// </para>
/// </remarks>
internal sealed partial class SlotGate : IConnectionObserver, IDisposable
{
    private readonly ActorNode _node;
    private readonly SleepClock _clock;
    private readonly Lock _lock = new();
    private readonly HashSet<CallRequest> _held = [];
    private readonly SlotLoop _loop;
    private HandoffCore? _core;
    private NodeLife? _life;
    private long _epoch = long.MinValue;
    private long _openEpoch = long.MinValue;

    /// <param name="node">The node.</param>
    /// <param name="clock">The clock of leases.</param>
    public SlotGate(ActorNode node, SleepClock clock)
    {
        _node = node;
        _clock = clock;
        _ways = new DirectWays(this, HandoffRules.Right);
        _loop = new SlotLoop(clock, HandleDeadline, node.LogSlotsFailed);
    }

    /// <summary>The epoch installed here: the fence of an activation that is made in an owned slot. A glance: any thread.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>
    /// The epoch installed here with all done that had waited for it: requests of senders that know no later view go by the published state. Behind <see cref="Epoch"/> while a view is being installed, since what one of its senders
    /// sent ahead of the view is run only then, and what comes after that must not pass it. A glance: any thread.
    /// </summary>
    public long OpenEpoch => Volatile.Read(ref _openEpoch);

    /// <summary>How many calls wait for slots that move. A glance: any thread.</summary>
    public int Held => _held.Count;

    /// <summary>How many slots are owned here by the view, and not given by their former owners yet. A glance: any thread.</summary>
    public int Awaited => _core?.Awaiting ?? 0;

    /// <summary>Whether nothing is under way: every slot is steady, and nothing waits, here or for a connection.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_lock)
            {
                return _core is { Awaiting: 0, LettingGo: 0, Draining: 0 } core && IsEmptyLocked(core);
            }
        }
    }

    private bool IsEmptyLocked(HandoffCore core) => core.IsEmpty && _held.Count == 0 && _outboxes.Count == 0 && _flushes.Count == 0;

    /// <summary>How many slots that are not steady are listed.</summary>
    private const int UnsteadyLines = 12;

    /// <inheritdoc/>
    public override string ToString()
    {
        lock (_lock)
        {
            return $"epoch {_epoch}, {_held.Count} calls, {_core?.Held} held, {_core?.Awaiting} awaited, {_core?.Draining} to end, {_outboxes.Count} nodes not connected, {_flushes.Count} flushes, {_ways.Count} direct ways, {_core?.GivenUp} given up"
                + string.Concat(_outboxes.Take(UnsteadyLines).Select(box => $"\n  {box.Value.Count} wait for {box.Key}, {(FindLine(box.Key) is { } line ? line.IsReady ? "connected" : "whose connection is not ready" : "not connected")}"))
                + string.Concat(_core?.DescribeUnsteady(_clock.Now, UnsteadyLines).Select(static line => "\n  " + line) ?? []);
        }
    }

    /// <summary>Where a slot of a class stands: the group to look at from now on. Null: no view has the class.</summary>
    public TypeGroup? GroupOf(string className)
    {
        lock (_lock)
        {
            return _core?.GroupOf(className);
        }
    }

    /// <summary>An ask whose slot is not steady.</summary>
    public void Ask(ActorRoute route, ActorCall call, CancellationToken cancellation)
    {
        call.CopyArguments();
        call.HeldBy(2); // The caller, and whoever has it in the turn's place.
        if (!_node.LocalAsks.TryAdd(call))
        {
            call.HeldBy(1);
            call.Fail(new OverloadedException(route.Id, null, $"The call of {route.Id} did not run: {_node.Options.LocalAsksMax} asks wait for actors of this node already."));
            return;
        }

        if (cancellation.CanBeCanceled)
        {
            call.CancelWith(cancellation, null);
        }

        Dispatch(new CallRequest(call, route.Id, route.Slot, route.Target), route);
    }

    /// <summary>A tell whose slot is not steady.</summary>
    /// <returns>Completes when a mailbox or a ring has it.</returns>
    public ValueTask Tell(ActorRoute route, ActorCall call)
    {
        call.CopyArguments();
        call.HeldBy(1);
        var placed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Turn? turn = Turn.Current;
        var request = new CallRequest(call, route.Id, route.Slot, route.Target)
        {
            Placed = placed,
            IsUpStack = turn is not null && (turn.Activation.Id == route.Id || CallChain.IsOnStack(turn, route.Id)),
            Sender = turn is null ? default : CallChain.From(turn),
        };
        Dispatch(request, route);
        return new ValueTask(placed.Task);
    }

    /// <summary>A request of another node that does not simply run here. On its receive loop, after all that came before it was put into mailboxes.</summary>
    public void Receive(SlotLine line, CallRequest request)
    {
        request.Deadline = DeadlineOf(request.Call);
        lock (_lock)
        {
            if (TryHold(request, line.Member))
            {
                TimeSpan now = _clock.Now;
                _core!.Receive(now, line.Member, line.PeerEpoch, request);
                DoOutputs(now);
            }
        }
    }

    /// <summary>
    /// A call was put into the mailbox of an activation that had not begun, and then its slot was found to be owned no more: unless it has begun meanwhile, or has a place by record, it goes, and what is in its mailbox takes its way
    /// in order before this returns. Any thread that holds no activation.
    /// </summary>
    public void GiveBack(Activation activation)
    {
        lock (_lock)
        {
            if (!activation.IsPlaced && activation.TryGiveBack())
            {
                EndLocked(activation, null);
            }
        }
    }

    /// <summary>Nothing of an activation is entered again: it goes out of the table, and what it has left takes its way. In its executor.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="waiting">What it had taken out of its mailbox and not begun.</param>
    public void End(Activation activation, InboxItem? waiting)
    {
        lock (_lock)
        {
            EndLocked(activation, waiting);
        }
    }

    /// <summary>In the first step of an activation: whether it may begin. One that may not is gone after this.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="fence">Its fence, unless it was placed: the epoch in which the slot was found to be owned. Epochs change between what a view takes and what it gives, so of two equal readings around that look it is the epoch's own.</param>
    public bool MayBegin(Activation activation, out long fence)
    {
        fence = Epoch;
        if (IsOwned(activation) && Epoch == fence)
        {
            return true;
        }

        lock (_lock)
        {
            fence = _epoch;
            if (activation.IsPlaced || IsOwned(activation))
            {
                return true;
            }

            if (activation.TryGiveBackOwn(out InboxItem? inherited))
            {
                EndLocked(activation, inherited);
            }

            return false;
        }
    }

    /// <summary>An activation has ended and left nothing. Partner of the pass through the table that names what lives in a lost slot: either that missed it, or the state is seen here.</summary>
    public void AfterRemoved(Activation activation)
    {
        Interlocked.MemoryBarrier();
        if (!IsOwned(activation))
        {
            lock (_lock)
            {
                // Where a call on record came between its end and here, the actor lives again, and that one's end is told.
                if (_core is { } core && activation.IsOf(_life) && _node.Activations.TryFind(activation.Id) is null)
                {
                    TimeSpan now = _clock.Now;
                    core.Ended(now, activation.Id, activation.Slot, []);
                    DoOutputs(now);
                }
            }
        }
    }

    /// <summary>Whether an activation's slot is owned here, nothing says that the actor is elsewhere, and its class is placed by slots alone. Any thread.</summary>
    public bool IsOwned(Activation activation) => !activation.Terms.Placement.IsRecorded && GroupOf(activation).StateOf(activation.Slot) == SlotState.Owned;

    /// <summary>Stops its thread: after the node has left, or where it does not wait for that any longer.</summary>
    public void Dispose() => _loop.Dispose();

    private TypeGroup GroupOf(Activation activation)
    {
        if (activation.Terms.Group is { IsVoid: false } known)
        {
            return known;
        }

        return activation.Terms.Group = GroupOf(activation.Id.ClassName) ?? s_none;
    }

    /// <summary>Of a class that is in no view: nothing of it is owned.</summary>
    private static readonly TypeGroup s_none = NoGroup();

    private static TypeGroup NoGroup()
    {
        var none = new TypeGroup([], SlotHash.Slots);
        none.Void();
        return none;
    }

    private void Dispatch(CallRequest request, ActorRoute route)
    {
        request.Deadline = DeadlineOf(request.Call);
        lock (_lock)
        {
            if (TryHold(request, _life!.Self))
            {
                TimeSpan now = _clock.Now;
                if (!_ways.TryGo(now, request))
                {
                    _core!.Dispatch(now, request);
                }

                DoOutputs(now);
                route.Group = _core?.GroupOf(route.Id.ClassName);
            }
        }
    }

    private bool TryHold(CallRequest request, in Transport.Views.MemberId from)
    {
        if (_core is null)
        {
            request.Refuse(Refusal.NotServing);
            return false;
        }

        return TryPrefer(request, from) && _held.Add(request);
    }

    private void EndLocked(Activation activation, InboxItem? waiting)
    {
        List<SlotRequest> left = [];
        Take(activation, waiting, left);
        Take(activation, activation.CloseMailbox(), left);
        _node.Activations.Remove(activation);
        if (_core is { } core && activation.IsOf(_life))
        {
            left.RemoveAll(request => !TryHold((CallRequest)request, default));

            TimeSpan now = _clock.Now;
            core.Ended(now, activation.Id, activation.Slot, left);
            DoOutputs(now);
        }
        else
        {
            left.ForEach(static request => ((CallRequest)request).Refuse(Refusal.NotServing));
        }
    }

    private void Take(Activation activation, InboxItem? items, List<SlotRequest> left)
    {
        for (InboxItem? item = items, next; item is not null; item = next)
        {
            next = item.NextItem;
            item.NextItem = null;
            if (item is not WaitingCalls calls)
            {
                Take(activation, (ActorCall)item, left); // A mailbox holds nothing else.
                continue;
            }

            for (int count = calls.Close(); count > 0; count--)
            {
                Take(activation, calls.TakeCall(_node, activation.Id), left);
            }
        }
    }

    private void Take(Activation activation, ActorCall call, List<SlotRequest> left)
    {
        if (call.MayMove)
        {
            left.Add(new CallRequest(call, activation.Id, activation.Slot, null) { Deadline = DeadlineOf(call) });
        }
        else
        {
            call.LetGo();
        }
    }

    private TimeSpan DeadlineOf(ActorCall call) =>
        call.DeadlineMilliseconds == long.MaxValue ? TimeSpan.MaxValue : _clock.Now + TimeSpan.FromMilliseconds(call.DeadlineMilliseconds - _node.Clock.NowMilliseconds);
}
