using Kameo.Actors.Tests.Actors;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Tests.Calls;

/// <summary>Calls that go nowhere say what is missing, not merely that something is.</summary>
public sealed class NoHostTests
{
    [Fact]
    public async Task A_node_that_was_stopped_says_so()
    {
        ActorNode node = await ActorNode.StartAsync(Options());
        ICounter counter = node.Get<ICounter>("a");
        await node.StopAsync();
        NodeUnreachableException failure = await Assert.ThrowsAsync<NodeUnreachableException>(async () => await counter.Add(1));
        Assert.Equal(CallOutcome.NotRun, failure.Outcome);
        Assert.Contains("this node has been stopped", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_has_found_nobody_names_the_cluster()
    {
        ActorNodeOptions options = Options();
        options.IsClient = true;
        options.Listen = null;
        await using ActorNode client = await ActorNode.StartAsync(options);
        NodeUnreachableException failure = await Assert.ThrowsAsync<NodeUnreachableException>(async () => await client.Get<ICounter>("a").Add(1));
        Assert.Contains($"no member of the cluster '{options.ClusterName}'", failure.Message, StringComparison.Ordinal);
    }

    private static ActorNodeOptions Options() => new() { Trust = TrustPolicy.Anyone(), ClusterName = $"nobody-{Guid.NewGuid():n}", WaitForHost = TimeSpan.FromMilliseconds(50) };
}
