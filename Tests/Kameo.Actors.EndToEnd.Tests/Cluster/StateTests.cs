using System.Globalization;
using Kameo.Actors.Transport;
using Xunit.Abstractions;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>A majority of the stewards that is gone, for a while or for good; what stewards keep on disk; keys that two want to have.</summary>
[Collection(ClusterCollection.Name)]
public sealed class StateTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_lost_majority_halts_the_rest_which_says_who_is_missing_until_an_operator_has_it_formed_anew()
    {
        await using var cluster = new ProcessCluster(output);
        await cluster.StartAsync(3);
        await ProcessCluster.ServingAsync(cluster.Nodes);
        NodeProcess survivor = cluster[1];
        await using NodeProcess client = await NodeProcess.StartAsync(["--client", .. cluster.Nodes.SelectMany(static node => (string[])["--seed", node.Loopback])]);
        await client.WaitForStatusAsync(static status => status.GetProperty("members").GetArrayLength() == 3 && status.GetProperty("leader").GetString()!.Length > 0);
        NodeProcess[] killed = [cluster[0], cluster[2]];
        string former = survivor.View!.Text("cluster");
        long epoch = survivor.View!.Body.GetProperty("epoch").GetInt64();
        double killedAt = SharedClock.Now;
        foreach (NodeProcess node in killed)
        {
            cluster.Kill(node);
        }

        double bothKilledAt = SharedClock.Now; // Until then there may have been a majority.
        NodeEvent stopped = await survivor.WaitSinceAsync(killedAt, static one => one.Name == "serving" && !one.Flag("serves"), "the end of the lease");
        Assert.InRange(stopped.Number("lastOtherwise"), 0, bothKilledAt + ProcessCluster.Lease);
        await survivor.WaitForStatusAsync(static status => status.GetProperty("isHalted").GetBoolean());
        cluster.Print("a majority is killed: no lease, and the cluster is known to have halted, after", stopped.At - killedAt, SharedClock.Now - killedAt);
        await survivor.WaitForErrorAsync("The cluster has halted");
        string halted = survivor.Errors.Split('\n').First(static line => line.Contains("The cluster has halted", StringComparison.Ordinal));
        Assert.All(killed, node => Assert.Contains(node.Id, halted, StringComparison.Ordinal));
        Assert.Contains("ReformAsync", halted, StringComparison.Ordinal);

        // Nobody is left who knows more than it: it follows nobody.
        await client.WaitForStatusAsync(static status => status.GetProperty("leader").GetString()!.Length == 0);

        double orderedAt = SharedClock.Now;
        await survivor.AskAsync("reform");
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        await survivor.WaitSinceAsync(orderedAt, static one => one.Name == "serving" && one.Flag("serves"), "a lease in the new cluster");
        cluster.Print("by order it is formed anew after", SharedClock.Now - orderedAt);
        await client.WaitForStatusAsync(status => status.GetProperty("leader").GetString() == survivor.Id && status.GetProperty("members").GetArrayLength() == 1);
        Assert.NotEqual(former, survivor.View!.Text("cluster"));
        Assert.True(survivor.View!.Body.GetProperty("epoch").GetInt64() > epoch);
        Assert.Equal("Reformed", survivor.Events.Last(static one => one.Name == "life-ended").Text("reason"));
        await cluster.AddAsync("--seed", survivor.Loopback);
        await ProcessCluster.OneViewAsync(cluster.Nodes);
    }

    [Fact]
    public async Task All_three_killed_at_once_and_started_again_go_on_as_the_same_cluster_in_the_same_incarnations()
    {
        await using var cluster = new ProcessCluster(output);
        await StartKeepingAsync(cluster);
        string[] before = [.. cluster.Nodes.Select(LifeOf)];
        string former = cluster[0].View!.Text("cluster");
        long epoch = cluster[0].View!.Body.GetProperty("epoch").GetInt64();
        int[] ports = [.. cluster.Nodes.Select(static node => node.Port)];
        foreach (NodeProcess node in cluster.Nodes.ToArray())
        {
            cluster.Kill(node);
            await node.ExitAsync();
        }

        double start = SharedClock.Now;
        NodeProcess[] again = await Task.WhenAll(ports.Select((port, index) => NodeProcess.StartAsync([.. Keeping(cluster, index), "--listen", $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}"])));
        cluster.Adopt(again);
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        await ProcessCluster.ServingAsync(cluster.Nodes);
        cluster.Print("three that were killed serve again, since they were started", SharedClock.Now - start);
        Assert.Equal(before, again.Select(LifeOf));
        Assert.Equal(former, again[0].View!.Text("cluster"));
        Assert.True(again[0].View!.Body.GetProperty("epoch").GetInt64() >= epoch);
        Assert.All(again, static node => Assert.DoesNotContain(node.Events, static one => one.Name == "life-ended"));
    }

    [Fact]
    public async Task A_state_that_is_corrupt_in_use_or_of_another_node_is_refused_with_the_reason()
    {
        await using var cluster = new ProcessCluster(output);
        await StartKeepingAsync(cluster);
        string state = Path.Combine(cluster.Folder, "state-2");
        string stranger = Path.Combine(cluster.Folder, "stranger.pem");
        await RefusedAsync("in use", "--key", stranger, "--state", state);
        NodeProcess owner = cluster[2];
        cluster.Kill(owner);
        await owner.ExitAsync();
        string file = Path.Combine(state, "membership.state");
        byte[] right = await File.ReadAllBytesAsync(file);
        await RefusedAsync("belongs to", "--key", stranger, "--state", state);
        foreach (byte[] wrong in (byte[][])[[], right[..(right.Length / 2)], Flipped(right, right.Length / 3)])
        {
            await File.WriteAllBytesAsync(file, wrong);
            await RefusedAsync("cannot be used", Keeping(cluster, 2));
            Assert.Equal(wrong, await File.ReadAllBytesAsync(file));
        }

        await File.WriteAllBytesAsync(file, right);
        await cluster.AddAsync([.. Keeping(cluster, 2), "--seed", cluster[0].Loopback]);
        await ProcessCluster.OneViewAsync(cluster.Nodes);
    }

    [Fact]
    public async Task A_state_that_cannot_be_written_ends_the_process_before_it_says_what_rests_on_it()
    {
        await using var cluster = new ProcessCluster(output);
        NodeProcess alone = await cluster.AddAsync(Keeping(cluster, 0));
        await ProcessCluster.ServingAsync([alone]);
        (string former, string life, int port) = (alone.View!.Text("cluster"), LifeOf(alone), alone.Port);
        string state = Path.Combine(cluster.Folder, "state-0");
        Directory.Move(state, $"{state}-away");

        NodeProcess newcomer = await cluster.AddAsync("--seed", alone.Loopback); // It can be admitted only by what is kept.
        Assert.NotEqual(0, await alone.ExitAsync());
        cluster.Forget(alone);
        await alone.WaitForErrorAsync("The membership state cannot be written");
        Assert.DoesNotContain(newcomer.Events, one => one.Name == "view" && one.Text("cluster") == former);

        cluster.Kill(newcomer);
        Directory.Move($"{state}-away", state);
        NodeProcess again = await cluster.AddAsync([.. Keeping(cluster, 0), "--listen", $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}"]);
        await ProcessCluster.ServingAsync([again]);
        Assert.Equal((former, life, 1), (again.View!.Text("cluster"), LifeOf(again), again.View.Body.GetProperty("members").GetArrayLength()));
    }

    [Fact]
    public async Task A_key_that_is_in_use_is_refused_until_who_has_it_is_gone()
    {
        await using var cluster = new ProcessCluster(output);
        string key = Path.Combine(cluster.Folder, "one.pem");
        string copy = Path.Combine(cluster.Folder, "copy.pem");
        KeyFile.LoadOrCreate(key).Dispose();
        File.Copy(key, copy);

        // Who has it leads, so that much would suffer if its connections were taken from it.
        NodeProcess holder = await cluster.AddAsync("--key", key);
        await ProcessCluster.OneViewAsync([holder]);
        NodeProcess first = await cluster.AddAsync("--seed", holder.Loopback);
        NodeProcess second = await cluster.AddAsync("--seed", holder.Loopback);
        await ProcessCluster.StewardsAsync(cluster.Nodes);
        await ProcessCluster.ServingAsync(cluster.Nodes);
        Assert.Equal(holder, await cluster.LeaderAsync());
        await RefusedAsync("in use", "--seed", first.Loopback, "--key", key);

        await holder.AskAsync("register held");
        await first.AskAsync("await held", "name-seen");
        await first.WaitForStatusAsync(static status => status.GetProperty("connected").GetInt32() == 2);
        await first.AskAsync("load held");

        // Another machine with a copy of the file.
        NodeProcess claimant = await NodeProcess.StartAsync("--seed", first.Loopback, "--seed", second.Loopback, "--key", copy);
        cluster.Adopt(claimant);
        cluster.Forget(claimant);
        double start = SharedClock.Now;
        await claimant.WaitForErrorAsync("KeyInUse");
        await ProcessCluster.ElapseAsync(TimeSpan.FromSeconds(3));
        Assert.All(cluster.Nodes, node => Assert.DoesNotContain(node.Events, one => one.At > start && (one.Name is "view" or "life-ended" || (one.Name == "serving" && !one.Flag("serves")))));
        Assert.Null(claimant.View);
        NodeEvent load = await first.AskAsync("load-report", "load");
        Assert.True(load.Number("failed") == 0 && load.Number("missing") == 0 && load.Number("answered") > 100, $"asks to the holder of the key: {load.Body}");

        double killedAt = cluster.Kill(holder);
        cluster.Remember(claimant);
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        cluster.Print("a claimant of a key is in, since its holder was killed", SharedClock.Now - killedAt);
        Assert.Equal(holder.Id, claimant.Id);
    }

    private static string[] Keeping(ProcessCluster cluster, int index) =>
        ["--key", Path.Combine(cluster.Folder, $"{index}.pem"), "--state", Path.Combine(cluster.Folder, $"state-{index}")];

    private static async Task StartKeepingAsync(ProcessCluster cluster)
    {
        for (int index = 0; index < 3; index++)
        {
            await cluster.AddAsync([.. Keeping(cluster, index), .. index == 0 ? (string[])[] : ["--seed", cluster[0].Loopback]]);
        }

        await ProcessCluster.StewardsAsync(cluster.Nodes);
        await ProcessCluster.ServingAsync(cluster.Nodes);
    }

    private static string LifeOf(NodeProcess node) => node.Events.Last(static one => one.Name == "life").Text("incarnation");

    private static byte[] Flipped(byte[] bytes, int at)
    {
        byte[] flipped = [.. bytes];
        flipped[at] ^= 4;
        return flipped;
    }

    private static async Task RefusedAsync(string says, params string[] arguments)
    {
        await using NodeProcess node = NodeProcess.Launch(null, arguments);
        Assert.Equal(1, await node.ExitAsync());
        await node.WaitForErrorAsync(says);
        Assert.DoesNotContain("   at ", node.Errors, StringComparison.Ordinal);
    }
}
