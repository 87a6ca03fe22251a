using System.Globalization;
using Kameo.Actors.Simulation.Actors;
using Kameo.Actors.Simulation.Checkers;
using Kameo.Actors.Simulation.Names;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;
using Kameo.Actors.Transport.Views.Messages;
using Kameo.Actors.Transport.Views.Wire;

namespace Kameo.Actors.Simulation;

/// <summary>
/// One run: nodes, network and faults under virtual time, in one thread, decided by the seed alone. A safety phase with faults, then everything heals, then a liveness phase that ends when all is well, or too late.
/// </summary>
internal sealed partial class World
{
    private static readonly long s_lookEvery = TimeSpan.FromMilliseconds(250).Ticks;
    private readonly PriorityQueue<SimEvent, long> _events = new(1024);
    private readonly Dictionary<PeerId, int> _nodeOf = [];
    private readonly SimRandom _random;
    private const int SeedsMax = 9;
    private const long UnixSecondsAtStart = 1_700_000_000;
    private static readonly TimeSpan s_earlyJoin = TimeSpan.FromSeconds(1);
    private readonly Dictionary<SimEventKind, long> _kinds = [];
    private readonly SimNameClient? _client;
    private long _sequence;

    public World(Scenario scenario, Planted rules, TextWriter? trace)
    {
        Scenario = scenario;
        Rules = rules;
        Trace = new Trace(trace);
        _random = new SimRandom(scenario.Seed).Fork(2);
        Timing = scenario.IsWan ? ViewTiming.Wan : ViewTiming.Lan;
        Timing = scenario.JoinsEarly ? Timing with { JoinBatchMax = s_earlyJoin } : Timing;
        Checkers = new CheckerSet(this);
        Ways = new DirectTraffic(scenario);
        Network = new Network(this, _random.Fork(10), scenario.Nodes, isForRequests: false);
        Data = new Network(this, _random.Fork(11), scenario.HasSlots ? scenario.Nodes : 0, isForRequests: true);
        Clients = new SimClients(this, _random.Fork(12));
        Nodes = new SimNode[scenario.Nodes];
        for (int i = 0; i < Nodes.Length; i++)
        {
            Nodes[i] = new SimNode(this, i, _random.Fork(100 + (ulong)i));
            _nodeOf.Add(Nodes[i].Peer, i);
        }

        // Names have random sources of their own, and nothing of them touches the views: a seed's views are the same with and without.
        SimRandom forNames = new SimRandom(scenario.Seed).Fork(4);
        Gossip = new GossipNetwork(this, forNames.Fork(1));
        if (scenario.HasNames)
        {
            _client = forNames.Chance(0.5) ? new SimNameClient(this, scenario.Nodes, forNames.Fork(2)) : null;
            Names = [.. Nodes.Select(node => new SimNames(this, node, forNames.Fork(100 + (ulong)node.Index))), .. _client is null ? Array.Empty<NameSite>() : [_client]];
        }
    }

    public Scenario Scenario { get; }

    public Planted Rules { get; }

    public ViewTiming Timing { get; init; }

    public Trace Trace { get; }

    public CheckerSet Checkers { get; }

    public Network Network { get; }

    /// <summary>The connections for requests and hand-off.</summary>
    public Network Data { get; }

    public SimClients Clients { get; }

    /// <summary>Direct ways to actors.</summary>
    public DirectTraffic Ways { get; }

    public SimNode[] Nodes { get; }

    /// <summary>What carries names.</summary>
    public GossipNetwork Gossip { get; }

    /// <summary>The registries: one a node, in their order, and perhaps that of a client. None in a run without names.</summary>
    public IReadOnlyList<NameSite> Names { get; } = [];

    /// <summary>The time that clocks on walls show.</summary>
    public DateTimeOffset WallClock => DateTimeOffset.UnixEpoch.AddSeconds(UnixSecondsAtStart) + new TimeSpan(Now);

    /// <summary>True time, in ticks since the start of the run.</summary>
    public long Now { get; private set; }

    /// <summary>G, in ticks.</summary>
    public long Guard => Timing.StretchGuard.Ticks;

    /// <summary>How many events were handled.</summary>
    public long Handled { get; private set; }

    /// <summary>Whether the liveness phase has begun.</summary>
    public bool IsHealed { get; private set; }

    /// <summary>Plans an event.</summary>
    public void Plan(long at, SimEvent planned) => _events.Enqueue(planned, (at << 24) | (_sequence++ & 0xffffff));

    /// <summary>Runs to the end.</summary>
    /// <exception cref="ViolationException">A checker saw a promise broken.</exception>
    public void Run()
    {
        Begin();
        Plan(Scenario.HealAt, new SimEvent(SimEventKind.Heal, -1, 0, null));
        RunUntil(() => Checkers.Convergence.IsReached && (Checkers.Names.Agreement.IsReached || Names.Count == 0), long.MaxValue);
        Trace.Write(Now, $"== all is well after {string.Join(", ", _kinds.Select(static kind => $"{kind.Value} {kind.Key}"))}");
    }

    /// <summary>Plans the starts and the faults.</summary>
    public void Begin()
    {
        foreach (SimNode node in Nodes)
        {
            Plan(Scenario.StartAt[node.Index], new SimEvent(SimEventKind.Start, node.Index, 0, null));
        }

        Clients.Start();
        _client?.Start();
        foreach (Fault fault in Scenario.Faults)
        {
            Plan(fault.At, new SimEvent(SimEventKind.Fault, -1, 0, fault));
        }
    }

    /// <summary>Runs until something holds, looked at a hundred times a second, or until a time.</summary>
    /// <returns>When it ended.</returns>
    public long RunUntil(Func<bool> holds, long until)
    {
        long lookAt = Now;
        while (_events.TryPeek(out SimEvent due, out long key) && key >> 24 <= until)
        {
            if (Now >= lookAt)
            {
                if (holds())
                {
                    return Now;
                }

                lookAt = Now + (TimeSpan.TicksPerSecond / 100);
            }

            _events.Dequeue();
            Now = key >> 24;
            Handle(due);
            Handled++;
        }

        Now = Math.Max(Now, Math.Min(until, long.MaxValue >> 24));
        return Now;
    }

    public int NodeAt(string address) => int.Parse(address.AsSpan(1), CultureInfo.InvariantCulture);

    /// <summary>The registry of a peer; null for one that has none.</summary>
    public NameSite? FindNames(PeerId peer) => _nodeOf.TryGetValue(peer, out int node) ? Names[node] : _client?.Peer == peer ? _client : null;

    /// <summary>Whether nothing passes from one site to another; a client is never cut off.</summary>
    public bool IsCut(int from, int to) => from < Nodes.Length && to < Nodes.Length && Network.IsCut(from, to);

    public bool TryFindNode(PeerId peer, out int node) => _nodeOf.TryGetValue(peer, out node);

    /// <summary>What a node is started with.</summary>
    public ViewOptions OptionsOf(SimNode node) => new()
    {
        Peer = node.Peer,
        Address = node.Address,
        Seeds = [.. Nodes.Take(SeedsMax).Select(static one => one.Address)],
        Founders = Scenario.HasFounders ? [.. Nodes.Take(Math.Min(3, Nodes.Length)).Select(static one => one.Peer)] : null,
        Reform = Scenario.Reform,
        HostedTypes = Population.HostedBy(node.Index),
        Weight = Population.WeightOf(node.Index),
        Timing = Timing,
        UnixSeconds = UnixSecondsAtStart + (Now / TimeSpan.TicksPerSecond),
        HasSlots = Scenario.HasSlots,
        KeepsState = Scenario.KeepsState,
        Rules = Rules.Views,
    };

    /// <summary>What goes over the wire instead of a message: in some runs what its bytes say, else itself, which is faster.</summary>
    public Envelope Encode(Envelope envelope)
    {
        if (!Scenario.ThroughBytes)
        {
            return envelope;
        }

        ScratchBuffer scratch = ScratchBuffer.Rent();
        MessagePackWriter writer = new(scratch);
        ViewWire.Encode(ref writer, envelope);
        Envelope decoded = ViewWire.Decode(scratch.WrittenSpan) ?? throw new InvalidOperationException($"{envelope.Message} is not read back.");
        ScratchBuffer.Return(scratch);
        return decoded;
    }

    /// <summary>What goes over the wire instead of a message of hand-off.</summary>
    public HandoffMessage Encode(HandoffMessage message)
    {
        if (!Scenario.ThroughBytes)
        {
            return message;
        }

        ScratchBuffer scratch = ScratchBuffer.Rent();
        MessagePackWriter writer = new(scratch);
        HandoffWire.Encode(ref writer, message);
        HandoffMessage decoded = HandoffWire.Decode(scratch.WrittenSpan) ?? throw new InvalidOperationException($"{message} is not read back.");
        ScratchBuffer.Return(scratch);
        return decoded;
    }

    /// <summary>What goes over the wire instead of a note of direct ways.</summary>
    public DirectNote Encode(in DirectNote note) =>
        !Scenario.ThroughBytes ? note : DirectNote.TryRead(note.Encode(), out DirectNote read) ? read : throw new InvalidOperationException($"{note} is not read back.");

    /// <summary>What a state directory holds.</summary>
    public static byte[] Encode(StewardState state)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        MessagePackWriter writer = new(scratch);
        ViewWire.Encode(ref writer, state);
        byte[] bytes = scratch.WrittenSpan.ToArray();
        ScratchBuffer.Return(scratch);
        return bytes;
    }

    /// <summary>Whether a message is worth a line in the trace: not the steady hum.</summary>
    public bool TracesMessage(ViewMessage message) => message is not (Ping or Pong or Renew or Grant or AppendReply or Seek or SeekReply) && message is not Append { Entries.Count: 0, Base: null };

    private void Handle(in SimEvent due)
    {
        if (Trace.IsOn)
        {
            _kinds[due.Kind] = _kinds.GetValueOrDefault(due.Kind) + 1;
        }

        if (due.Node < 0)
        {
            HandleWorld(due);
            return;
        }

        SimNode node = Nodes[due.Node];
        if (due.Process != 0 && due.Process != node.Process)
        {
            return;
        }

        if (node.PausedUntil > Now && due.Kind != SimEventKind.Start)
        {
            // What waits in the sockets is read one by one, in order, and takes its time; ticks and turns that are due come between.
            Plan(due.Payload is Parcel waiting ? node.QueueBehind(node.PausedUntil, waiting) : node.PausedUntil, due);
            return;
        }

        if (due.Payload is Parcel { WasQueued: false } parcel && node.BacklogUntil > Now)
        {
            Plan(node.QueueBehind(Now, parcel), due);
            return;
        }

        switch (due.Kind)
        {
            case SimEventKind.Start:
                node.Start();
                break;
            case SimEventKind.Tick:
                node.Tick();
                break;
            case SimEventKind.Arrive:
                Parcel arrived = (Parcel)due.Payload!;
                arrived.Network.Arrive(arrived);
                break;
            case SimEventKind.Dialled:
                if (node.Core is not null)
                {
                    Dialling dialling = (Dialling)due.Payload!;
                    dialling.Network.EndDial(due.Node, dialling.To);
                }

                break;
            case SimEventKind.Work:
                node.Actors.Work();
                break;
            case SimEventKind.LeaseEdge:
                node.Actors.LeaseEdge();
                break;
            case SimEventKind.TurnEntered:
                node.Actors.Enter((SimTurn)due.Payload!);
                break;
            case SimEventKind.TurnLeft:
                node.Actors.Leave((SimTurn)due.Payload!);
                break;
            case SimEventKind.TurnResumes:
                node.Actors.Resume((SimTurn)due.Payload!);
                break;
            case SimEventKind.Slots:
                node.Actors.LookAgain();
                break;
            case SimEventKind.SlotsDue:
                node.Actors.Due();
                break;
            case SimEventKind.SlotsLost:
                node.Actors.LetGoOfSome();
                break;
            case SimEventKind.WaysDue:
                node.Actors.LookAtWays();
                break;
            case SimEventKind.DirectWork:
                node.Actors.DirectWork((int)due.Payload!);
                break;
            case SimEventKind.Gossip:
                Names[due.Node].Arrive(due.Payload!);
                break;
            case SimEventKind.NamesDue:
                Names[due.Node].Due();
                break;
            case SimEventKind.NamesWork:
                ((SimNames)Names[due.Node]).Work();
                break;
            case SimEventKind.ClientCall:
                node.Actors.FromClient(((SimCaller)due.Payload!).OnTheWay.Dequeue());
                break;
        }
    }

    private void HandleWorld(in SimEvent due)
    {
        switch (due.Kind)
        {
            case SimEventKind.Fault:
                Begin((Fault)due.Payload!);
                break;
            case SimEventKind.FaultEnds:
                if (!IsHealed)
                {
                    ((Action)due.Payload!)();
                }

                break;
            case SimEventKind.ClientWork:
                Clients.Work((int)due.Payload!);
                break;
            case SimEventKind.AskDue:
                Checkers.Asks.Due((SimCall)due.Payload!);
                break;
            case SimEventKind.Gossip:
                _client!.Arrive(due.Payload!);
                break;
            case SimEventKind.NamesDue:
                _client!.Due();
                break;
            case SimEventKind.NamesWork:
                _client!.Look();
                break;
            case SimEventKind.Heal:
                Heal();
                Plan(Now + s_lookEvery, new SimEvent(SimEventKind.Look, -1, 0, null));
                break;
            case SimEventKind.Look:
                if (Checkers.Convergence.IsReached)
                {
                    Checkers.Names.Agreement.Look();
                }
                else
                {
                    PlayOperator();
                    Checkers.Convergence.Look();
                }

                Plan(Now + s_lookEvery, new SimEvent(SimEventKind.Look, -1, 0, null));
                break;
        }
    }
}
