using Kameo.Actors.Transport.Names.Cluster;
using Kameo.Actors.Transport.Tests.Nodes;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Tests.Names;

/// <summary>Real nodes connected with each other on loopback, whose membership a test writes by hand.</summary>
internal sealed class NameCluster : IAsyncDisposable
{
    private static readonly ClusterId s_cluster = new(1, 2);
    private readonly List<TransportNode> _nodes = [];
    private readonly Dictionary<TransportNode, long> _joinIndexes = [];
    private long _epoch = 100;
    private long _nextJoinIndex;

    /// <summary>The members, oldest first, and after them clients.</summary>
    public TransportNode this[int index] => _nodes[index];

    public View View { get; private set; } = null!;

    /// <summary>Starts members that are connected, each with every other, and install a view of all.</summary>
    public static async Task<NameCluster> StartAsync(int members, Action<TransportOptions>? configure = null, bool install = true)
    {
        var cluster = new NameCluster();
        for (int index = 0; index < members; index++)
        {
            await cluster.AddAsync(configure);
        }

        if (install)
        {
            cluster.Install([.. Enumerable.Range(0, members)]);
        }

        return cluster;
    }

    public static ClusterNames NamesOf(TransportNode node) => (ClusterNames)node.Names;

    public static MemberId IdOf(TransportNode node) => new(node.Id, new Incarnation(node.Incarnation));

    /// <summary>Starts a node and connects it with all others, or those given.</summary>
    public async Task<TransportNode> AddAsync(Action<TransportOptions>? configure = null, int[]? peers = null)
    {
        TransportNode node = await TransportNode.StartAsync(TwoNodes.Options(options =>
        {
            options.UsesClusterNames = true;
            configure?.Invoke(options);
        }));
        foreach (TransportNode other in peers is null ? [.. _nodes] : peers.Select(index => _nodes[index]).ToArray())
        {
            await node.ConnectAsync(other.LocalEndPoint!, other.Id).WaitAsync(TwoNodes.Deadline);
        }

        _nodes.Add(node);
        return node;
    }

    public Task<TransportNode> AddClientAsync(params int[] peers) => AddAsync(
        static options =>
        {
            options.Listen = null;
            options.IsClient = true;
        },
        peers);

    /// <summary>Makes the next view, of these nodes, and has each of them install it.</summary>
    public void Install(params int[] members)
    {
        MakeView(members);
        foreach (int index in members)
        {
            NamesOf(_nodes[index]).OnView(IdOf(_nodes[index]), View);
        }
    }

    /// <summary>Makes the next view without telling anybody.</summary>
    public View MakeView(params int[] members)
    {
        foreach (int index in members)
        {
            if (!_joinIndexes.ContainsKey(_nodes[index]))
            {
                _joinIndexes.Add(_nodes[index], _nextJoinIndex++);
            }
        }

        Member[] all = [.. members
            .Select(index => new Member { Id = IdOf(_nodes[index]), Address = $"node{index}:1", JoinIndex = _joinIndexes[_nodes[index]], State = MemberState.Up })
            .OrderBy(static member => member.JoinIndex)];
        View = new View(s_cluster, ++_epoch, _nextJoinIndex, waitsFirst: false, all, [all[0].Id]);
        return View;
    }

    /// <summary>The node gets another incarnation, as one that was evicted, and with it a later place in the log.</summary>
    public void Rebear(int index)
    {
        _nodes[index].Incarnation++;
        _joinIndexes.Remove(_nodes[index]);
        NamesOf(_nodes[index]).OnLifeEnded(IdOf(_nodes[index]));
    }

    /// <summary>Has a client follow through a member.</summary>
    public void Follow(int client, int member)
    {
        NamesOf(_nodes[member]).OnClientAttached(_nodes[client].Id, _nodes[client].Incarnation);
        NamesOf(_nodes[client]).OnFollowing(_nodes[member].Id, _nodes[member].Incarnation, IdOf(_nodes[client]), View);
    }

    public async Task<RemoteName> FindAsync(int index, string name)
    {
        using var timeout = new CancellationTokenSource(TwoNodes.Deadline);
        return await _nodes[index].LookupAsync(name, timeout.Token);
    }

    public async Task FoundAsync(string name, PeerId owner, params int[] nodes)
    {
        foreach (int index in nodes)
        {
            await Eventually.TrueAsync(() => _nodes[index].Lookup(name)?.Owner == owner, $"node {index} to find '{name}' at {owner}");
        }
    }

    public async Task GoneAsync(string name, params int[] nodes)
    {
        foreach (int index in nodes)
        {
            await Eventually.TrueAsync(() => _nodes[index].Lookup(name) is null, $"'{name}' to be gone on node {index}");
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_nodes.Select(static node => node.DisposeAsync().AsTask()));
}
