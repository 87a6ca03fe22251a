using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Names.Cluster;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Names;

/// <summary>
/// The names of one simulated node: the real core of the registry on the views that the node installs. A core lives as long as the incarnation; what the process registered outlives it and is written again by the next one, as in the real shell.
/// While faults last the node claims names, changes them, takes them back, some in bursts, and waits until some are visible everywhere.
/// </summary>
internal sealed class SimNames(World world, SimNode node, SimRandom random) : NameSite(world, node.Index, random)
{
    private readonly SortedSet<string> _own = new(StringComparer.Ordinal);

    public override int Process => node.Process;

    public override long Slowness => node.Slowness;

    public override TimeSpan Clock => node.Clock;

    public override string Name => node.Name;

    /// <summary>Whether it serves clients.</summary>
    public bool Serves => Core is { IsMember: true } && !node.IsPaused;

    /// <summary>The newest view that the node told of; of several that it installs in one step the first ones come alone. Null before the first of a life.</summary>
    public View? Installed { get; private set; }

    /// <summary>A process starts.</summary>
    public void Start()
    {
        _own.Clear();
        Begin(node.Core!.Self, ClusterId.None, isOtherFounding: false);
        Plan(World.Now + Random.Ticks(50, 1000), SimEventKind.NamesWork);
    }

    /// <summary>The process ends.</summary>
    public void Kill() => End();

    /// <summary>A life ends, and the process goes on with another one or not at all.</summary>
    public void LifeEnded(in MemberId next)
    {
        if (next.IsNone)
        {
            End();
        }
        else
        {
            Begin(next, ClusterId.None, isOtherFounding: false);
        }
    }

    /// <summary>A view is installed.</summary>
    public void Install(ViewCore core, View view)
    {
        var self = new RegistrySource(core.Self.Peer, core.Self.Incarnation.Value);
        bool isOtherFounding = !Cluster.IsNone && view.Cluster != Cluster;
        if (self != Core!.Self || isOtherFounding)
        {
            Begin(core.Self, view.Cluster, isOtherFounding);
        }

        Installed = view;
        Enter(view.Cluster);
        World.Checkers.Names.Entered(this);
        Core!.SetView(Clock, ClusterNames.ToRegistryView(view));
        World.Checkers.Names.Changed(this);
        TakeOutputs();
    }

    /// <summary>The user of this node does something, and plans when it does again.</summary>
    public void Work()
    {
        if (Core is null || World.IsHealed)
        {
            return;
        }

        for (int burst = Random.Chance(0.1) ? 12 : 1; burst > 0; burst--)
        {
            string name = NamePopulation.Any(Random);
            RegistrationPriority priority = Random.Chance(0.25) ? RegistrationPriority.Immediate : RegistrationPriority.Normal;
            switch (Random.Next(4))
            {
                case 0:
                    Unregister(name, priority);
                    break;
                case 1:
                    Wrote(name, Core.Change(Clock, name, NamePopulation.Metadata(Random)));
                    break;
                default:
                    Register(name, priority, default);
                    break;
            }

            TakeOutputs();
        }

        Plan(World.Now + Random.Ticks(50, 600), SimEventKind.NamesWork);
    }

    /// <summary>Registers a name for this node or a client.</summary>
    public void Register(string name, RegistrationPriority priority, PeerId client)
    {
        RegisterResult result = Core!.Register(Clock, name, 0, priority, NamePopulation.Metadata(Random), client);
        Wrote(name, result);
        if (result.Outcome == RegisterOutcome.Done && client.IsDefault)
        {
            _own.Add(name);
        }

        if (result.Outcome == RegisterOutcome.Done && Random.Chance(0.15))
        {
            int wait = Core.WaitVisible(Clock, result.Version, Clock + new TimeSpan(Random.Ticks(100, 4000)));
            if (wait != 0)
            {
                Waits.Add(wait, result.Version);
            }
        }
    }

    /// <summary>A client follows no more: its names go, oldest first.</summary>
    public void Detach(RegistrySource client)
    {
        ulong version = Core!.Version;
        foreach (RegistryEntry entry in Core.Snapshot().Where(found => found.Owner.Id == Core.Self.Id && found.Entry.Client == client.Id).Select(static found => found.Entry).OrderBy(static entry => entry.Version))
        {
            World.Trace.Write(World.Now, $"{Name} takes {entry.Name} of the client back, #{version + 1}");
            Ledger.Removed(entry.Name, ++version);
            Lost.Remove(entry.Name);
        }

        Core.Detach(Clock, client.Id);
        TakeOutputs();
    }

    protected override long TrueTime(TimeSpan clock) => node.TrueTime(clock);

    protected override void Plan(long at, SimEventKind kind, object? payload = null) => World.Plan(at, new SimEvent(kind, node.Index, node.Process, payload));

    private void Begin(in MemberId self, ClusterId cluster, bool isOtherFounding)
    {
        Installed = null;

        // As the real shell: an incarnation may outlive its process only where state is kept.
        ulong versionsAfter = World.Scenario.KeepsState && World.Rules.NamesGoOn ? ClusterNames.VersionsAfter(World.WallClock) : 0;
        Begin(new RegistrySource(self.Peer, self.Incarnation.Value), cluster, isOtherFounding, versionsAfter);
        foreach (string name in _own)
        {
            Wrote(name, Core!.Register(Clock, name, 0, RegistrationPriority.Normal));
        }

        TakeOutputs();
    }

    private void Unregister(string name, RegistrationPriority priority)
    {
        RegisterResult result = Core!.Unregister(Clock, name, priority);
        if (result.Outcome == RegisterOutcome.Done)
        {
            World.Trace.Write(World.Now, $"{Name} takes {name} back, #{result.Version}");
            World.Checkers.Names.Writes(this, result.Version);
            Ledger.Removed(name, result.Version);
            Lost.Remove(name);
        }

        _own.Remove(name);
    }

    private void Wrote(string name, RegisterResult result)
    {
        if (result.Outcome == RegisterOutcome.Done)
        {
            World.Trace.Write(World.Now, $"{Name} registers {name}#{result.Version}");
            World.Checkers.Names.Writes(this, result.Version);
            Ledger.Wrote(name, result.Version);
        }
    }
}
