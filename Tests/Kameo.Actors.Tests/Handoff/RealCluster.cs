using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Tests.Handoff;

/// <summary>Members and clients of one cluster in this process, with sockets.</summary>
internal sealed class RealCluster : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Action<ActorNodeOptions>? _configure;
    private readonly List<ActorNode> _all = [];

    private RealCluster(Action<ActorNodeOptions>? configure) => _configure = configure;

    /// <summary>The members that there are.</summary>
    public List<ActorNode> Members { get; } = [];

    public static async Task<RealCluster> StartAsync(int members, Action<ActorNodeOptions>? configure = null)
    {
        var cluster = new RealCluster(configure);
        for (int count = 0; count < members; count++)
        {
            await cluster.JoinAsync();
        }

        return cluster;
    }

    /// <summary>A member joins; completes when everybody knows it.</summary>
    /// <param name="stalled">Whose slots have not to know it.</param>
    public async Task<ActorNode> JoinAsync(ActorNode? stalled = null)
    {
        ActorNode node = await StartNodeAsync(isClient: false);
        Members.Add(node);
        foreach (ActorNode member in Members)
        {
            await KnowsAllAsync(member, member != stalled);
        }

        return node;
    }

    public async Task<ActorNode> AddClientAsync()
    {
        ActorNode client = await StartNodeAsync(isClient: true);
        await KnowsAllAsync(client);
        return client;
    }

    /// <summary>A member leaves in good order.</summary>
    public async Task LeaveAsync(ActorNode node)
    {
        Members.Remove(node);
        await node.StopAsync().WaitAsync(Deadline);
    }

    /// <summary>Waits until all hand-off is over: everything released and acquired, nothing held anywhere.</summary>
    public async Task SettleAsync()
    {
        foreach (ActorNode member in Members)
        {
            try
            {
                await member.Transport.Membership!.WaitForAsync(status => status.SettledEpoch == status.Epoch && status.Members.Count == Members.Count).WaitAsync(Deadline);
            }
            catch (TimeoutException)
            {
                var said = new System.Text.StringBuilder();
                foreach (ActorNode one in Members)
                {
                    said.AppendLine(one.Slots!.ToString()).Append(await one.Transport.Membership!.GetStatusAsync());
                }

                Assert.Fail($"not settled:\n{said}");
            }
        }

        foreach (ActorNode node in _all.Where(node => node.Options.IsClient || Members.Contains(node)))
        {
            await Eventually.TrueAsync(() => node.Slots!.IsSettled, () => $"the slots of {node.Id.ToShortString()}: {node.Slots}");
            await Eventually.TrueAsync(() => node.LocalAsks.Count == 0, "local asks");
        }
    }

    /// <summary>What slots wait for, on each node.</summary>
    public override string ToString() => string.Join('\n', _all.Where(node => node.Options.IsClient || Members.Contains(node)).Select(static node => $"{node.Id.ToShortString()}: {node.Slots}"));

    public async ValueTask DisposeAsync()
    {
        foreach (ActorNode node in Enumerable.Reverse(_all))
        {
            using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await node.StopAsync(hurry.Token);
        }
    }

    private async Task KnowsAllAsync(ActorNode node, bool withSlots = true)
    {
        await node.Transport.Membership!.WaitForAsync(status => status.Members.Count == Members.Count && status.Members.All(static member => member.State == "up")).WaitAsync(Deadline);
        long epoch = node.Transport.Membership.Epoch;
        await Eventually.TrueAsync(() => !withSlots || node.Slots!.OpenEpoch >= epoch, () => $"slots to have the view {epoch}: {node.Slots}"); // They are told of it on a thread of their own.
    }

    private async Task<ActorNode> StartNodeAsync(bool isClient)
    {
        ActorNode node = await ActorNode.StartAsync(QuickTiming.Options(options =>
        {
            options.IsClient = isClient;
            options.Listen = isClient ? null : options.Listen;
            options.Membership = new MembershipOptions { Timing = QuickTiming.Timing with { Lease = TimeSpan.FromSeconds(4) }, LeaveTimeout = TimeSpan.FromSeconds(5) };
            foreach (ActorNode member in Members)
            {
                options.Seeds.Add(member.Transport.LocalEndPoint!.ToString());
            }

            _configure?.Invoke(options);
        }));
        _all.Add(node);
        return node;
    }
}
