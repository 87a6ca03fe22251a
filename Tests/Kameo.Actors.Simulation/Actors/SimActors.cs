using Kameo.Actors.Simulation.Checkers;
using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Actors;

/// <summary>
/// The shell of actors on one node: the real core of hand-off, connections for requests, activations with turns, callers. It sends by the published states of slots as the real shell does, and enters the core only
/// where a state says so.
/// </summary>
internal sealed partial class SimActors(World world, SimNode node, SimRandom random)
{
    private static readonly long s_lookEvery = TimeSpan.FromMilliseconds(100).Ticks;
    private const double LettingGoMillisecondsMax = 40;
    private static readonly HandoffTiming s_timing = new() { Drain = TimeSpan.FromSeconds(2) };
    private readonly Dictionary<int, MemberId> _peers = [];
    private readonly List<PassedOn> _passedOn = [];
    private readonly List<(TypeGroup Group, int Slot)> _lost = [];
    private bool _isTaking;
    private long _settled;
    private bool _isResumed;

    /// <summary>The core of the present life; null before its first view.</summary>
    public HandoffCore? Handoff { get; private set; }

    /// <summary>Whether this node would enter code of an actor now.</summary>
    public bool HasAuthority(in ActorId id) =>
        node.Core is { } core && Handoff is { } handoff && handoff.Self == core.Self && core.MayEnter(node.Clock) && handoff.HasAuthority(id, Population.SlotOf(id));

    /// <summary>A process starts.</summary>
    /// <param name="isResumed">Whether it goes on with the life of the one before.</param>
    public void Start(bool isResumed)
    {
        _isResumed = isResumed;
        if (isResumed)
        {
            world.Checkers.Exclusion.Resumed(node.Core!.Self);
        }

        Handoff = null;
        EndWays();
        _lost.Clear();
        Caller = new SimCaller(node.Index, ++_callers, isClient: false);
        world.Plan(world.Now + random.Ticks(100, 500), new SimEvent(SimEventKind.Work, node.Index, node.Process, null));
        world.Plan(world.Now + TimeSpan.TicksPerSecond, new SimEvent(SimEventKind.LeaseEdge, node.Index, node.Process, null));
        world.Plan(world.Now + s_lookEvery, new SimEvent(SimEventKind.Slots, node.Index, node.Process, null));
        StartDirectWork();
    }

    /// <summary>A life ends: nothing of it is entered any more; what runs may reach its next await.</summary>
    /// <param name="keepsRunning">Whether the process goes on.</param>
    public void EndLife(bool keepsRunning)
    {
        _isResumed = false;
        Handoff = null;
        EndWays();
        _lost.Clear();
        _settled = 0;
        _activations.Clear();
        _passedOn.Clear();
        _peers.Clear();
        if (keepsRunning)
        {
            foreach (SimCall call in Caller.Waiting.ToArray())
            {
                world.Checkers.Asks.Completed(call, AskOutcome.MayHaveRun);
            }

            Caller = new SimCaller(node.Index, ++_callers, isClient: false);
        }
        else
        {
            Caller.Waiting.Clear();
            world.Checkers.Exclusion.Died(node);
        }

        world.Data.CloseAll(node.Index, goodbye: true);
    }

    /// <summary>A view is installed.</summary>
    public void Installed(ViewCore core)
    {
        if (Handoff is null && !core.MayEnter(node.Clock))
        {
            // Slots begin with the first lease of a process: a resumed one may have known later views than it does now, and has no lease before it knows them again.
            return;
        }

        ViewHistory history = ViewHistory.Of(core);
        if (!history.Installed.Contains(core.Self) || history.Installed.Epoch <= (Handoff?.Epoch ?? long.MinValue))
        {
            // A later one came before this was taken, or the life has ended.
            return;
        }

        if (!world.Rules.Views.HostsFromView)
        {
            history = new ViewHistory([.. history.Views.Select(view => Population.Seen(view, member => member.Id == core.Self || (world.TryFindNode(member.Id.Peer, out int at) && world.Network.IsUp(node.Index, at))))],
                history.Departed.ToDictionary(static id => id, id => history.ClearAt(id)), history.StartsAt);
        }

        while (_lost.Count > 0)
        {
            LetGo(_lost.Count); // What the view before took away; a group that is split meanwhile has it asked anew.
        }

        if (Handoff is null)
        {
            Handoff = new HandoffCore(core.Self, Population.Slots, s_timing, world.Rules.Handoff, _isResumed);
            Ways.Begin(Handoff);
        }

        _isResumed = false;
        Ways.Note(history.Installed);
        Handoff.Install(node.Clock, history);
        Ways.Install(node.Clock, history.Installed);
        if (world.Rules.Handoff.RefusesEvicted)
        {
            foreach (MemberId departed in history.Departed)
            {
                if (world.TryFindNode(departed.Peer, out int at) && _peers.TryGetValue(at, out MemberId present) && present == departed)
                {
                    world.Data.Close(node.Index, at, goodbye: false);
                    ConnectionEnded(at);
                }
            }
        }

        Dial();
        TakeOutputs();
    }

    /// <summary>The other end of a connection for requests said who it is.</summary>
    public void Connected(int peer, in MemberId id)
    {
        // The one before ended without a word.
        ConnectionEnded(peer);

        _peers[peer] = id;
        _lines[peer] = LineTo(peer, id);
    }

    /// <summary>A connection for requests ended: what was passed on over it may have run.</summary>
    public void ConnectionEnded(int peer)
    {
        world.Data.NoteEnd(node.Index, peer);
        if (!_peers.Remove(peer, out MemberId id))
        {
            return;
        }

        foreach (PassedOn passed in _passedOn.Where(passed => passed.To == peer).ToArray())
        {
            _passedOn.Remove(passed);
            Answer(passed.Call, passed.From, AskOutcome.MayHaveRun);
        }

        if (Handoff is { } handoff)
        {
            handoff.ConnectionEnded(node.Clock, id);
            Ways.ConnectionEnded(node.Clock, id);
        }

        TakeOutputs();
    }

    /// <summary>Something arrives on a connection for requests.</summary>
    public void Receive(int from, object message)
    {
        if (!_peers.TryGetValue(from, out MemberId id))
        {
            return;
        }

        switch (message)
        {
            case SimRequest request:
                request.Call.CameFrom = from;
                request.Call.Deadline = node.Clock + request.Remaining;
                request.Call.Visited |= 1 << node.Index;
                request.Call.ByRecord = request.ByRecord;
                request.Call.Stay = request.Stay;
                ReceiveRequest(id, request);
                break;
            case SimReply reply:
                int at = _passedOn.FindLastIndex(passed => passed.Call == reply.Call && passed.To == from);
                if (at >= 0)
                {
                    PassedOn passed = _passedOn[at];
                    _passedOn.RemoveAt(at);
                    Answer(reply.Call, passed.From, reply.Outcome);
                }

                break;
            case SimNote note:
                TakeNote(from, note);
                break;
            case HandoffMessage handoff:
                if (world.Trace.IsOn)
                {
                    world.Trace.Write(world.Now, $"{node.Name} <- n{from} {Plain.Handoff(handoff)}");
                }

                Handoff?.Handle(node.Clock, id, handoff);
                TakeOutputs();
                break;
        }
    }

    /// <summary>The deadline of the core may be due; connections are dialled again, and turns that waited for the lease are looked at.</summary>
    public void LookAgain()
    {
        world.Plan(world.Now + s_lookEvery, new SimEvent(SimEventKind.Slots, node.Index, node.Process, null));
        Dial();
        if (Handoff is null && node.Core is { Phase: ViewPhase.Member } member)
        {
            Installed(member);
        }

        if (Handoff is { } handoff && node.Core is { } core)
        {
            if (core.SettledEpoch > _settled)
            {
                _settled = core.SettledEpoch;
                handoff.Settled(node.Clock, _settled);
            }

            if (handoff.NextDeadline <= node.Clock)
            {
                handoff.HandleDeadline(node.Clock);
            }

            Ways.Look(node.Clock);
            TakeOutputs();
        }

        foreach (SimActivation activation in _activations.Values.ToArray())
        {
            TryStart(activation);
        }
    }

    private void ReceiveRequest(in MemberId from, SimRequest request)
    {
        SimCall call = request.Call;
        if (Handoff is not { } handoff)
        {
            Answer(call, call.CameFrom, AskOutcome.NotRun);
        }
        else if (!request.ByRecord && request.Stay == 0 && request.Epoch <= handoff.Epoch && StateFor(call, out TypeGroup? group) is SlotState.Owned or SlotState.Elsewhere)
        {
            if (group!.StateOf(call.Slot) == SlotState.Owned)
            {
                Deliver(call, handoff.Epoch);
            }
            else if (call.HopsLeft == 0)
            {
                Answer(call, call.CameFrom, AskOutcome.NotRun);
            }
            else
            {
                call.HopsLeft--;
                Pass(call, group.OwnerOf(call.Slot), byRecord: false);
            }
        }
        else
        {
            handoff.Receive(node.Clock, from, request.Epoch, call);
            TakeOutputs();
        }
    }

    /// <summary>What the published state says; for a class that is placed by choice the owner's core is always asked.</summary>
    private SlotState StateFor(SimCall call, out TypeGroup? group)
    {
        group = Handoff!.GroupOf(call.Id.ClassName);
        SlotState state = group?.StateOf(call.Slot) ?? SlotState.Ask;
        return state == SlotState.Owned && call.IsRecorded ? SlotState.Ask : state;
    }

    /// <summary>A call of this node, or of a client of it, is sent.</summary>
    private void Send(SimCall call)
    {
        call.Visited |= 1 << node.Index;
        if (Handoff is not { } handoff)
        {
            Answer(call, -1, AskOutcome.NotRun);
            return;
        }

        call.Preferred = random.Chance(0.5) || node.Core!.Installed.Members.Count == 0 ? handoff.Self : random.Pick(node.Core.Installed.Members).Id;
        call.Deadline = node.Clock + TimeSpan.FromSeconds(7);
        SlotState state = StateFor(call, out TypeGroup? group);
        if (state != SlotState.Owned && TryGoDirect(call))
        {
            return;
        }

        switch (state)
        {
            case SlotState.Owned:
                Deliver(call, handoff.Epoch);
                break;
            case SlotState.Elsewhere:
                Pass(call, group!.OwnerOf(call.Slot), byRecord: false);
                break;
            default:
                handoff.Dispatch(node.Clock, call);
                TakeOutputs();
                break;
        }
    }

    /// <summary>Sends a call on; without a connection it did not run.</summary>
    private void Pass(SimCall call, in MemberId to, bool byRecord)
    {
        if (!TryFindPeer(to, out int peer))
        {
            Answer(call, call.CameFrom, AskOutcome.NotRun);
            return;
        }

        world.Trace.Write(world.Now, $"{node.Name} -> n{peer} {call}{(byRecord ? " by record" : call.Stay != 0 ? $" straight, for stay {call.Stay}" : string.Empty)}");
        world.Ways.Sent += !byRecord && call.Stay != 0 ? 1 : 0;
        if (call.IsAsk)
        {
            _passedOn.Add(new PassedOn(call, call.CameFrom, peer));
        }

        world.Data.Send(node.Index, peer, new SimRequest(Handoff!.Epoch, call, byRecord, call.Deadline - node.Clock, call.Stay));
    }

    /// <summary>Answers an ask along the way that it came.</summary>
    private void Answer(SimCall call, int to, AskOutcome outcome)
    {
        if (to >= 0)
        {
            if (call.IsAsk && world.Data.IsUp(node.Index, to))
            {
                world.Data.Send(node.Index, to, new SimReply(call, outcome));
            }
            else if (!call.IsAsk && outcome == AskOutcome.NotRun)
            {
                world.Checkers.Asks.Dropped(call);
            }
        }
        else if (call.Caller.IsClient)
        {
            world.Clients.Answer(call, outcome);
        }
        else
        {
            world.Checkers.Asks.Completed(call, outcome);
        }
    }

    private void TakeOutputs()
    {
        if (_isTaking)
        {
            return;
        }

        _isTaking = true;
        while (Handoff is { } handoff && handoff.TryTake(out HandoffOutput output))
        {
            Do(handoff, output);
        }

        _isTaking = false;
        PlanDeadline();
        PlanLook();
    }

    private void PlanDeadline()
    {
        if (Handoff is { } handoff && handoff.NextDeadline < node.Clock + TimeSpan.FromMilliseconds(100))
        {
            world.Plan(Math.Max(node.TrueTime(handoff.NextDeadline), world.Now + 1), new SimEvent(SimEventKind.SlotsDue, node.Index, node.Process, null));
        }
    }

    /// <summary>The deadline of the core is due.</summary>
    public void Due()
    {
        if (Handoff is { } handoff && handoff.NextDeadline <= node.Clock)
        {
            handoff.HandleDeadline(node.Clock);
            TakeOutputs();
        }
    }

    /// <summary>Some of the slots that were lost are let go; the others later, but before another view is installed.</summary>
    public void LetGoOfSome()
    {
        LetGo(1 + random.Next(_lost.Count));
        if (_lost.Count > 0)
        {
            world.Plan(world.Now + random.Ticks(0, LettingGoMillisecondsMax), new SimEvent(SimEventKind.SlotsLost, node.Index, node.Process, null));
        }
    }

    private void LetGo(int most)
    {
        (TypeGroup Group, int Slot)[] some = [.. _lost.Take(most)];
        _lost.RemoveRange(0, some.Length);
        if (Handoff is { } handoff && some.Length > 0)
        {
            handoff.LetGo(node.Clock, [.. some.Select(one => new LostSlot(one.Group, one.Slot, [.. _activations.Keys.Where(id => Population.SlotOf(id) == one.Slot && one.Group.Types.Contains(id.ClassName))]))]);
            TakeOutputs();
        }
    }

    private void Do(HandoffCore handoff, in HandoffOutput output)
    {
        switch (output.Kind)
        {
            case HandoffOutputKind.Send:
                if (output.Peer == handoff.Self)
                {
                    throw new ViolationException("a node says nothing to itself", $"{node.Name} sends {output.Message}");
                }

                if (TryFindPeer(output.Peer, out int peer))
                {
                    world.Data.Send(node.Index, peer, world.Encode(output.Message!));
                }

                break;
            case HandoffOutputKind.Forward:
                Pass((SimCall)output.Request!, output.Peer, output.Request!.ByRecord);
                HintOf((SimCall)output.Request!, output.Peer);
                break;
            case HandoffOutputKind.Run:
                Deliver((SimCall)output.Request!, output.Number);
                break;
            case HandoffOutputKind.Refuse:
                SimCall refused = (SimCall)output.Request!;
                world.Trace.Write(world.Now, $"{node.Name} refuses {refused}: {output.Refusal}");
                Answer(refused, refused.CameFrom, AskOutcome.NotRun);
                break;
            case HandoffOutputKind.LetGo:
                _lost.Add((output.Group!, (int)output.Number));
                if (_lost.Count == 1)
                {
                    world.Plan(world.Now + random.Ticks(0, LettingGoMillisecondsMax), new SimEvent(SimEventKind.SlotsLost, node.Index, node.Process, null));
                }

                break;
            case HandoffOutputKind.End:
                AskToEnd(output.Id);
                break;
            case HandoffOutputKind.Cancel:
                Cancel(output.Id);
                break;
            case HandoffOutputKind.Released:
                node.Core?.SlotsReleased(node.Clock, output.Number);
                break;
            case HandoffOutputKind.Publish:
                handoff.Publish(output);
                break;
            case HandoffOutputKind.Stray:
                world.Ways.Strays++;
                FindLine(output.Peer)?.Put(new DirectNote(DirectNoteKind.Stray, output.Id, output.Peer, Stay: (uint)output.Number));
                break;
            case HandoffOutputKind.WayLeft:
                Ways.EndLeave(node.Clock, output.Number);
                break;
            case HandoffOutputKind.WayClosed:
                Ways.EndClose(node.Clock, output.Id);
                break;
        }
    }

    private bool TryFindPeer(in MemberId id, out int peer) =>
        world.TryFindNode(id.Peer, out peer) && _peers.TryGetValue(peer, out MemberId present) && present == id && world.Data.IsUp(node.Index, peer);

    private void Dial()
    {
        if (node.Core is not { Phase: ViewPhase.Member } core)
        {
            return;
        }

        foreach (Member member in core.Installed.Members)
        {
            if (member.Id != core.Self && world.TryFindNode(member.Id.Peer, out int peer) && !world.Data.IsUp(node.Index, peer))
            {
                world.Data.TryDial(node.Index, peer);
            }
        }
    }
}
