using System.Net;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Links;

namespace Kameo.Actors.Testing;

/// <summary>
/// Several nodes in one process, connected without sockets: the same identities, TLS, frames and turns as over a network, and the time you give them.
/// </summary>
/// <example>
/// <code>
/// await using var cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
/// Pong pong = await cluster.Clients[0].Get&lt;IPing&gt;("a").Ping(new Ping(1));
/// </code>
/// </example>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly MemoryMedium _network = new();
    private readonly List<ActorNode> _nodes = [];
    private readonly List<ActorNode> _clients = [];
    private readonly Action<ActorNodeOptions>? _configure;

    private TestCluster(Action<ActorNodeOptions>? configure) => _configure = configure;

    /// <summary>The nodes that host actors.</summary>
    public IReadOnlyList<ActorNode> Nodes => _nodes;

    /// <summary>The nodes that only call.</summary>
    public IReadOnlyList<ActorNode> Clients => _clients;

    /// <summary>Starts nodes and connects each with every other.</summary>
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
    public async Task<ActorNode> AddNodeAsync(Action<ActorNodeOptions>? configure = null)
    {
        ActorNode node = await StartAsync(isClient: false, configure).ConfigureAwait(false);
        foreach (ActorNode other in _nodes)
        {
            await node.Transport.ConnectAsync(other.Transport.LocalEndPoint!, other.Id).ConfigureAwait(false);
        }

        foreach (ActorNode client in _clients)
        {
            await client.Transport.ConnectAsync(node.Transport.LocalEndPoint!, node.Id).ConfigureAwait(false);
        }

        _nodes.Add(node);
        return node;
    }

    /// <summary>Adds a node that only calls, connected with every node that hosts.</summary>
    public async Task<ActorNode> AddClientAsync(Action<ActorNodeOptions>? configure = null)
    {
        ActorNode client = await StartAsync(isClient: true, configure).ConfigureAwait(false);
        foreach (ActorNode node in _nodes)
        {
            await client.Transport.ConnectAsync(node.Transport.LocalEndPoint!, node.Id).ConfigureAwait(false);
        }

        _clients.Add(client);
        return client;
    }

    /// <summary>Stops a node; the others go on.</summary>
    public async Task StopAsync(ActorNode node)
    {
        _nodes.Remove(node);
        _clients.Remove(node);
        await node.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops all nodes, clients first.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (ActorNode node in _clients.Concat(_nodes))
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Task<ActorNode> StartAsync(bool isClient, Action<ActorNodeOptions>? configure)
    {
        var options = new ActorNodeOptions
        {
            // Nobody outside of the process reaches the network.
            Trust = TrustPolicy.Anyone(),
            ClusterName = "test",
            Listen = isClient ? null : new IPEndPoint(IPAddress.Loopback, 0),
            IsClient = isClient,
            Medium = _network,
        };
        _configure?.Invoke(options);
        configure?.Invoke(options);
        return ActorNode.StartAsync(options);
    }
}
