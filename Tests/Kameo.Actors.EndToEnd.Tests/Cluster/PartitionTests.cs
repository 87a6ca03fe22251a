using Kameo.Actors.Transport.Tests;
using Xunit.Abstractions;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>Five hosts of which two are cut off: those stop in time by their own clock, the others go on, and nobody has to mend it by hand.</summary>
[Collection(ClusterCollection.Name)]
public sealed class PartitionTests(ITestOutputHelper output)
{
    /// <summary>What may pass between the end of a lease and the next look of the watch, on a machine that others use. That nothing was served later is asserted by the looks before.</summary>
    private const double LookLate = 5_000;

    [RequiresFact("linux", "root", "netns", "ip", "tc")]
    public async Task Two_of_five_that_are_cut_off_stop_within_their_lease_and_come_back_by_themselves_also_when_only_one_direction_is_cut()
    {
        using BridgedHosts hosts = BridgedHosts.Create(near: 3, far: 2);
        await using var cluster = new ProcessCluster(output);
        await StartAsync(cluster, hosts);
        NodeProcess[] near = [.. cluster.Nodes.Take(3)];
        NodeProcess[] far = [.. cluster.Nodes.Skip(3)];
        await IsCutAsync(cluster, near, far, hosts.Cut, hosts.Heal);
        await IsCutAsync(cluster, near, far, hosts.CutFromFar, hosts.Heal);
    }

    [RequiresFact("linux", "root", "netns", "ip", "tc")]
    public async Task The_leader_cut_off_with_one_other_stops_within_its_lease_and_the_others_find_a_new_one()
    {
        using BridgedHosts hosts = BridgedHosts.Create(near: 2, far: 3);
        await using var cluster = new ProcessCluster(output);
        await StartAsync(cluster, hosts);
        Assert.Equal(cluster[0], await cluster.LeaderAsync());
        await IsCutAsync(cluster, [.. cluster.Nodes.Skip(2)], [.. cluster.Nodes.Take(2)], hosts.Cut, hosts.Heal);
    }

    [RequiresFact("linux", "root", "netns", "ip", "tc")]
    public async Task A_call_on_the_side_that_is_cut_off_fails_by_name_and_is_answered_again_after_the_heal()
    {
        const int Actors = 8;
        using BridgedHosts hosts = BridgedHosts.Create(near: 2, far: 1);
        await using var cluster = new ProcessCluster(output);
        for (int index = 0; index < 3; index++)
        {
            string[] seed = index == 0 ? [] : ["--seed", $"{BridgedHosts.Address(0)}:4711"];
            await cluster.AddAsync(hosts[index], ["--listen", $"{BridgedHosts.Address(index)}:4711", "--witness", Path.Combine(cluster.Folder, "witness"), .. seed]);
        }

        await ProcessCluster.StewardsAsync(cluster.Nodes);
        NodeProcess far = cluster[2];
        NodeEvent before = await far.AskAsync($"count-probe 1 {Actors}", "probed");
        Assert.Equal(Actors, before.Number("answered"));

        double cutAt = hosts.Cut();
        await far.WaitForStatusAsync(static status => status.GetProperty("isHalted").GetBoolean() && !status.GetProperty("isServing").GetBoolean());
        int known = far.Events.Length;
        far.Send($"count-probe 2 {Actors}"); // Asks each actor until it answers, and tells how the asks before that failed.
        NodeEvent failed = await far.WaitAsync(static one => one.Name == "failure" && one.Text("name") == "NodeUnreachable", "a call that fails by name", known);
        cluster.Print($"{far}, cut off, had a call fail ({failed.Text("outcome")}: {failed.Text("message")}) after", failed.At - cutAt);
        Assert.Contains(failed.Text("outcome"), (string[])["NotRun", "MayHaveRun"]);

        hosts.Heal();
        NodeEvent after = await far.WaitAsync(static one => one.Name == "probed", "all actors to answer again", known);
        Assert.Equal(Actors, after.Number("answered"));
        Assert.All(far.Events.Where(one => one.Name == "failure" && one.At > cutAt), static one => Assert.Contains(one.Text("name"), (string[])["NodeUnreachable", "AskTimeout"]));
    }

    private static async Task StartAsync(ProcessCluster cluster, BridgedHosts hosts)
    {
        string[] seed = ["--seed", $"{BridgedHosts.Address(0)}:4711"];
        await cluster.AddAsync(hosts[0], ["--listen", $"{BridgedHosts.Address(0)}:4711"]);
        await ProcessCluster.OneViewAsync(cluster.Nodes); // It has founded the cluster: so it leads.
        NodeProcess[] others = await Task.WhenAll(Enumerable.Range(1, 4).Select(index => NodeProcess.StartAsync(hosts[index], [.. seed, "--listen", $"{BridgedHosts.Address(index)}:4711"])));
        cluster.Adopt(others);
        await ProcessCluster.StewardsAsync(cluster.Nodes);
        await ProcessCluster.ServingAsync(cluster.Nodes);
    }

    private static async Task IsCutAsync(ProcessCluster cluster, NodeProcess[] many, NodeProcess[] few, Func<double> cut, Func<double> heal)
    {
        await ProcessCluster.StewardsAsync(cluster.Nodes);
        Dictionary<NodeProcess, int> errors = few.ToDictionary(static node => node, static node => node.Errors.Length);
        double cutAt = cut();
        foreach (NodeProcess node in few)
        {
            NodeEvent stopped = await node.WaitSinceAsync(cutAt, static one => one.Name == "serving" && !one.Flag("serves"), "the end of its lease");
            cluster.Print($"{node}, cut off, served last, and knew that it does no more, after", stopped.Number("lastOtherwise") - cutAt, stopped.At - cutAt);

            // No stamp that was granted can be later than the cut, so neither can be the lease's end than that and L.
            Assert.InRange(stopped.Number("lastOtherwise"), 0, cutAt + ProcessCluster.Lease);
            Assert.InRange(stopped.At, 0, cutAt + ProcessCluster.Lease + LookLate);
        }

        foreach (NodeProcess gone in few)
        {
            cluster.Print($"{gone}, cut off, is evicted on the other side after", await ProcessCluster.GoneAsync(many, gone, cutAt));
        }

        await ProcessCluster.OneViewAsync(many);
        foreach (NodeProcess node in few)
        {
            // It is told so, by the status and in the log, and has no view without the others.
            await node.WaitForStatusAsync(static status => status.GetProperty("isHalted").GetBoolean());
            await node.WaitForErrorAsync("The cluster has halted", since: errors[node]);
            string halted = node.Errors.Split('\n').Last(static line => line.Contains("The cluster has halted", StringComparison.Ordinal));
            Assert.All(many, missing => Assert.Contains(missing.Id, halted, StringComparison.Ordinal));
            Assert.DoesNotContain(node.Events, one => one.At > cutAt && (one.Name == "view" || (one.Name == "serving" && one.Flag("serves"))));
        }

        double healedAt = heal();
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        await ProcessCluster.ServingAsync(cluster.Nodes);
        cluster.Print("after the cable was put back there is one cluster that serves after", SharedClock.Now - healedAt);
        Assert.All(many, node => Assert.DoesNotContain(node.Events, one => one.At > cutAt && one.Name == "serving" && !one.Flag("serves")));
        Assert.All(few, node => Assert.Equal("Evicted", node.Events.Last(static one => one.Name == "life-ended").Text("reason")));
    }
}
