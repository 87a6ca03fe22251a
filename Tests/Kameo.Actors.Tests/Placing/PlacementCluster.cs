using Kameo.Actors.Tests.Membership;

namespace Kameo.Actors.Tests.Placing;

/// <summary>Members on loopback, in one view.</summary>
internal sealed class PlacementCluster : IAsyncDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);
    private readonly List<ActorNode> _nodes = [];
    private readonly Action<int, ActorNodeOptions>? _configure;

    private PlacementCluster(Action<int, ActorNodeOptions>? configure) => _configure = configure;

    public IReadOnlyList<ActorNode> Nodes => _nodes;

    public static async Task<PlacementCluster> StartAsync(int nodes, Action<int, ActorNodeOptions>? configure = null)
    {
        var cluster = new PlacementCluster(configure);
        for (int index = 0; index < nodes; index++)
        {
            await cluster.AddAsync();
        }

        return cluster;
    }

    public async Task<ActorNode> AddAsync()
    {
        ActorNode node = await ActorNode.StartAsync(QuickTiming.Options(options =>
        {
            foreach (ActorNode other in _nodes.Where(static other => other.Transport.LocalEndPoint is not null))
            {
                options.Seeds.Add(other.Transport.LocalEndPoint!.ToString());
            }

            _configure?.Invoke(_nodes.Count, options);
        }));
        _nodes.Add(node);
        int count = _nodes.Count;
        foreach (ActorNode each in _nodes)
        {
            await each.Transport.Membership!.WaitForAsync(status => status.Members.Count == count && status.Members.All(static member => member.State == "up")).WaitAsync(s_deadline);
            await Life.Eventually.TrueAsync(() => each.IsServing, "a lease");
            await Life.Eventually.TrueAsync(() => each.Slots!.Epoch >= each.Transport.Membership!.Epoch, "its slots to have the view");
        }

        return node;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ActorNode node in Enumerable.Reverse(_nodes))
        {
            await node.DisposeAsync();
        }
    }
}
