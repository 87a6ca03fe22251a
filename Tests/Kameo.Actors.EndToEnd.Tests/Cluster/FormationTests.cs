using Kameo.Actors.Transport;
using Xunit.Abstractions;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>How clusters begin.</summary>
[Collection(ClusterCollection.Name)]
public sealed class FormationTests(ITestOutputHelper output)
{
    /// <summary>Three nodes have one view within a second on a machine with nothing else to do; here others may use it.</summary>
    private const double OneViewWithin = 5_000;

    [Fact]
    public async Task Three_nodes_that_start_at_once_have_one_view_in_about_a_second()
    {
        await using var cluster = new ProcessCluster(output);
        NodeProcess first = await cluster.AddAsync();
        double start = first.Events.Single(static one => one.Name == "ready").At;
        await Task.WhenAll(cluster.AddAsync("--seed", first.Loopback), cluster.AddAsync("--seed", first.Loopback));
        double ready = cluster.Nodes.Max(static node => node.Events.Single(static one => one.Name == "ready").At);
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        await ProcessCluster.ServingAsync(cluster.Nodes);
        double view = cluster.Nodes.Max(static node => node.Events.First(static one => one.IsViewOf(3)).At);
        cluster.Print("one view of three, since the first and since the last of them listens", view - start, view - ready);
        Assert.True(view - ready <= OneViewWithin, $"one view after {view - ready:0} ms"); // It may be there before the last one has said that it listens.
        await Task.WhenAll(cluster.Nodes.Select(static node => node.LeaveAsync()));
    }

    [Fact]
    public async Task Nobody_founds_before_all_founders_have_met()
    {
        await using var cluster = new ProcessCluster(output);
        string[] keys = [.. Enumerable.Range(0, 3).Select(index => Path.Combine(cluster.Folder, $"{index}.pem"))];
        string[] founders = [.. keys.SelectMany(static key => (string[])["--founder", IdOf(key)])];
        NodeProcess first = await cluster.AddAsync([.. founders, "--key", keys[0]]);
        await cluster.AddAsync([.. founders, "--key", keys[1], "--seed", first.Loopback]);
        await cluster.AddAsync([.. founders, "--key", Path.Combine(cluster.Folder, "guest.pem"), "--seed", first.Loopback]);

        // Four times of what a node without founders waits.
        await ProcessCluster.ElapseAsync(TimeSpan.FromSeconds(2));
        Assert.All(cluster.Nodes, static node => Assert.Null(node.View));
        await cluster.AddAsync([.. founders, "--key", keys[2], "--seed", first.Loopback]);
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        await ProcessCluster.ServingAsync(cluster.Nodes);
        Assert.All(cluster.Nodes, static node => Assert.DoesNotContain(node.Events, static one => one.Name == "life-ended"));
    }

    [Fact]
    public async Task Clusters_founded_apart_merge_when_somebody_knows_both()
    {
        await using var cluster = new ProcessCluster(output);
        NodeProcess first = await cluster.AddAsync();
        NodeProcess second = await cluster.AddAsync("--seed", first.Loopback);
        NodeProcess other = await cluster.AddAsync();
        await ProcessCluster.OneViewAsync([first, second]);
        await ProcessCluster.OneViewAsync([other]);
        string larger = first.View!.Text("cluster");
        Assert.NotEqual(larger, other.View!.Text("cluster"));
        await ProcessCluster.ServingAsync(cluster.Nodes);
        double met = SharedClock.Now;
        await cluster.AddAsync("--seed", other.Loopback, "--seed", second.Loopback);
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        cluster.Print("two clusters are one, since the node that knows both was started", SharedClock.Now - met);
        Assert.Equal(larger, other.View!.Text("cluster"));
        Assert.Equal("Dissolved", other.Events.Single(static one => one.Name == "life-ended").Text("reason"));
        Assert.All([first, second], static node => Assert.True(node.Serves));
        await ProcessCluster.ServingAsync(cluster.Nodes);
    }

    private static string IdOf(string keyFile)
    {
        using SecretKey key = KeyFile.LoadOrCreate(keyFile);
        return key.Id.ToString();
    }
}
