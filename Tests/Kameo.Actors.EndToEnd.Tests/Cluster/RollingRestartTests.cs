using System.Globalization;
using Xunit.Abstractions;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>Every node restarted, one after the other, while a client looks names up and asks who has them.</summary>
[Collection(ClusterCollection.Name)]
public sealed class RollingRestartTests(ITestOutputHelper output)
{
    private const int Count = 5;

    [Fact]
    public async Task Look_ups_keep_answering_through_a_rolling_restart()
    {
        await using var cluster = new ProcessCluster(output);
        for (int index = 0; index < Count; index++)
        {
            NodeProcess node = await cluster.AddAsync([.. Arguments(cluster, index), .. index == 0 ? (string[])[] : ["--seed", cluster[0].Loopback]]);
            await node.AskAsync("register service");
        }

        await ProcessCluster.OneViewAsync(cluster.Nodes);
        string cluster0 = cluster[0].View!.Text("cluster");
        await using NodeProcess client = await NodeProcess.StartAsync(["--client", .. cluster.Nodes.SelectMany(static node => (string[])["--seed", node.Loopback])]);
        await SeesAllAsync(client, cluster);
        await client.AskAsync("load service");
        await client.AskAsync("load-report", "load");
        double start = SharedClock.Now;
        NodeProcess[] former = [.. cluster.Nodes];
        for (int index = 0; index < Count; index++)
        {
            NodeProcess leaving = former[index];
            cluster.Forget(leaving);
            await leaving.LeaveAsync();
            NodeProcess again = await cluster.AddAsync([.. Arguments(cluster, index), "--listen", leaving.Loopback, .. cluster.Nodes.SelectMany(static node => (string[])["--seed", node.Loopback])]);
            await again.AskAsync("register service");
            await ProcessCluster.OneViewAsync(cluster.Nodes);
            await SeesAllAsync(client, cluster);
        }

        NodeEvent load = await client.AskAsync("load-report", "load");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Count} nodes restarted in {(SharedClock.Now - start) / 1000:0.0} s; load: {load.Body}"));
        Assert.Equal(cluster0, cluster[0].View!.Text("cluster"));
        Assert.Equal(0, load.Number("missing"));
        Assert.True(load.Number("answered") > 100, load.Body.ToString());

        // A node that has just left is looked up until the client hears of it, and a new one may be before the client is connected with it: such asks fail at once, and did not run.
        Assert.InRange(load.Number("failed"), 0, load.Number("answered") / 5);
        Assert.InRange(load.Number("longestGap"), 0, 5_000);
    }

    private static string[] Arguments(ProcessCluster cluster, int index) => ["--key", Path.Combine(cluster.Folder, $"{index}.pem")];

    private static async Task SeesAllAsync(NodeProcess client, ProcessCluster cluster)
    {
        long start = Environment.TickCount64;
        while (!Owners(await client.AskAsync("lookup service", "found")).SetEquals(cluster.Nodes.Select(static node => node.Id)))
        {
            Assert.True(Environment.TickCount64 - start < NodeProcess.Deadline.TotalMilliseconds, $"not all nodes have the name: {client.Events.Last().Body}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    private static HashSet<string> Owners(NodeEvent found) => [.. found.Body.GetProperty("owners").EnumerateArray().Select(static one => one.GetString()!)];
}
