using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Actors;
using Kameo.Actors.Tests.Diagnostics;
using Kameo.Actors.Tests.Life;

namespace Kameo.Actors.Tests.Testing;

/// <summary>What Kameo.Actors.Testing gives to the tests of an application.</summary>
public sealed class TestClusterTests
{
    /// <summary>The sample of the README.</summary>
    [Fact]
    public async Task Several_nodes_and_time_in_one_test()
    {
        var time = new TestTime();
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, clients: 1, options => options.TimeProvider = time);
        ICounter counter = cluster.Clients[0].Get<ICounter>("a");
        Assert.Equal(2, await counter.Add(2));
        await Eventually.TrueAsync(() => cluster.Nodes.All(static node => node.Activations.All.All(static one => one.IsUnused(long.MaxValue))), "the turn to have ended"); // By then it is said when it was used last.

        time.Advance(TimeSpan.FromMinutes(20)); // Left alone for that long, it is collected, and its count with it.
        await Eventually.TrueAsync(() => cluster.Nodes.All(static node => node.ActivationCount == 0), "the actor to be collected");
        Assert.Equal(1, await counter.Add(1));
    }

    [Fact]
    public async Task A_cut_ends_calls_under_way_and_lets_none_through_until_it_is_healed()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1, static options => options.WaitForHost = TimeSpan.FromMilliseconds(300));
        (ActorNode node, ActorNode client) = (cluster.Nodes[0], cluster.Clients[0]);
        const int Gate = 800_001;
        Task<long> underWay = client.Get<ICounter>("cut").AddAfter(1, new Gate(Gate));
        await client.Get<ICounter>("cut").Peek();
        await cluster.CutAsync(client, node);
        Assert.Equal(CallOutcome.MayHaveRun, (await Assert.ThrowsAsync<NodeUnreachableException>(() => underWay)).Outcome);
        Assert.Equal(CallOutcome.NotRun, (await Assert.ThrowsAsync<NodeUnreachableException>(async () => await client.Get<ICounter>("cut").Add(1))).Outcome);
        Assert.False(client.Transport.FindPeer(node.Id)!.IsConnected);
        CounterActor.GateOf(Gate).SetResult();

        await cluster.HealAsync(client, node);
        Assert.Equal(2, await client.Get<ICounter>("cut").Add(1)); // The turn went on meanwhile.
    }

    [Fact]
    public async Task Only_the_way_between_two_is_cut()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
        await cluster.CutAsync(cluster.Clients[0], cluster.Nodes[1]);
        string there = Enumerable.Range(0, 100).Select(static number => $"k{number}").First(key => !cluster.Nodes[0].Get<ICounter>(key).IsHere());
        Assert.Equal(1, await cluster.Clients[0].Get<ICounter>(there).Add(1)); // Passed on by the other node.
        Assert.Equal(0, cluster.Nodes[0].ActivationCount);
        Assert.Equal(1, cluster.Nodes[1].ActivationCount);
    }

    [Fact]
    public async Task The_actors_of_a_killed_node_are_elsewhere_and_fresh()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
        ActorNode killed = cluster.Nodes[1];
        string key = Enumerable.Range(0, 100).Select(static number => $"k{number}").First(key => killed.Get<ICounter>(key).IsHere());
        ICounter counter = cluster.Clients[0].Get<ICounter>(key);
        Assert.Equal(5, await counter.Add(5));
        await cluster.KillAsync(killed);
        Assert.DoesNotContain(killed, cluster.Nodes);
        Assert.Equal(1, await counter.Add(1));
        Assert.Equal(1, cluster.Nodes[0].ActivationCount);

        ActorNode added = await cluster.AddNodeAsync();
        Assert.Equal(2, cluster.Nodes.Count);
        Assert.True(added.IsServing);
    }

    [Fact]
    public async Task Time_runs_timers_in_the_order_they_are_due()
    {
        var time = new TestTime();
        var order = new List<int>();
        DateTimeOffset start = time.GetUtcNow();
        await using ITimer second = time.CreateTimer(_ => order.Add(2), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        await using ITimer every = time.CreateTimer(_ => order.Add(1), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
        Task delay = Task.Delay(TimeSpan.FromSeconds(5), time);
        Assert.Equal(3, time.Armed);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal([1, 2, 1], order);
        Assert.False(delay.IsCompleted);
        Assert.Equal(start + TimeSpan.FromSeconds(4), time.GetUtcNow());
        await time.AdvanceUntilAsync(delay, TimeSpan.FromMilliseconds(500));
        Assert.True(time.GetUtcNow() - start >= TimeSpan.FromSeconds(5));
    }
}
