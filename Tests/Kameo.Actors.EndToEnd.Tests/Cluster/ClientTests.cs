using Xunit.Abstractions;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>Nodes that only call.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ClientTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_client_follows_moves_when_its_member_is_killed_or_stopped_and_never_counts()
    {
        await using var cluster = new ProcessCluster(output);
        await cluster.StartAsync(4);
        await using NodeProcess client = await NodeProcess.StartAsync(["--client", .. cluster.Nodes.SelectMany(static node => (string[])["--seed", node.Loopback])]);
        await FollowsAsync(client, cluster);

        NodeProcess killed = await MemberOfAsync(client, cluster);
        double killedAt = cluster.Kill(killed);
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        await FollowsAsync(client, cluster);
        cluster.Print("its member is killed: the client follows another, with the view without the killed, after", SharedClock.Now - killedAt);

        NodeProcess stopped = await MemberOfAsync(client, cluster);
        cluster.Forget(stopped);
        double stoppedAt = SharedClock.Now;
        stopped.Pause();
        await FollowsAsync(client, cluster);
        cluster.Print("its member is stopped: the client follows another, with the view without the stopped, after", SharedClock.Now - stoppedAt);

        Assert.All(cluster.Nodes, node => Assert.DoesNotContain(node.Events, one => one.Name == "view" && one.Members.Contains(client.Id)));
        Assert.Equal("client", (await client.StatusAsync()).GetProperty("phase").GetString());
        Assert.False((await client.StatusAsync()).GetProperty("isServing").GetBoolean());
        client.Send("evict " + cluster[0].Id);
        NodeEvent refused = await client.WaitAsync(static one => one.Name == "error", "a refusal");
        Assert.Contains("A client is no member", refused.Text("message"), StringComparison.Ordinal);
    }

    /// <summary>It follows a member, all members are in its view, and as many of them are stewards as are to be: one more may be lost then.</summary>
    private static Task FollowsAsync(NodeProcess client, ProcessCluster cluster) => client.WaitForStatusAsync(status =>
        cluster.Nodes.Any(node => node.Id == status.GetProperty("leader").GetString())
        && status.GetProperty("members").EnumerateArray().Count(static member => member.GetProperty("isSteward").GetBoolean()) >= Math.Min(7, (cluster.Nodes.Count - 1) | 1)
        && status.GetProperty("members").EnumerateArray().Select(static member => member.GetProperty("node").GetString()!).ToHashSet().SetEquals(cluster.Nodes.Select(static node => node.Id)));

    private static async Task<NodeProcess> MemberOfAsync(NodeProcess client, ProcessCluster cluster)
    {
        string followed = (await client.StatusAsync()).GetProperty("leader").GetString()!;
        return cluster.Nodes.Single(node => node.Id == followed);
    }
}
