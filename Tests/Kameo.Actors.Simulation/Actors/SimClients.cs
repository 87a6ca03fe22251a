namespace Kameo.Actors.Simulation.Actors;

/// <summary>Clients that are attached to a node, their gateway, until its process or its life ends; then to another. Each uses this one way to every actor.</summary>
internal sealed class SimClients
{
    /// <summary>How long an ask may take, in ticks of true time.</summary>
    public const long AskTimeout = 8 * TimeSpan.TicksPerSecond;

    private const int Count = 2;
    private readonly World _world;
    private readonly SimRandom _random;
    private readonly Client[] _clients;
    private int _callers;

    public SimClients(World world, SimRandom random)
    {
        _world = world;
        _random = random;
        _clients = new Client[world.Scenario.HasSlots ? Count : 0];
    }

    /// <summary>Plans their first calls.</summary>
    public void Start()
    {
        for (int i = 0; i < _clients.Length; i++)
        {
            _clients[i] = new Client(Attach());
            _world.Plan(_random.Ticks(500, 1500), new SimEvent(SimEventKind.ClientWork, -1, 0, i));
        }
    }

    /// <summary>A client calls an actor.</summary>
    public void Work(int number)
    {
        _world.Plan(_world.Now + _random.Ticks(50, 250), new SimEvent(SimEventKind.ClientWork, -1, 0, number));
        Client client = _clients[number];
        SimCall call = client.Caller.Call(_random.Pick(Population.Actors), _random.Chance(0.6), _world.Now);
        SimNode gateway = _world.Nodes[client.Caller.Node];
        if (call.IsAsk)
        {
            _world.Plan(_world.Now + AskTimeout, new SimEvent(SimEventKind.AskDue, -1, 0, call));
        }

        client.LastArrival = Math.Max(client.LastArrival + 1, _world.Now + _random.Ticks(0.1, 3));
        _world.Plan(client.LastArrival, new SimEvent(SimEventKind.ClientCall, gateway.Index, gateway.Process, client.Caller));
        client.Caller.OnTheWay.Enqueue(call);
    }

    /// <summary>An answer for a client.</summary>
    public void Answer(SimCall call, AskOutcome outcome) => _world.Checkers.Asks.Completed(call, outcome);

    /// <summary>A node can be nobody's gateway any more.</summary>
    public void GatewayEnded(int node)
    {
        foreach (Client client in _clients)
        {
            if (client is not null && client.Caller.Node == node)
            {
                foreach (SimCall call in client.Caller.Waiting.ToArray())
                {
                    _world.Checkers.Asks.Completed(call, AskOutcome.MayHaveRun);
                }

                client.Caller = Attach();
                client.LastArrival = 0;
            }
        }
    }

    private SimCaller Attach() => new(_random.Next(_world.Nodes.Length), ++_callers, isClient: true);

    private sealed class Client(SimCaller caller)
    {
        public SimCaller Caller { get; set; } = caller;

        public long LastArrival { get; set; }
    }
}
