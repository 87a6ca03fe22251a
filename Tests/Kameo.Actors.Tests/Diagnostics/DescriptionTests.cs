using System.Text.Json;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;
using Orleans;

namespace Kameo.Actors.Tests.Diagnostics;

/// <summary>A node says what it is doing.</summary>
public sealed class DescriptionTests
{
    [Fact]
    public async Task It_lists_classes_the_busiest_the_longest_queues_and_its_peers()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ActorNode node = cluster.Nodes[0];
        for (int call = 0; call < 50; call++)
        {
            await node.Get<IWaiter>("busy").Nothing();
        }

        Task held = node.Get<IWaiter>("held").Hold().AsTask();
        await Eventually.TrueAsync(() => WaiterActor.IsHolding, "the turn");
        Task[] queued = [.. Enumerable.Range(0, 7).Select(_ => node.Get<IWaiter>("held").Nothing().AsTask())];
        await Eventually.TrueAsync(
            () => node.Activations.All.Sum(static one => one.QueuedCalls) == 7 && node.Activations.All.Sum(static one => one.RunningTurns) == 1,
            "the executors to have said what they took and ended");

        ActorNodeDescription described = node.Describe();
        Assert.True(described.IsServing);
        Assert.Equal(node.Id.ToString(), described.Node);
        ActorClassDescription @class = Assert.Single(described.Classes);
        Assert.Equal(new ActorClassDescription(typeof(WaiterActor).FullName!, 2, 7, 1), @class);
        Assert.Equal($"{typeof(WaiterActor)}/busy", described.Busiest[0].Actor);
        Assert.Equal(50, described.Busiest[0].Calls);
        ActivationDescription longest = Assert.Single(described.LongestQueues);
        Assert.Equal(($"{typeof(WaiterActor)}/held", 7L, "active"), (longest.Actor, longest.QueuedCalls, longest.State));
        Assert.Equal(8, described.WaitingAsks);
        PeerDescription peer = Assert.Single(described.Peers);
        Assert.True(peer.IsConnected);
        Assert.Equal(cluster.Clients[0].Id.ToString(), peer.Node);
        Assert.Equal(1, described.Transport.Connections);
        Assert.Null(described.Membership); // These nodes have none.

        string text = described.ToString();
        Assert.Contains("held: active, 1 calls, 7 queued, 1 turns", text, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(described.ToJson(indented: true));
        Assert.Equal(7, json.RootElement.GetProperty("longestQueues")[0].GetProperty("queuedCalls").GetInt64());
        Assert.Equal(described.ToJson(), JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(described.ToJson())));
        WaiterActor.Release();
        await held;
        await Task.WhenAll(queued);
    }

    [Fact]
    public async Task It_shows_who_waits_for_whom_and_circles()
    {
        // Time stands still, so that nobody looks for the circle to break it.
        var time = new FakeTime();
        await using TimedCluster cluster = await TimedCluster.StartAsync(time, clients: 1, static options => options.AskTimeout = TimeSpan.FromSeconds(2));
        ActorNode node = cluster.Nodes[0];
        Task circle = cluster.Clients[0].Get<IWaiter>("a").Call(["b", "c", "a"]).AsTask();
        ActorNodeDescription described = node.Describe();
        await Eventually.TrueAsync(() => (described = node.Describe()).Cycles.Count != 0 || circle.IsCompleted, "a circle");
        IReadOnlyList<string> found = Assert.Single(described.Cycles);
        Assert.Equal(["a", "b", "c"], found.Select(static id => id[^1..]).Order());
        Assert.Equal(3, described.Waits.Count);
        Assert.All(described.Waits, static wait => Assert.EndsWith("IWaiter.Call", wait.Method, StringComparison.Ordinal));
        Assert.Contains(described.Waits, static wait => wait.Caller![^1] == 'a' && wait.Target[^1] == 'b' && wait.TimeLeft > TimeSpan.Zero);
        Assert.Contains("waiting for each other:", described.ToString(), StringComparison.Ordinal);

        ActorNodeDescription client = cluster.Clients[0].Describe();
        WaitDescription outside = Assert.Single(client.Waits);
        Assert.Null(outside.Caller);
        Assert.Equal(node.Id.ToString(), outside.Node);
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                return circle.IsCompleted;
            },
            "the circle to be broken");
        await Assert.ThrowsAnyAsync<ActorCallException>(() => circle);
    }

    [Fact]
    public async Task It_says_what_the_node_knows_of_its_cluster()
    {
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        await Eventually.TrueAsync(() => node.IsServing && node.Describe().Membership!.Leader is not null, "a lease");
        ActorNodeDescription described = node.Describe();
        ClusterDescription cluster = described.Membership!;
        Assert.Equal(node.Transport.Membership!.Epoch, cluster.Epoch);
        Assert.Equal((1, node.Id.ToString(), false, 0), (cluster.Members, cluster.Leader, cluster.IsHalted, cluster.Suspects));
        Assert.True(cluster.LeaseSeconds > 0);
        Assert.Equal(32, cluster.Id!.Length);
        MemberDescription member = Assert.Single(cluster.Oldest);
        Assert.Equal((node.Id.ToString(), node.Transport.LocalEndPoint!.ToString(), true), (member.Node, member.Address, member.IsSteward));
        Assert.Contains($"led by {node.Id}", described.ToString(), StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(described.ToJson());
        Assert.Equal(cluster.Epoch, json.RootElement.GetProperty("membership").GetProperty("epoch").GetInt64());
    }

    [Fact]
    public async Task It_is_bounded_however_many_actors_there_are()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(number => cluster.Nodes[0].Get<IWaiter>($"{number}").Nothing().AsTask()));
        ActorNodeDescription described = cluster.Nodes[0].Describe();
        Assert.Equal(500, described.Activations);
        Assert.Equal(ActorNodeDescription.ActorsMax, described.Busiest.Count);
        Assert.True(described.ToString().Length < 10_000);
    }
}

public interface IWaiter : IGrainWithStringKey
{
    ValueTask Nothing();

    ValueTask Hold();

    ValueTask Call(string[] others);
}

public sealed class WaiterActor : Actor, IWaiter
{
    private static volatile TaskCompletionSource? s_held;

    public static bool IsHolding => s_held is not null;

    public static void Release()
    {
        s_held!.SetResult();
        s_held = null;
    }

    public ValueTask Nothing() => default;

    public ValueTask Hold()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        s_held = held;
        return new(held.Task);
    }

    public async ValueTask Call(string[] others) => await Actors.Get<IWaiter>(others[0]).Call(others[1..]);
}
