using Kameo.Actors.Simulation.Checkers;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Names;

/// <summary>Where a registry core runs, of a member or a client: what the shell of the real one does, with messages over <see cref="GossipNetwork"/> and time from the site's own clock.</summary>
internal abstract class NameSite(World world, int place, SimRandom random)
{
    private long _dueAt = long.MaxValue;

    /// <summary>Its number among all sites.</summary>
    public int Place { get; } = place;

    /// <summary>The core of the present life; null if no process runs.</summary>
    public RegistryCore? Core { get; private set; }

    /// <summary>What the present life wrote.</summary>
    public NameLedger Ledger { get; private set; } = new();

    /// <summary>The founding that it belongs to.</summary>
    public ClusterId Cluster { get; private set; }

    /// <summary>What its watch of all names told and was not looked at yet.</summary>
    public List<RegistryEvent> Told { get; } = [];

    /// <summary>Names that it was told to have lost to another, and that it did not get back.</summary>
    public HashSet<string> Lost { get; } = [];

    /// <summary>Waits for visibility, and the version that each waits for.</summary>
    public Dictionary<int, ulong> Waits { get; } = [];

    /// <summary>The how-manieth process this is.</summary>
    public abstract int Process { get; }

    /// <summary>How late it handles what it gets.</summary>
    public abstract long Slowness { get; }

    /// <summary>Its clock.</summary>
    public abstract TimeSpan Clock { get; }

    /// <summary>Its name in reports.</summary>
    public abstract string Name { get; }

    protected World World { get; } = world;

    protected SimRandom Random { get; } = random;

    /// <summary>When the site's clock shows a time.</summary>
    protected abstract long TrueTime(TimeSpan clock);

    /// <summary>Plans an event of this site.</summary>
    protected abstract void Plan(long at, SimEventKind kind, object? payload = null);

    /// <summary>A message or the news of a connection arrives.</summary>
    public void Arrive(object payload)
    {
        if (Core is not { } core)
        {
            return;
        }

        if (payload is not GossipParcel parcel)
        {
            core.HandleConnected((PeerId)payload);
        }
        else if (parcel.Process == Process)
        {
            long deltas = core.Counters.DeltasApplied + core.Counters.DeltasWithoutRoom;
            if (core.Handle(Clock, parcel.Sender, parcel.Bytes.Span) is { } wrong)
            {
                throw new ViolationException("registries accept what registries send", $"{Name} refuses what {World.Names[parcel.From].Name} sent: {wrong}");
            }

            if (core.Counters.DeltasApplied + core.Counters.DeltasWithoutRoom != deltas)
            {
                World.Checkers.Names.Changed(this);
            }
        }

        TakeOutputs();
    }

    /// <summary>The core's deadline may be due.</summary>
    public void Due()
    {
        if (_dueAt > World.Now || Core is null)
        {
            return;
        }

        _dueAt = long.MaxValue;
        if (Core.NextDeadline <= Clock)
        {
            Core.HandleDeadline(Clock);
        }

        TakeOutputs();
    }

    /// <summary>Begins a life.</summary>
    protected void Begin(RegistrySource self, ClusterId cluster, bool isOtherFounding, ulong versionsAfter)
    {
        Cluster = cluster;
        Core = new RegistryCore(self, Random.Fork((ulong)World.Now ^ self.Incarnation), NamePopulation.LimitsOf(World.Scenario.Seed), flaws: World.Rules.Registry, versionsAfter: versionsAfter);
        Ledger = World.Checkers.Names.Began(this, isOtherFounding, versionsAfter);
        Core.Watch(string.Empty, isPrefix: true);
        Told.Clear();
        Lost.Clear();
        Waits.Clear();
        _dueAt = long.MaxValue;
    }

    /// <summary>The process ended.</summary>
    protected void End()
    {
        Core = null;
        Cluster = ClusterId.None;
        _dueAt = long.MaxValue;
    }

    /// <summary>Belongs to a cluster from now on.</summary>
    protected void Enter(ClusterId cluster) => Cluster = cluster;

    /// <summary>Takes what the core wants done, and plans its next deadline.</summary>
    public void TakeOutputs()
    {
        if (Core is not { } core)
        {
            return;
        }

        while (core.TryTake(out RegistryPacket packet))
        {
            if (World.FindNames(packet.To) is { } to)
            {
                World.Gossip.Send(this, to, packet.Bytes);
            }
        }

        while (core.TryTake(out RegistryEvent told))
        {
            Note(told);
        }

        World.Checkers.Names.Watched(this);
        while (core.TryTake(out WaitEnd end))
        {
            if (Waits.Remove(end.Id, out ulong version) && end.Outcome == WaitOutcome.Visible)
            {
                World.Checkers.Names.Visible(this, version);
            }
        }

        long at = core.NextDeadline == RegistryTiming.Never ? long.MaxValue : Math.Max(TrueTime(core.NextDeadline), World.Now + 1);
        if (at < _dueAt)
        {
            _dueAt = at;
            Plan(at + Slowness, SimEventKind.NamesDue);
        }
    }

    private void Note(in RegistryEvent told)
    {
        switch (told.Kind)
        {
            case RegistryEventKind.Lost:
                World.Trace.Write(World.Now, $"{Name} loses {told.Registration.Entry.Name} to join index {told.Registration.Owner.JoinIndex}");
                Lost.Add(told.Registration.Entry.Name);
                break;
            case RegistryEventKind.Regained:
                World.Trace.Write(World.Now, $"{Name} has {told.Registration.Entry.Name} again");
                Lost.Remove(told.Registration.Entry.Name);
                break;
            default:
                Told.Add(told);
                break;
        }
    }
}
