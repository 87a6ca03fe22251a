using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation;

/// <summary>
/// Connections between nodes, one a pair: in order on each connection, with delays of their own, cut one way or both, keeping or losing what is sent meanwhile. In noise also losing, doubling and reordering.
/// What was sent to a paused node waits; a process that dies takes its ends with it, and the other ends learn when something can pass.
/// </summary>
internal sealed class Network
{
    private const int KeptMax = 400;
    private static readonly long s_keptFor = TimeSpan.FromSeconds(8).Ticks;
    private readonly World _world;
    private readonly SimRandom _random;
    private readonly int _nodes;
    private readonly int[,] _up;
    private readonly long[,] _lastArrival;
    private readonly int[,] _cuts;
    private readonly long[,] _endedAt;
    private readonly long[,] _dialledAt;
    private readonly bool _isForRequests;
    private readonly Dictionary<(int, int), List<Parcel>> _kept = [];
    private readonly Dictionary<(int, int), Queue<Parcel>> _onTheirWay = [];
    private int _generation;

    public Network(World world, SimRandom random, int nodes, bool isForRequests)
    {
        _isForRequests = isForRequests;
        _endedAt = new long[nodes, nodes];
        _dialledAt = new long[nodes, nodes];
        _world = world;
        _random = random;
        _nodes = nodes;
        _up = new int[nodes, nodes];
        _lastArrival = new long[nodes, nodes];
        _cuts = new int[nodes, nodes];
    }

    /// <summary>How much noise there is: the probability of each mishap for each message.</summary>
    public double Noise { get; set; }

    /// <summary>Counts what arrives; null if nobody does.</summary>
    public Traffic? Traffic { get; set; }

    /// <summary>Whether nothing passes from one node to another.</summary>
    public bool IsCut(int from, int to) => _cuts[from, to] > 0;

    /// <summary>Whether a node has its end of a connection.</summary>
    public bool IsUp(int node, int peer) => _up[node, peer] != 0;

    /// <summary>Cuts one direction.</summary>
    public void Cut(int from, int to)
    {
        if (from != to)
        {
            _cuts[from, to]++;
        }
    }

    /// <summary>Ends one cut of a direction; what was kept arrives.</summary>
    public void Mend(int from, int to)
    {
        if (from == to || _cuts[from, to] == 0 || --_cuts[from, to] > 0)
        {
            return;
        }

        if (_kept.Remove((from, to), out List<Parcel>? kept))
        {
            if (_isForRequests && _world.Now - kept[0].KeptAt > s_keptFor)
            {
                // Pings went unanswered meanwhile: both ends gave the connection up.
                kept = [kept[0] with { Message = Ended.Lost }];
            }

            kept.ForEach(Put);
        }
    }

    /// <summary>Ends all cuts.</summary>
    public void MendAll()
    {
        for (int from = 0; from < _nodes; from++)
        {
            for (int to = 0; to < _nodes; to++)
            {
                if (_cuts[from, to] > 0)
                {
                    _cuts[from, to] = 1;
                    Mend(from, to);
                }
            }
        }
    }

    /// <summary>Sends over the connection, if there is one.</summary>
    public void Send(int from, int to, object message)
    {
        int generation = _up[from, to];
        if (generation == 0)
        {
            return;
        }

        if (_up[to, from] != generation)
        {
            // The other end is gone: its host answers with a reset, once something passes.
            Post(new Parcel(this, to, from, generation, Ended.Lost));
            return;
        }

        Post(new Parcel(this, from, to, generation, message));
    }

    /// <summary>Dials.</summary>
    public void Dial(int from, int to)
    {
        SimNode target = _world.Nodes[to];
        bool answers = !IsCut(from, to) && !IsCut(to, from) && !target.IsPaused;
        long wait = !answers ? TimeSpan.TicksPerSecond : 2 * Delay();
        _world.Plan(_world.Now + wait, new SimEvent(SimEventKind.Dialled, from, _world.Nodes[from].Process, new Dialling(this, to)));
    }

    /// <summary>Ends a dial: connected, refused or timed out.</summary>
    public void EndDial(int from, int to)
    {
        SimNode dialler = _world.Nodes[from];
        SimNode target = _world.Nodes[to];
        if (IsCut(from, to) || IsCut(to, from) || target.IsPaused)
        {
            Failed(dialler, target, refused: false);
        }
        else if (target.Core is null || target.Core.Phase == ViewPhase.Stopped)
        {
            Failed(dialler, target, refused: true);
        }
        else
        {
            if (_up[from, to] == 0 || _up[from, to] != _up[to, from])
            {
                NoteEnd(from, to);
                _up[from, to] = _up[to, from] = ++_generation;
                if (_isForRequests)
                {
                    target.Actors.Connected(from, dialler.Core!.Self);
                    dialler.Actors.Connected(to, target.Core.Self);
                }
                else
                {
                    target.Greet(from, dialler.Core!.Self);
                    dialler.Greet(to, target.Core.Self);
                    target.ConnectionUp(dialler);
                }
            }

            if (!_isForRequests)
            {
                dialler.ConnectionUp(target);
            }
        }
    }

    /// <summary>Dials unless it did so a moment ago.</summary>
    public void TryDial(int from, int to)
    {
        if (_world.Now - _dialledAt[from, to] >= TimeSpan.TicksPerSecond / 4)
        {
            _dialledAt[from, to] = _world.Now;
            Dial(from, to);
        }
    }

    /// <summary>Notes that a connection between two ended, or was replaced.</summary>
    public void NoteEnd(int node, int peer) => _endedAt[node, peer] = _endedAt[peer, node] = _world.Now;

    /// <summary>Whether any connection among some nodes ended since a time.</summary>
    public bool HasEnded(int nodes, long since)
    {
        for (int node = 0; node < _nodes; node++)
        {
            for (int peer = node + 1; peer < _nodes; peer++)
            {
                if ((nodes >> node & 1) != 0 && (nodes >> peer & 1) != 0 && _endedAt[node, peer] >= since)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private void Failed(SimNode dialler, SimNode target, bool refused)
    {
        if (!_isForRequests)
        {
            dialler.DialFailed(target.Address, refused);
        }
    }

    /// <summary>A node ends its connection to another.</summary>
    public void Close(int node, int peer, bool goodbye)
    {
        int generation = _up[node, peer];
        _up[node, peer] = 0;
        if (generation != 0)
        {
            NoteEnd(node, peer);
            Post(new Parcel(this, node, peer, generation, goodbye ? Ended.Goodbye : Ended.Lost));
        }
    }

    /// <summary>A process ended, and with it all its connections.</summary>
    public void CloseAll(int node, bool goodbye)
    {
        for (int peer = 0; peer < _nodes; peer++)
        {
            Close(node, peer, goodbye);
        }
    }

    /// <summary>Something arrives.</summary>
    public void Arrive(Parcel parcel)
    {
        if (_isForRequests)
        {
            // Several pauses one after the other may have shuffled what waited; a connection for requests does not.
            parcel = _onTheirWay[(parcel.From, parcel.To)].Dequeue();
        }

        if (_up[parcel.To, parcel.From] != parcel.Generation)
        {
            return;
        }

        Traffic?.Arrived(parcel.From, parcel.To, parcel.Message);
        SimNode node = _world.Nodes[parcel.To];
        if (parcel.Message is Ended ended)
        {
            _up[parcel.To, parcel.From] = 0;
            if (_isForRequests)
            {
                node.Actors.ConnectionEnded(parcel.From);
            }
            else
            {
                node.ConnectionEnded(parcel.From, ended.IsGoodbye);
            }
        }
        else
        {
            node.Receive(parcel.From, parcel.Message);
        }
    }

    private void Post(Parcel parcel)
    {
        if (IsCut(parcel.From, parcel.To))
        {
            Keep(parcel);
            return;
        }

        if (Noise > 0 && parcel.Message is not Ended)
        {
            if (_random.Chance(Noise))
            {
                return;
            }

            if (_random.Chance(Noise))
            {
                Put(parcel);
            }
        }

        Put(parcel);
    }

    private void Keep(Parcel parcel)
    {
        // A connection for requests loses nothing while it lives.
        if (parcel.Message is not Ended && !_world.Scenario.CutsKeep && !_isForRequests)
        {
            return;
        }

        if (!_kept.TryGetValue((parcel.From, parcel.To), out List<Parcel>? kept))
        {
            _kept.Add((parcel.From, parcel.To), kept = []);
        }

        if (parcel.Message is Ended || kept.Count < KeptMax)
        {
            kept.Add(parcel with { KeptAt = _world.Now });
        }
        else if (kept.Count == KeptMax)
        {
            // No sender keeps more: the connection is given up.
            kept.Add(parcel with { Message = Ended.Lost });
        }
    }

    private void Put(Parcel parcel)
    {
        long at = _world.Now + Delay() + _world.Nodes[parcel.To].Slowness;
        if (Noise == 0 || !_random.Chance(Noise))
        {
            at = Math.Max(at, _lastArrival[parcel.From, parcel.To] + 1);
            _lastArrival[parcel.From, parcel.To] = at;
        }

        if (_isForRequests)
        {
            if (!_onTheirWay.TryGetValue((parcel.From, parcel.To), out Queue<Parcel>? queue))
            {
                _onTheirWay.Add((parcel.From, parcel.To), queue = new Queue<Parcel>());
            }

            queue.Enqueue(parcel);
        }

        _world.Plan(at, new SimEvent(SimEventKind.Arrive, parcel.To, 0, parcel));
    }

    private long Delay() => (long)((_world.Scenario.DelayMilliseconds + (_world.Scenario.JitterMilliseconds * _random.NextDouble())) * TimeSpan.TicksPerMillisecond);
}

/// <summary>Something on its way.</summary>
internal sealed record Parcel(Network Network, int From, int To, int Generation, object Message)
{
    /// <summary>Whether it has waited in the socket of a node that did nothing.</summary>
    public bool WasQueued { get; set; }

    /// <summary>Since when it waits for a cut to be mended.</summary>
    public long KeptAt { get; init; }
}

/// <summary>A dial on its way.</summary>
internal sealed record Dialling(Network Network, int To);

/// <summary>The end of a connection, on its way.</summary>
internal sealed record Ended(bool IsGoodbye)
{
    public static Ended Lost { get; } = new(false);

    public static Ended Goodbye { get; } = new(true);
}
