using Xunit.Abstractions;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>Nodes that die, and nodes that only look dead.</summary>
[Collection(ClusterCollection.Name)]
public sealed class FailureTests(ITestOutputHelper output)
{
    /// <summary>How long the leader is stopped.</summary>
    public static TheoryData<int> Stops => ClusterCollection.IsLong ? [20, 60, 180] : [10];

    [Theory]
    [MemberData(nameof(Stops))]
    public async Task A_stopped_leader_a_killed_and_a_stopped_member_are_evicted_and_who_wakes_up_serves_nothing_before_it_has_joined_anew(int leaderStoppedSeconds)
    {
        await using var cluster = new ProcessCluster(output);
        await cluster.StartAsync(5);
        await ProcessCluster.ServingAsync(cluster.Nodes);

        NodeProcess leader = await cluster.LeaderAsync();
        cluster.Forget(leader);
        double leaderStopped = SharedClock.Now;
        leader.Pause();
        double leaderSilent = SharedClock.Now;
        double[] seen = await ProcessCluster.GoneAsync(cluster.Nodes, leader, leaderStopped);
        cluster.Print("the stopped leader is evicted everywhere after", seen);
        Assert.All(seen, static after => Assert.InRange(after, 1_500, 12_000));
        await ProcessCluster.StewardsAsync(cluster.Nodes);

        NodeProcess killed = cluster[3];
        double killedAt = cluster.Kill(killed);
        seen = await ProcessCluster.GoneAsync(cluster.Nodes, killed, killedAt);
        cluster.Print("a killed member is evicted everywhere after", seen);
        Assert.All(seen, static after => Assert.InRange(after, 250, 8_000));

        await ProcessCluster.StewardsAsync(cluster.Nodes);
        NodeProcess stopped = cluster[2];
        cluster.Forget(stopped);
        double stoppedAt = SharedClock.Now;
        stopped.Pause();
        double silentAt = SharedClock.Now;
        seen = await ProcessCluster.GoneAsync(cluster.Nodes, stopped, stoppedAt);
        cluster.Print("a stopped member is evicted everywhere after", seen);
        Assert.All(seen, static after => Assert.InRange(after, 1_500, 10_000));

        // While its lease still runs on its own clock it may serve; so it is woken when that is over.
        await ProcessCluster.ElapseAsync(TimeSpan.FromMilliseconds(Math.Max(1, silentAt + ProcessCluster.Lease + 500 - SharedClock.Now)));
        await WakesAsync(cluster, stopped, silentAt);
        await ProcessCluster.ElapseAsync(TimeSpan.FromMilliseconds(Math.Max(1, leaderStopped + (leaderStoppedSeconds * 1000) - SharedClock.Now)));
        await WakesAsync(cluster, leader, leaderSilent);
        foreach (NodeProcess node in cluster.Nodes.Where(node => node != leader && node != stopped))
        {
            Assert.DoesNotContain(node.Events, one => one.Name == "serving" && one.At > leaderStopped && !one.Flag("serves"));
        }
    }

    /// <param name="cluster">All of them.</param>
    /// <param name="sleeper">Who was stopped.</param>
    /// <param name="silentAt">A moment after that.</param>
    private static async Task WakesAsync(ProcessCluster cluster, NodeProcess sleeper, double silentAt)
    {
        string former = sleeper.Events.Last(static one => one.Name == "life").Text("incarnation");
        double wokenAt = SharedClock.Now;
        sleeper.Continue();
        cluster.Remember(sleeper);
        NodeEvent ended = await sleeper.WaitSinceAsync(wokenAt, static one => one.Name == "life-ended", "the end of its life");
        Assert.Equal("Evicted", ended.Text("reason"));
        NodeEvent life = await sleeper.WaitSinceAsync(wokenAt, static one => one.Name == "life", "its next life");
        Assert.NotEqual(former, life.Text("incarnation"));
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        await ProcessCluster.ServingAsync(cluster.Nodes);
        NodeEvent joined = sleeper.Events.First(one => one.At >= wokenAt && one.Name == "view" && one.Incarnations.Contains(life.Text("incarnation")));
        NodeEvent silent = sleeper.Events.First(one => one.At >= wokenAt && one.Name == "serving");
        Assert.False(silent.Flag("serves"));
        Assert.InRange(silent.Number("lastOtherwise"), 0, silentAt + 100);
        Assert.All(sleeper.Events.Where(one => one.At >= wokenAt && one.Name == "serving" && one.Flag("serves")), one => Assert.True(one.At >= joined.At));
        cluster.Print($"{sleeper} woke up after {(wokenAt - silentAt) / 1000:0.0} s; learned its eviction, was a member again after", ended.At - wokenAt, joined.At - wokenAt);
    }
}
