using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Simulation.Names;

/// <summary>
/// What carries the gossip of names: the links of the run, cut when those are and as noisy, and in some seeds losing and doubling all along; always reordering. Random numbers of its own, so that it changes nothing else of a run.
/// </summary>
/// <remarks>No connections are kept up: as in the real node a message is dropped that finds none, and one to a process that has ended is lost with it.</remarks>
internal sealed class GossipNetwork
{
    private const int KeptMax = 400;
    private readonly World _world;
    private readonly SimRandom _random;
    private readonly double _loss;
    private readonly double _doubled;
    private readonly Dictionary<(int, int), List<GossipParcel>> _kept = [];

    public GossipNetwork(World world, SimRandom random)
    {
        _world = world;
        _random = random;
        if (random.Chance(0.5))
        {
            _loss = random.Between(0, 0.25);
            _doubled = random.Between(0, 0.2);
        }
    }

    /// <summary>Messages sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Sends from one process to another.</summary>
    public void Send(NameSite from, NameSite to, ReadOnlyMemory<byte> bytes)
    {
        Sent++;
        var parcel = new GossipParcel(from.Place, from.Core!.Self, to.Place, to.Process, bytes);
        if (_world.IsCut(from.Place, to.Place))
        {
            Keep(parcel);
            return;
        }

        double noise = _world.IsHealed ? 0 : _world.Network.Noise;
        if (_random.Chance(Math.Max(noise, _world.IsHealed ? 0 : _loss)))
        {
            return;
        }

        Put(parcel);
        if (_random.Chance(Math.Max(noise, _world.IsHealed ? 0 : _doubled)))
        {
            Put(parcel);
        }
    }

    /// <summary>A cut of a direction was mended: what was kept arrives, late and in any order.</summary>
    public void Mended(int from, int to)
    {
        if (!_world.IsCut(from, to) && _kept.Remove((from, to), out List<GossipParcel>? kept))
        {
            kept.ForEach(Put);
        }
    }

    /// <summary>A connection between two nodes stands again: each compares with the other.</summary>
    public void Connect(int from, int to)
    {
        long at = _world.Now + _random.Ticks(1, 400);
        _world.Plan(at, new SimEvent(SimEventKind.Gossip, to, 0, _world.Nodes[from].Peer));
        _world.Plan(at, new SimEvent(SimEventKind.Gossip, from, 0, _world.Nodes[to].Peer));
    }

    private void Keep(GossipParcel parcel)
    {
        if (!_world.Scenario.CutsKeep)
        {
            return;
        }

        if (!_kept.TryGetValue((parcel.From, parcel.To), out List<GossipParcel>? kept))
        {
            _kept.Add((parcel.From, parcel.To), kept = []);
        }

        if (kept.Count < KeptMax)
        {
            kept.Add(parcel);
        }
    }

    private void Put(GossipParcel parcel)
    {
        Scenario scenario = _world.Scenario;
        double milliseconds = scenario.DelayMilliseconds + (scenario.JitterMilliseconds * _random.NextDouble());
        if (!_world.IsHealed && _random.Chance(0.05))
        {
            milliseconds += _random.Between(0, 800); // Overtaken by much that is sent after it.
        }

        long at = _world.Now + (long)(milliseconds * TimeSpan.TicksPerMillisecond) + _world.Names[parcel.To].Slowness + 1;
        _world.Plan(at, new SimEvent(SimEventKind.Gossip, parcel.To < _world.Nodes.Length ? parcel.To : -1, 0, parcel));
    }
}

/// <summary>A message of gossip on its way.</summary>
/// <param name="From">The place of its sender.</param>
/// <param name="Sender">Its sender, as the connection proved.</param>
/// <param name="To">The place of its receiver.</param>
/// <param name="Process">The receiver's process when it was sent: with that ends the connection.</param>
/// <param name="Bytes">The message.</param>
internal sealed record GossipParcel(int From, RegistrySource Sender, int To, int Process, ReadOnlyMemory<byte> Bytes);
