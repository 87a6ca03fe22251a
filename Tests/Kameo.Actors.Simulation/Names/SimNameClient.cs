using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Names.Cluster;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Names;

/// <summary>A client that follows the names through some member that serves, registers some through it, and moves to another member when that one is gone, or now and then for no reason.</summary>
internal sealed class SimNameClient : NameSite
{
    private static readonly long s_lookEvery = TimeSpan.FromMilliseconds(300).Ticks;
    private readonly RegistrySource _self;
    private SimNames? _upstream;
    private RegistryCore? _upstreamCore;

    public SimNameClient(World world, int place, SimRandom random)
        : base(world, place, random)
    {
        Span<byte> key = stackalloc byte[PeerId.Bytes];
        random.NextBytes(key);
        key[0] = 0;
        _self = new RegistrySource(new PeerId(key), random.NextBits());
    }

    public override int Process => 1;

    public override long Slowness => 0;

    public override TimeSpan Clock => new(World.Now);

    public override string Name => "client";

    /// <summary>Which peer it is.</summary>
    public PeerId Peer => _self.Id;

    /// <summary>Starts it.</summary>
    public void Start()
    {
        Begin(_self, ClusterId.None, isOtherFounding: false, versionsAfter: 0);
        Look();
    }

    /// <summary>Finds a member if it has none, follows its views, registers something.</summary>
    public void Look()
    {
        bool isServed = _upstream is { Serves: true } && _upstream.Core == _upstreamCore;
        if (!isServed || (!World.IsHealed && Random.Chance(0.1)))
        {
            Move(isServed);
        }

        if (_upstream is { Serves: true, Installed: { } view } && _upstream.Core == _upstreamCore && _upstream.Cluster == view.Cluster)
        {
            Core!.SetView(Clock, ClusterNames.ToRegistryView(view));
            World.Checkers.Names.Changed(this);
            TakeOutputs();
            if (!World.IsHealed && Random.Chance(0.5))
            {
                _upstream.Register(NamePopulation.Any(Random), RegistrationPriority.Normal, _self.Id);
                _upstream.TakeOutputs();
            }
        }

        Plan(World.Now + s_lookEvery, SimEventKind.NamesWork);
    }

    protected override long TrueTime(TimeSpan clock) => clock.Ticks;

    protected override void Plan(long at, SimEventKind kind, object? payload = null) => World.Plan(at, new SimEvent(kind, -1, 0, payload));

    private void Move(bool isServed)
    {
        if (isServed)
        {
            _upstream!.Detach(_self);
        }

        SimNames[] serving = [.. World.Names.OfType<SimNames>().Where(static names => names.Serves)];
        _upstream = serving.Length == 0 ? null : Random.Pick(serving);
        _upstreamCore = _upstream?.Core;
        if (_upstream is null)
        {
            return;
        }

        if (_upstream.Cluster != Cluster)
        {
            Begin(_self, _upstream.Cluster, isOtherFounding: true, versionsAfter: 0);
        }

        _upstreamCore!.Attach(_self);
        _upstream.TakeOutputs();
        Core!.SetUpstream(Clock, _upstreamCore.Self);
        TakeOutputs();
    }
}
