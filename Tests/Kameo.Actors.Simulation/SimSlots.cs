using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation;

/// <summary>
/// What runs on a node by the authority of its lease and its slots: a stand-in for placement and hand-off, small but by the same rules. It asks former owners for their release, waits for the leases of evicted
/// ones, runs turns whose entries are checked one by one, and reports what it released.
/// </summary>
internal sealed class SimSlots(World world, SimNode node, SimRandom random)
{
    /// <summary>How many slots there are.</summary>
    public const int Count = 6;

    private static readonly long s_lookEvery = TimeSpan.FromMilliseconds(100).Ticks;
    private readonly Slot[] _slots = [.. Enumerable.Range(0, Count).Select(static _ => new Slot())];
    private readonly Dictionary<View, MemberId[]> _owners = [];
    private readonly List<MemberId> _waitsFor = [];
    private bool _isLooking;
    private View? _view;

    /// <summary>Whether this node would enter code of a slot now: it is active here, or a turn of it is suspended here, and the lease holds.</summary>
    public bool HasAuthority(int slot) => node.Core is { } core && (_slots[slot].IsActive || _slots[slot].Busy > 0) && _slots[slot].Self == core.Self && core.MayEnter(node.Clock);

    /// <summary>Whether a slot is active here.</summary>
    public bool IsActive(int slot) => _slots[slot].IsActive;

    /// <summary>A process starts.</summary>
    public void Start()
    {
        EndLife(keepsRunning: false);
        _isLooking = false;
        world.Plan(world.Now + random.Ticks(100, 500), new SimEvent(SimEventKind.Work, node.Index, node.Process, null));
        world.Plan(world.Now + TimeSpan.TicksPerSecond, new SimEvent(SimEventKind.LeaseEdge, node.Index, node.Process, null));
    }

    /// <summary>An incarnation ends: nothing of it is entered any more; what runs may reach its next await.</summary>
    public void EndLife(bool keepsRunning)
    {
        _view = null;
        _owners.Clear();
        foreach (Slot slot in _slots)
        {
            slot.IsActive = false;
            slot.IsWanted = false;
            slot.Busy = 0;
        }

        if (!keepsRunning)
        {
            world.Checkers.Exclusion.Died(node);
        }
    }

    /// <summary>A view is installed.</summary>
    public void Installed(ViewCore core, View view)
    {
        _view = view;
        for (int i = 0; i < Count; i++)
        {
            Slot slot = _slots[i];
            bool owns = OwnerOf(core, view, i) == core.Self;
            if (!owns)
            {
                slot.IsActive = slot.IsWanted = false;
            }
            else if (!slot.IsActive)
            {
                Want(core, i);
            }
        }

        Report(core);
        Look();
    }

    /// <summary>A slot message of another node.</summary>
    public void Receive(int from, object message)
    {
        if (node.Core is not { } core || _view is not { } view)
        {
            return;
        }

        switch (message)
        {
            case SlotAsk ask when ask.To == core.Self && ask.Epoch <= view.Epoch && !_slots[ask.Slot].IsActive && _slots[ask.Slot].Busy == 0 && OwnerOf(core, view, ask.Slot) != core.Self:
                world.Network.Send(node.Index, from, new SlotReleased(ask.Slot, ask.Epoch, core.Self, ask.From));
                break;
            case SlotReleased released when released.To == core.Self && released.Epoch == view.Epoch && _slots[released.Slot].IsWanted:
                _slots[released.Slot].Released.Add(released.From);
                TryActivate(core, released.Slot);
                break;
        }
    }

    /// <summary>Looks at what is wanted, and asks again.</summary>
    public void LookAgain()
    {
        _isLooking = false;
        if (node.Core is not { } core || _view is not { } view)
        {
            return;
        }

        Report(core);
        for (int i = 0; i < Count; i++)
        {
            if (!_slots[i].IsWanted)
            {
                continue;
            }

            foreach (MemberId former in _slots[i].WaitsFor)
            {
                if (!_slots[i].Released.Contains(former) && world.TryFindNode(former.Peer, out int to))
                {
                    world.Network.Send(node.Index, to, new SlotAsk(i, view.Epoch, core.Self, former));
                }
            }

            TryActivate(core, i);
        }

        Look();
    }

    /// <summary>A turn is to begin.</summary>
    public void Work()
    {
        // Much work waits for a node that did nothing for long: the moment at which a wrong lease would do harm.
        long next = node.BacklogUntil > world.Now ? random.Ticks(0.5, 5) : random.Ticks(50, 300);
        world.Plan(world.Now + next, new SimEvent(SimEventKind.Work, node.Index, node.Process, null));
        int slot = random.Next(Count);
        for (int i = 0; i < Count && !_slots[slot].IsActive; i++)
        {
            slot = (slot + 1) % Count;
        }

        BeginTurn(slot, random.Chance(0.1) ? random.Ticks(1, 480) : random.Ticks(0.01, 5), random.Chance(0.3));
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
                for (int slot = 0; slot < Count; slot++)
                {
                    BeginTurn(slot, world.Guard - TimeSpan.TicksPerMillisecond, suspends: false);
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
            world.Plan(world.Now + random.Ticks(1, 3000), new SimEvent(SimEventKind.TurnResumes, node.Index, node.Process, turn));
        }
        else
        {
            End(turn);
        }
    }

    /// <summary>What a turn awaited is there: its continuation is entered under the same check, in the same incarnation only; it is held while the lease has lapsed.</summary>
    public void Resume(SimTurn turn)
    {
        if (node.Core is not { } core)
        {
            return;
        }

        if (turn.Self != core.Self && world.Rules.ContinuationChecksIncarnation)
        {
            return;
        }

        if (!core.MayEnter(node.Clock))
        {
            world.Plan(world.Now + random.Ticks(20, 200), new SimEvent(SimEventKind.TurnResumes, node.Index, node.Process, turn));
            return;
        }

        turn.Suspends = false;
        turn.Stretch = random.Ticks(0.01, 20);
        world.Checkers.Exclusion.Checked(node, turn);
        world.Plan(world.Now + random.Ticks(0, 2), new SimEvent(SimEventKind.TurnEntered, node.Index, node.Process, turn));
    }

    private void BeginTurn(int slot, long stretch, bool suspends)
    {
        if (node.Core is not { } core || !_slots[slot].IsActive || !core.MayEnter(node.Clock))
        {
            return;
        }

        _slots[slot].Busy++;
        SimTurn turn = new(node.Index, slot, core.Self, core.Installed.Cluster) { Stretch = stretch, Suspends = suspends };
        world.Checkers.Exclusion.Checked(node, turn);
        world.Plan(world.Now + Math.Min(random.Ticks(0, 2), world.Guard - stretch), new SimEvent(SimEventKind.TurnEntered, node.Index, node.Process, turn));
    }

    private void End(SimTurn turn)
    {
        if (node.Core is { } core && turn.Self == core.Self)
        {
            _slots[turn.Slot].Busy--;
            Report(core);
        }
    }

    private void Want(ViewCore core, int index)
    {
        Slot slot = _slots[index];
        slot.IsWanted = true;
        slot.Self = core.Self;
        slot.Released.Clear();
        slot.ClearAt = core.Takeover.FormerOwners(node.Clock, core.Self, view => OwnerOf(core, view, index), _waitsFor);
        slot.WaitsFor = [.. _waitsFor];
        TryActivate(core, index);
    }

    private void TryActivate(ViewCore core, int index)
    {
        Slot slot = _slots[index];
        if (!slot.IsWanted || node.Clock < slot.ClearAt || slot.WaitsFor.Exists(former => !slot.Released.Contains(former)))
        {
            return;
        }

        slot.IsWanted = false;
        slot.IsActive = true;
        world.Trace.Write(world.Now, $"{node.Name} activates slot {index} in {Plain.Epoch(core.Installed.Epoch)}");
        BeginTurn(index, random.Ticks(0.01, 5), suspends: false);
    }

    /// <summary>Says up to which epoch all that is not owned is released: nothing active, nothing running or suspended.</summary>
    private void Report(ViewCore core)
    {
        if (_view is not { } view)
        {
            return;
        }

        for (int i = 0; i < Count; i++)
        {
            if ((_slots[i].IsActive || _slots[i].Busy > 0) && OwnerOf(core, view, i) != core.Self)
            {
                return;
            }
        }

        core.SlotsReleased(node.Clock, view.Epoch);
    }

    private void Look()
    {
        bool wants = false;
        foreach (Slot slot in _slots)
        {
            wants |= slot.IsWanted || slot.Busy > 0;
        }

        if (!_isLooking && wants)
        {
            _isLooking = true;
            world.Plan(world.Now + s_lookEvery, new SimEvent(SimEventKind.Slots, node.Index, node.Process, null));
        }
    }

    private MemberId OwnerOf(ViewCore core, View view, int slot)
    {
        if (!world.Rules.HostsFromView)
        {
            return SlotOwners.Of(view, slot, member => member.Id == core.Self || world.TryFindNode(member.Id.Peer, out int at) && world.Network.IsUp(node.Index, at));
        }

        if (!_owners.TryGetValue(view, out MemberId[]? owners))
        {
            if (_owners.Count > 64)
            {
                _owners.Clear();
            }

            _owners.Add(view, owners = SlotOwners.All(view));
        }

        return owners[slot];
    }

    private sealed class Slot
    {
        public readonly HashSet<MemberId> Released = [];
        public List<MemberId> WaitsFor = [];
        public MemberId Self;
        public TimeSpan ClearAt;
        public bool IsWanted;
        public bool IsActive;
        public int Busy;
    }
}

/// <summary>A turn: checked, entered, left; and once more if it awaits.</summary>
internal sealed class SimTurn(int node, int slot, MemberId self, ClusterId cluster)
{
    public int Node { get; } = node;

    public int Slot { get; } = slot;

    public MemberId Self { get; } = self;

    public ClusterId Cluster { get; } = cluster;

    public long Stretch { get; set; }

    public bool Suspends { get; set; }

    public long CheckedAt { get; set; }
}

/// <summary>Asks a former owner to release a slot.</summary>
internal sealed record SlotAsk(int Slot, long Epoch, MemberId From, MemberId To);

/// <summary>No user code of the slot is entered at the sender again unless it acquires the slot in a later view.</summary>
internal sealed record SlotReleased(int Slot, long Epoch, MemberId From, MemberId To);

/// <summary>Who owns a slot: weighted rendezvous over the members that are up and host its type, as far as a simulation needs it.</summary>
internal static class SlotOwners
{
    /// <summary>The type of a slot.</summary>
    public static string TypeOf(int slot) => slot < 4 ? "everywhere" : "somewhere";

    /// <summary>The types that a node hosts.</summary>
    public static IReadOnlyList<string> HostedBy(int node) => node % 2 == 0 ? ["everywhere", "somewhere"] : ["everywhere"];

    public static MemberId[] All(View view)
    {
        MemberId[] owners = new MemberId[SimSlots.Count];
        for (int slot = 0; slot < owners.Length; slot++)
        {
            owners[slot] = Of(view, slot, null);
        }

        return owners;
    }

    public static MemberId Of(View view, int slot, Func<Member, bool>? among)
    {
        MemberId best = default;
        ulong bestScore = 0;
        string type = TypeOf(slot);
        foreach (Member member in view.Members)
        {
            if (member.State != MemberState.Up || !member.HostedTypes.Contains(type) || (among is not null && !among(member)))
            {
                continue;
            }

            ulong score = SimRandom.Mix(member.Id.Incarnation.Value ^ SimRandom.Mix((ulong)slot));
            if (score >= bestScore)
            {
                bestScore = score;
                best = member.Id;
            }
        }

        return best;
    }
}
