using Kameo.Actors.Transport.Tests.Nodes;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Tests.Membership;

/// <summary>Real nodes on loopback that form one cluster.</summary>
internal sealed class SmallCluster : IAsyncDisposable
{
    private readonly List<TransportNode> _nodes = [];
    private readonly Action<TransportOptions>? _configure;

    private SmallCluster(Action<TransportOptions>? configure) => _configure = configure;

    public IReadOnlyList<TransportNode> Nodes => _nodes;

    public TransportNode this[int index] => _nodes[index];

    /// <summary>Starts nodes that know the first one, and waits until all have one view.</summary>
    public static async Task<SmallCluster> StartAsync(int count, Action<TransportOptions>? configure = null)
    {
        var cluster = new SmallCluster(configure);
        for (int index = 0; index < count; index++)
        {
            await cluster.AddAsync();
        }

        await cluster.OneViewAsync();
        return cluster;
    }

    public static TransportOptions Options(Action<TransportOptions>? configure = null)
    {
        TransportOptions options = TwoNodes.Options();
        options.Membership = new MembershipOptions { LeaveTimeout = TimeSpan.FromSeconds(2) };
        configure?.Invoke(options);
        return options;
    }

    /// <summary>Adds a node that knows all others.</summary>
    public async Task<TransportNode> AddAsync(Action<TransportOptions>? configure = null)
    {
        TransportOptions options = Options(_configure);
        foreach (TransportNode node in _nodes)
        {
            options.Seeds.Add(node.LocalEndPoint!.ToString());
        }

        configure?.Invoke(options);
        TransportNode added = await TransportNode.StartAsync(options);
        _nodes.Add(added);
        return added;
    }

    /// <summary>Ends a node; it is none of the cluster's nodes from now on.</summary>
    public void Forget(TransportNode node) => _nodes.Remove(node);

    /// <summary>Waits until all nodes have the same view of all of them, and serve.</summary>
    public Task OneViewAsync() => Eventually.TrueAsync(
        () =>
        {
            View first = _nodes[0].Membership!.View;
            return _nodes.TrueForAll(node => node.Membership!.View.SameAs(first) && node.Membership.View.Members.Count == _nodes.Count
                && node.Membership.View.Members.All(static member => member.State == MemberState.Up) && node.Membership.IsServing);
        },
        $"one view of {_nodes.Count} nodes");

    public async ValueTask DisposeAsync() => await Task.WhenAll(_nodes.Select(static node => node.DisposeAsync().AsTask()));
}
