using Kameo.Actors.Slots;

namespace Kameo.Actors.Simulation.Actors;

/// <summary>Activations, turns and callers of a node. Every entry of user code is checked: the lease by a fresh reading of the clock, and the life.</summary>
internal sealed partial class SimActors
{
    private readonly Dictionary<ActorId, SimActivation> _activations = [];
    private int _callers;

    /// <summary>Who calls from this node.</summary>
    public SimCaller Caller { get; private set; } = new(0, 0, isClient: false);

    /// <summary>The activations that are here.</summary>
    public IReadOnlyCollection<SimActivation> Activations => _activations.Values;

    /// <summary>Something to do: calls, ticks, now and then a move.</summary>
    public void Work()
    {
        // Much work waits for a node that did nothing for long: the moment at which a wrong lease would do harm.
        long next = node.BacklogUntil > world.Now ? random.Ticks(0.5, 5) : random.Ticks(60, 300);
        world.Plan(world.Now + next, new SimEvent(SimEventKind.Work, node.Index, node.Process, null));
        ActorId id = random.Pick(Population.Actors);
        if (random.Chance(0.6))
        {
            int burst = random.Chance(0.2) ? random.Next(2, 5) : 1;
            for (int i = 0; i < burst; i++)
            {
                Call(id, random.Chance(0.6));
            }
        }
        else if (_activations.Count > 0 && random.Chance(0.8))
        {
            Tick(_activations.Values.ElementAt(random.Next(_activations.Count)), random.Chance(0.1) ? random.Ticks(1, 480) : random.Ticks(0.01, 5), random.Chance(0.3));
        }
        else if (Handoff is { } handoff && Population.IsRecorded(id) && node.Core!.Installed.Members.Count > 0 && random.Chance(0.3))
        {
            handoff.Move(node.Clock, id, Population.SlotOf(id), random.Pick(node.Core.Installed.Members).Id);
            TakeOutputs();
        }
    }

    /// <summary>Calls an actor from here.</summary>
    public SimCall Call(in ActorId id, bool isAsk)
    {
        SimCall call = Caller.Call(id, isAsk, world.Now);
        Begin(call);
        return call;
    }

    /// <summary>A call of a client has reached this node, its gateway.</summary>
    public void FromClient(SimCall call) => Send(call);

    /// <summary>Sends a call, and sees to it that an ask ends.</summary>
    private void Begin(SimCall call)
    {
        if (call.IsAsk)
        {
            world.Plan(world.Now + SimClients.AskTimeout, new SimEvent(SimEventKind.AskDue, -1, 0, call));
        }

        Send(call);
    }

    /// <summary>Begins turns just before the lease ends, of the greatest length that is allowed.</summary>
    public void LeaseEdge()
    {
        long next = world.Now + TimeSpan.TicksPerSecond;
        if (node.Core is { } core && core.MayEnter(node.Clock))
        {
            long edge = node.TrueTime(core.LeaseEnd) - TimeSpan.TicksPerMillisecond;
            if (edge <= world.Now)
            {
                foreach (SimActivation activation in _activations.Values.ToArray())
                {
                    Tick(activation, world.Guard - TimeSpan.TicksPerMillisecond, suspends: false);
                }
            }
            else
            {
                next = edge;
            }
        }

        world.Plan(next, new SimEvent(SimEventKind.LeaseEdge, node.Index, node.Process, null));
    }

    /// <summary>A turn passed its check a moment ago and enters; faults may have come between.</summary>
    public void Enter(SimTurn turn) => world.Plan(world.Now + turn.Stretch, new SimEvent(SimEventKind.TurnLeft, node.Index, node.Process, turn));

    /// <summary>A turn leaves user code.</summary>
    public void Leave(SimTurn turn)
    {
        world.Checkers.Exclusion.Left(turn);
        if (turn.Suspends)
        {
            turn.IsSuspended = true;
            bool isLong = random.Chance(0.04);
            world.Plan(world.Now + (isLong ? random.Ticks(3000, 9000) : random.Ticks(1, 1500)), new SimEvent(SimEventKind.TurnResumes, node.Index, node.Process, turn));
        }
        else
        {
            End(turn);
        }
    }

    /// <summary>What a turn awaited is there: its continuation is entered under the same check, in the same life only; it is held while the lease has lapsed.</summary>
    public void Resume(SimTurn turn)
    {
        if (node.Core is not { } core || !turn.IsSuspended)
        {
            return;
        }

        if (turn.Activation.Self != core.Self && world.Rules.Views.ContinuationChecksIncarnation)
        {
            return;
        }

        if (!core.MayEnter(node.Clock))
        {
            world.Plan(world.Now + random.Ticks(20, 200), new SimEvent(SimEventKind.TurnResumes, node.Index, node.Process, turn));
            return;
        }

        turn.IsSuspended = false;
        turn.Suspends = false;
        turn.Stretch = random.Ticks(0.01, 20);
        Enter(turn, random.Ticks(0, 2));
    }

    /// <summary>Puts a call into the mailbox of its activation, which is made if need be.</summary>
    private void Deliver(SimCall call, long fence)
    {
        if (!_activations.TryGetValue(call.Id, out SimActivation? activation))
        {
            activation = new SimActivation(node.Index, call.Id, node.Core!.Self, node.Core.Installed.Cluster, fence);
            _activations.Add(call.Id, activation);
        }

        world.Trace.Write(world.Now, $"{node.Name} has {call}");
        activation.Mailbox.Enqueue(call);
        TryStart(activation);
    }

    /// <summary>Starts the next turn if there is one and it may.</summary>
    private void TryStart(SimActivation activation)
    {
        if (activation.Turn is not null || activation.IsOver || node.Core is not { } core || activation.Self != core.Self || !core.MayEnter(node.Clock))
        {
            return;
        }

        if (activation.IsEnding)
        {
            Start(activation, new SimTurn(activation, null) { IsEnd = true, Stretch = random.Ticks(0.01, 5), Suspends = random.Chance(0.1) });
        }
        else if (TakeNext(activation) is { } call)
        {
            Start(activation, new SimTurn(activation, call) { Stretch = random.Chance(0.05) ? random.Ticks(1, 480) : random.Ticks(0.01, 5), Suspends = random.Chance(world.IsHealed ? 0.05 : 0.12) });
        }
    }

    /// <summary>The next call of a mailbox. Where trains of calls may fill it faster than turns can follow, asks that nobody waits for any more are dropped, as they are in earnest.</summary>
    private SimCall? TakeNext(SimActivation activation)
    {
        while (activation.Mailbox.TryDequeue(out SimCall? call))
        {
            if (!world.Ways.AreTaken || !call.IsAsk || node.Clock < call.Deadline)
            {
                return call;
            }

            Answer(call, call.CameFrom, AskOutcome.NotRun);
        }

        return null;
    }

    private void Tick(SimActivation activation, long stretch, bool suspends)
    {
        if (activation.Turn is null && !activation.IsEnding && !activation.IsOver && node.Core is { } core && activation.Self == core.Self && core.MayEnter(node.Clock))
        {
            Start(activation, new SimTurn(activation, null) { Stretch = stretch, Suspends = suspends });
        }
    }

    private void Start(SimActivation activation, SimTurn turn)
    {
        activation.Turn = turn;
        if (turn.Call is { } call)
        {
            world.Checkers.Asks.Ran(call);
            world.Checkers.Order.Ran(call, node.Index);
        }

        Enter(turn, Math.Min(random.Ticks(0, 2), world.Guard - turn.Stretch));
    }

    private void Enter(SimTurn turn, long after)
    {
        world.Checkers.Exclusion.Checked(node, turn);
        world.Plan(world.Now + after, new SimEvent(SimEventKind.TurnEntered, node.Index, node.Process, turn));
    }

    private void End(SimTurn turn)
    {
        SimActivation activation = turn.Activation;
        if (node.Core is not { } core || activation.Self != core.Self)
        {
            // Of a life that is over: nobody waits for it.
            return;
        }

        activation.Turn = null;
        if (turn.Call is { IsAsk: true } call)
        {
            Answer(call, call.CameFrom, AskOutcome.Ran);
        }

        if (turn.IsEnd)
        {
            End(activation);
            return;
        }

        if (activation.Mailbox.Count == 0 && random.Chance(0.15))
        {
            activation.IsEnding = true;
        }

        TryStart(activation);
    }

    private void End(SimActivation activation)
    {
        activation.IsOver = true;
        _activations.Remove(activation.Id);
        if (Handoff is not { } handoff)
        {
            return;
        }

        int slot = Population.SlotOf(activation.Id);
        if (activation.Mailbox.Count > 0 || handoff.GroupOf(activation.Id.ClassName)?.StateOf(slot) != SlotState.Owned)
        {
            handoff.Ended(node.Clock, activation.Id, slot, [.. activation.Mailbox]);
            TakeOutputs();
        }
    }

    private void AskToEnd(in ActorId id)
    {
        if (_activations.TryGetValue(id, out SimActivation? activation))
        {
            activation.IsEnding = true;
            TryStart(activation);
        }
        else if (Handoff is { } handoff)
        {
            // Placed here, and never called since.
            handoff.Ended(node.Clock, id, Population.SlotOf(id), []);
        }
    }

    private void Cancel(in ActorId id)
    {
        if (_activations.TryGetValue(id, out SimActivation? activation) && activation.Turn is { IsSuspended: true } turn)
        {
            world.Plan(world.Now + random.Ticks(0.1, 20), new SimEvent(SimEventKind.TurnResumes, node.Index, node.Process, turn));
        }
    }
}
