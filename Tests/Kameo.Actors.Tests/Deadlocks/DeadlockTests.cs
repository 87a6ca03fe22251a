using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Diagnostics;
using Kameo.Actors.Tests.Life;

namespace Kameo.Actors.Tests.Deadlocks;

/// <summary>Actors that wait for each other are told so, long before their time is over, and nobody else is.</summary>
public sealed class DeadlockTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(Waiting.Await)]
    [InlineData(Waiting.AwaitTask)]
    [InlineData(Waiting.ConfigureAwait)]
    [InlineData(Waiting.Through)]
    [InlineData(Waiting.All)]
    public async Task An_actor_that_awaits_itself_is_told_so(Waiting waiting)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        string told = await Fails(cluster.Clients[0].Get<IKnot>("a").FollowTask(["a"], waiting, "-"));
        Assert.Contains("KnotActor/a.FollowTask -> ", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, Waiting.Await)]
    [InlineData(1, Waiting.Return)]
    [InlineData(2, Waiting.Await)]
    [InlineData(2, Waiting.AwaitTask)]
    [InlineData(2, Waiting.Through)]
    [InlineData(2, Waiting.Return)]
    [InlineData(2, Waiting.All)]
    public async Task A_chain_that_comes_back_is_found_also_across_nodes(int nodes, Waiting waiting)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes, clients: 1);
        (string a, string b) = Keys(cluster);
        string told = await Fails(cluster.Clients[0].Get<IKnot>(a).Follow([b, a], waiting, "-").AsTask());
        Assert.Contains($"{a}.Follow", told, StringComparison.Ordinal);
        Assert.Contains($"{b}.Follow", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_that_comes_back_is_found_wherever_in_it()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 3, clients: 1);
        string told = await cluster.Clients[0].Get<IKnot>("0").FollowTask(["1", "2", "3", "4", "5", "6", "2"], Waiting.Confess, "-").WaitAsync(s_deadline);
        Assert.StartsWith($"{CallOutcome.NotRun}: ", told, StringComparison.Ordinal);
        Assert.Equal(["2", "3", "4", "5", "6", "2"], told.Split(" -> ").Select(static step => step.Split('/')[1].Split('.')[0]));
    }

    [Fact]
    public async Task A_circle_of_asks_that_a_third_node_passes_on_is_found()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 3);
        (ActorNode first, ActorNode between, ActorNode last) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        await cluster.CutAsync(first, last);
        string a = Key(key => IsOn(first, first, key) && IsOn(between, first, key) && IsOn(last, between, key));
        string b = Key(key => IsOn(first, between, key) && IsOn(between, last, key) && IsOn(last, last, key));
        await Fails(first.Get<IKnot>(a).FollowTask([b, a], Waiting.Await, "-"));

        static string Key(Predicate<string> isIt) => Enumerable.Range(0, 1000).Select(static number => $"k{number}").First(key => isIt(key));
        static bool IsOn(ActorNode asked, ActorNode on, string key) =>
            ((Kameo.Actors.Calls.ActorReference)asked.Get<IKnot>(key)).FindRoute()!.Host.Id == on.Id;
    }

    [Fact]
    public async Task An_actor_that_asks_in_its_activation_who_asked_it_is_told_so()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
        (string a, string b) = Keys(cluster);
        string told = await cluster.Clients[0].Get<ICurious>(a).Introduce(b).WaitAsync(s_deadline);
        Assert.Contains($"{b}.OnActivateAsync", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filters_hide_no_circle()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: static options =>
        {
            options.IncomingFilters.Add(new PassingFilter());
            options.OutgoingFilters.Add(new PassingFilter());
        });
        await Fails(cluster.Nodes[0].Get<IKnot>("a").FollowTask(["b", "a"], Waiting.Await, "-"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Of_two_that_ask_each_other_one_fails_and_the_other_goes_on(int nodes)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes, clients: 2);
        using var measured = new Measured("kameo.deadlocks");
        (string a, string b) = Keys(cluster);
        string gate = $"cross {nodes}";
        Task<string> first = cluster.Clients[0].Get<IKnot>(a).Cross(b, gate);
        Task<string> second = cluster.Clients[1].Get<IKnot>(b).Cross(a, gate);
        await Eventually.TrueAsync(() => Gates.Of(gate).Arrived == 2, "both turns");
        Gates.Of(gate).Open();
        Task<string>[] both = [first, second];
        await Task.WhenAll(both.Select(static one => one.ContinueWith(static _ => { }, TaskScheduler.Default))).WaitAsync(s_deadline);
        Task<string> failed = Assert.Single(both, static one => one.IsFaulted);
        Assert.Contains("would wait for itself", failed.Exception!.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, cluster.Nodes.Sum(static node => node.Deadlocks.Found));
    }

    [Theory]
    [InlineData(Waiting.Any, 1)]
    [InlineData(Waiting.Timeout, 1)]
    [InlineData(Waiting.Unawaited, 1)]
    [InlineData(Waiting.Helper, 1)]
    [InlineData(Waiting.Any, 2)]
    [InlineData(Waiting.Timeout, 2)]
    [InlineData(Waiting.Unawaited, 2)]
    [InlineData(Waiting.Helper, 2)]
    public async Task A_turn_that_can_go_on_by_itself_is_in_no_deadlock(Waiting waiting, int nodes)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes, clients: 1);
        (string a, string b) = Keys(cluster);
        string gate = $"alone {waiting} {nodes}";
        Task<string> turn = cluster.Clients[0].Get<IKnot>(a).FollowTask([b, a], waiting, gate);
        await Eventually.TrueAsync(() => Gates.Of(gate).Arrived == 1, "the turn");
        long before = cluster.Nodes.Sum(static node => node.Deadlocks.Looks);
        await Eventually.TrueAsync(() => cluster.Nodes.Sum(static node => node.Deadlocks.Looks) >= before + 4, "looks at the actor that bars the call");
        Gates.Of(gate).Open();
        Assert.Equal(a, await turn.WaitAsync(s_deadline));
        Assert.Equal(a, await cluster.Clients[0].Get<IKnot>(a).Who().AsTask().WaitAsync(s_deadline)); // Behind the call of b.
        Assert.Equal(0, cluster.Nodes.Sum(static node => node.Deadlocks.Found));
    }

    /// <summary>What comes back to an actor waits for the turn that bars it, not for the one that it comes from, if that interleaves with everything.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_turn_that_always_interleaves_bars_nothing(int nodes)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes, clients: 1);
        (string a, string b) = Keys(cluster);
        string gate = $"beside {nodes}";
        Task<string> bars = cluster.Clients[0].Get<IKnot>(a).Cross("another", gate);
        await Eventually.TrueAsync(() => Gates.Of(gate).Arrived == 1, "the turn that bars");
        Task<string> around = cluster.Clients[0].Get<IKnot>(a).FollowMeanwhile([b, a], Waiting.Await, gate);
        long before = cluster.Nodes.Sum(static node => node.Deadlocks.Looks);
        await Eventually.TrueAsync(() => cluster.Nodes.Sum(static node => node.Deadlocks.Looks) >= before + 4, "looks at the actor that bars the call");
        Gates.Of(gate).Open();
        Assert.Equal($"{a} another", await bars.WaitAsync(s_deadline));
        Assert.Equal($"{a} {b} {a}", await around.WaitAsync(s_deadline));
        Assert.Equal(0, cluster.Nodes.Sum(static node => node.Deadlocks.Found));
    }

    [Fact]
    public async Task What_interleaves_is_not_barred()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
        (string a, string b) = Keys(cluster);
        Task<string> first = cluster.Clients[0].Get<IKnot>(a).CrossReading(b, "reading");
        Task<string> second = cluster.Clients[0].Get<IKnot>(b).CrossReading(a, "reading");
        Task<string> barred = cluster.Clients[0].Get<IKnot>(a).Who().AsTask();
        await Eventually.TrueAsync(() => Gates.Of("reading").Arrived == 2, "both turns");
        Gates.Of("reading").Open();
        Assert.Equal($"{a} {b}", await first.WaitAsync(s_deadline));
        Assert.Equal($"{b} {a}", await second.WaitAsync(s_deadline));
        Assert.Equal(a, await barred.WaitAsync(s_deadline));
    }

    /// <summary>The message of the deadlock that a call fails with: on the way back from the actor that was told, the exception is text.</summary>
    private static async Task<string> Fails(Task<string> call)
    {
        ActorFaultException thrown = await Assert.ThrowsAsync<ActorFaultException>(() => call.WaitAsync(s_deadline));
        Assert.Contains(nameof(ActorDeadlockException), thrown.ToString(), StringComparison.Ordinal);
        return thrown.FaultMessage;
    }

    /// <summary>Two actors, on different nodes if there are several.</summary>
    private static (string A, string B) Keys(TestCluster cluster)
    {
        string[] keys = [.. Enumerable.Range(0, 64).Select(static number => $"k{number}")];
        bool[] isHere = [.. keys.Select(key => cluster.Nodes[0].Get<IKnot>(key).IsHere())];
        return cluster.Nodes.Count == 1 ? (keys[0], keys[1]) : (keys[Array.IndexOf(isHere, true)], keys[Array.IndexOf(isHere, false)]);
    }
}
