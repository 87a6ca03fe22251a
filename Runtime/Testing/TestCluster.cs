using System.Net;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Testing;

/// <summary>
/// Several nodes in one process, connected without sockets: the same identities, TLS, frames and turns as over a network, and the time you give them. Nodes can be added, stopped and killed, and the way
/// between two of them cut and healed. However long the time that you let pass, silence is not taken for death. One caller at a time changes the cluster; actors are called from anywhere.
/// </summary>
/// <example>
/// <code>
/// await using var cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
/// Pong pong = await cluster.Clients[0].Get&lt;IPing&gt;("a").Ping(new Ping(1));
/// await cluster.CutAsync(cluster.Clients[0], cluster.Nodes[1]);
/// </code>
/// </example>
public sealed class TestCluster : IAsyncDisposable
{
    /// <summary>How long nodes of one process may take to notice each other, in real time.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly TestNetwork _network = new();
    private readonly Dictionary<ActorNode, TestNetwork.Place> _places = [];
    private readonly List<ActorNode> _nodes = [];
    private readonly List<ActorNode> _clients = [];
    private readonly List<ActorNode> _killed = [];
    private readonly Action<ActorNodeOptions>? _configure;

    private TestCluster(Action<ActorNodeOptions>? configure) => _configure = configure;

    /// <summary>The nodes that host actors.</summary>
    public IReadOnlyList<ActorNode> Nodes => _nodes;

    /// <summary>The nodes that only call.</summary>
    public IReadOnlyList<ActorNode> Clients => _clients;

    /// <summary>Starts nodes and connects each with every other; completes when they know each other.</summary>
    /// <param name="nodes">How many host actors.</param>
    /// <param name="clients">How many only call.</param>
    /// <param name="configure">Sets options of each node: time, time-outs, services, what it hosts.</param>
    public static async Task<TestCluster> StartAsync(int nodes = 1, int clients = 0, Action<ActorNodeOptions>? configure = null)
    {
        var cluster = new TestCluster(configure);
        try
        {
            for (int index = 0; index < nodes; index++)
            {
                await cluster.AddNodeAsync().ConfigureAwait(false);
            }

            for (int index = 0; index < clients; index++)
            {
                await cluster.AddClientAsync().ConfigureAwait(false);
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Adds a node that hosts actors, connected with every other.</summary>
    /// <param name="configure">Sets options of this node, after those given at the start.</param>
    public async Task<ActorNode> AddNodeAsync(Action<ActorNodeOptions>? configure = null)
    {
        ActorNode node = await StartAsync(isClient: false, configure).ConfigureAwait(false);
        foreach (ActorNode other in _nodes)
        {
            await ConnectAsync(node, other).ConfigureAwait(false);
        }

        foreach (ActorNode client in _clients)
        {
            await ConnectAsync(client, node).ConfigureAwait(false);
        }

        _nodes.Add(node);
        return node;
    }

    /// <summary>Adds a node that only calls, connected with every node that hosts.</summary>
    /// <param name="configure">Sets options of this node, after those given at the start.</param>
    public async Task<ActorNode> AddClientAsync(Action<ActorNodeOptions>? configure = null)
    {
        ActorNode client = await StartAsync(isClient: true, configure).ConfigureAwait(false);
        foreach (ActorNode node in _nodes)
        {
            await ConnectAsync(client, node).ConfigureAwait(false);
        }

        _clients.Add(client);
        return client;
    }

    /// <summary>Cuts the way between two nodes: their connection ends without a goodbye, as if the network had dropped it, and no other can be made. Completes when both have noticed.</summary>
    public async Task CutAsync(ActorNode one, ActorNode other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        _network.Cut(_places[one], _places[other]);
        await UntilAsync(one, other, isKnown: false).ConfigureAwait(false);
        await UntilAsync(other, one, isKnown: false).ConfigureAwait(false);
    }

    /// <summary>Heals what <see cref="CutAsync"/> cut, and connects the two again. Completes when both know each other.</summary>
    public Task HealAsync(ActorNode one, ActorNode other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        _network.Heal(_places[one], _places[other]);
        return other.Transport.LocalEndPoint is null ? ConnectAsync(other, one) : ConnectAsync(one, other);
    }

    /// <summary>Stops a node in good order: it drains, and says goodbye. The others go on.</summary>
    public async Task StopAsync(ActorNode node)
    {
        Forget(node);
        await node.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Ends a node as a crash would look to the others: all its connections end without a goodbye, and nobody reaches it again. Completes when the others have noticed.</summary>
    /// <remarks>What runs in it is not torn off, since it is the same process: it is stopped, out of reach of everybody, when the cluster is disposed.</remarks>
    public async Task KillAsync(ActorNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        foreach (ActorNode other in _nodes.Concat(_clients).Where(other => other != node))
        {
            _network.Cut(_places[node], _places[other]);
            await UntilAsync(other, node, isKnown: false).ConfigureAwait(false);
        }

        _killed.Add(node);
        Forget(node);
    }

    /// <summary>Stops all nodes, clients first.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (ActorNode node in _clients.Concat(_nodes).Concat(_killed))
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task ConnectAsync(ActorNode one, ActorNode other)
    {
        await one.Transport.ConnectAsync(other.Transport.LocalEndPoint!, other.Id).ConfigureAwait(false);
        await UntilAsync(one, other, isKnown: true).ConfigureAwait(false);
        await UntilAsync(other, one, isKnown: true).ConfigureAwait(false);
    }

    private static async Task UntilAsync(ActorNode one, ActorNode other, bool isKnown)
    {
        while (true)
        {
            Task changed = one.Hosts.Changed;
            if (one.Hosts.Current.Node(other.Id) is not null == isKnown)
            {
                return;
            }

            await changed.WaitAsync(s_patience).ConfigureAwait(false);
        }
    }

    private void Forget(ActorNode node)
    {
        _nodes.Remove(node);
        _clients.Remove(node);
    }

    private async Task<ActorNode> StartAsync(bool isClient, Action<ActorNodeOptions>? configure)
    {
        TestNetwork.Place place = _network.NewPlace();
        var options = new ActorNodeOptions
        {
            // Nobody outside of the process reaches the network.
            Trust = TrustPolicy.Anyone(),
            ClusterName = "test",
            Listen = isClient ? null : new IPEndPoint(IPAddress.Loopback, 0),
            IsClient = isClient,
            Medium = place,

            // Silence is no death here: a test that lets an hour pass at once does not mean that nobody answered for an hour. Who is to be gone is cut or killed.
            Limits = new TransportLimits { PingInterval = TimeSpan.FromDays(10), PingTimeout = TimeSpan.FromDays(20) },
        };
        _configure?.Invoke(options);
        configure?.Invoke(options);
        ActorNode node = await ActorNode.StartAsync(options).ConfigureAwait(false);
        _places.Add(node, place);
        return node;
    }
}
