using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Actors;
using Kameo.Actors.Tests.Calls;

namespace Kameo.Actors.Tests;

/// <summary>Calls through generated references: the same wherever the actor is.</summary>
public sealed class CallTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);
    private static int s_gates;

    public enum Caller
    {
        OfTheNode,
        OfAClient,
    }

    [Theory]
    [InlineData(Caller.OfTheNode)]
    [InlineData(Caller.OfAClient)]
    public async Task An_ask_runs_the_method_and_gives_its_result(Caller caller)
    {
        await using TestCluster cluster = await StartAsync();
        ICounter counter = Node(cluster, caller).Get<ICounter>("a");
        Assert.Equal(2, await counter.Add(2));
        Assert.Equal(5, await counter.Add(3));
        Assert.Equal(1, await Node(cluster, caller).Get<ICounter>("b").Add(1));
        Assert.Equal("Kameo.Actors.Tests.Actors.CounterActor/a", await counter.Describe());
    }

    [Theory]
    [InlineData(Caller.OfTheNode)]
    [InlineData(Caller.OfAClient)]
    public async Task Arguments_and_results_of_many_types_arrive_as_they_were(Caller caller)
    {
        await using TestCluster cluster = await StartAsync();
        var inner = new Sample("in", -1, Guid.Empty, DateTime.UnixEpoch, TimeSpan.Zero, [], 7, (0, ""), [], [], Colour.Red, null);
        var sent = new Sample(
            "text", 42, Guid.NewGuid(), new DateTime(2026, 11, 21, 1, 2, 3, DateTimeKind.Utc), TimeSpan.FromMilliseconds(1.5), [1, 2, 3], null, (1, "one"), ["x", "y"],
            new Dictionary<string, int[]> { ["k"] = [1, 2] }, Colour.Green, inner) { Extra = 0.5 };
        Sample got = await Node(cluster, caller).Get<ICounter>("a").Echo(sent);
        Assert.NotSame(sent, got);
        Assert.NotSame(sent.Names, got.Names);
        Assert.Equivalent(sent, got, strict: true);
    }

    [Theory]
    [InlineData(Caller.OfTheNode)]
    [InlineData(Caller.OfAClient)]
    public async Task A_method_that_returns_null_instead_of_a_task_is_told_so_by_its_name(Caller caller)
    {
        await using TestCluster cluster = await StartAsync();
        IForgetful forgetful = Node(cluster, caller).Get<IForgetful>("a");
        (string Method, Func<Task> Call)[] calls =
        [
            ("IForgetful.Nothing", forgetful.Nothing),
            ("IForgetful.Nothing", () => Task.Run(forgetful.Nothing)), // On its caller's stack, where it may be.
            ("IForgetful.NoNumber", forgetful.NoNumber),
            ("IForgetful.NoNumbers", async () => await forgetful.NoNumbers().GetAsyncEnumerator().MoveNextAsync()),
            ("IQueuedForgetful.Nothing", Node(cluster, caller).Get<IQueuedForgetful>("a").Nothing),
        ];
        foreach ((string method, Func<Task> call) in calls)
        {
            InvalidOperationException told = await Assert.ThrowsAsync<InvalidOperationException>(() => call().WaitAsync(s_deadline));
            Assert.Equal($"Kameo.Actors.Tests.Calls.{method} returned null instead of a task or items.", told.Message);
        }
    }

    [Theory]
    [InlineData(Caller.OfTheNode)]
    [InlineData(Caller.OfAClient)]
    public async Task Exceptions_reach_the_caller_the_same_from_everywhere(Caller caller)
    {
        await using TestCluster cluster = await StartAsync();
        ICounter counter = Node(cluster, caller).Get<ICounter>("a");
        ArgumentException known = await Assert.ThrowsAsync<ArgumentException>(async () => await counter.Fail("argument"));
        Assert.Equal("a bad argument", known.Message);
        Assert.Contains("CounterActor.Fail", known.StackTrace, StringComparison.Ordinal);
        ActorFaultException unknown = await Assert.ThrowsAsync<ActorFaultException>(async () => await counter.Fail("ours"));
        Assert.Equal(typeof(UnheardOfException).FullName, unknown.TypeName);
        Assert.Contains("something of ours", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("CounterActor.Fail", unknown.RemoteStackTrace, StringComparison.Ordinal);
        Assert.Equal(CallOutcome.Ran, unknown.Outcome);
    }

    [Theory]
    [InlineData(Caller.OfTheNode)]
    [InlineData(Caller.OfAClient)]
    public async Task One_turn_at_a_time_also_across_awaits(Caller caller)
    {
        await using TestCluster cluster = await StartAsync();
        ICounter counter = Node(cluster, caller).Get<ICounter>("a");
        int gate = Interlocked.Increment(ref s_gates);
        Task<long> first = counter.AddAfter(1, new Gate(gate));
        Task<long>[] others = [.. Enumerable.Range(0, 100).Select(_ => counter.Add(1).AsTask())];
        CounterActor.GateOf(gate).SetResult();
        Assert.Equal(1, await first.WaitAsync(s_deadline));
        Assert.Equal(Enumerable.Range(2, 100).Select(static n => (long)n), await Task.WhenAll(others).WaitAsync(s_deadline));
    }

    [Theory]
    [InlineData(Caller.OfTheNode)]
    [InlineData(Caller.OfAClient)]
    public async Task An_interleaving_call_passes_a_turn_that_waits(Caller caller)
    {
        await using TestCluster cluster = await StartAsync();
        ICounter counter = Node(cluster, caller).Get<ICounter>("a");
        int gate = Interlocked.Increment(ref s_gates);
        Task<long> waiting = counter.AddAfter(1, new Gate(gate));
        Task<long> barred = counter.Add(1).AsTask();
        Assert.Equal(0, await counter.Peek().AsTask().WaitAsync(s_deadline));
        Assert.False(barred.IsCompleted);
        CounterActor.GateOf(gate).SetResult();
        await Task.WhenAll(waiting, barred).WaitAsync(s_deadline);
    }

    [Theory]
    [InlineData(Caller.OfTheNode)]
    [InlineData(Caller.OfAClient)]
    public async Task Tells_and_one_way_methods_run_in_order(Caller caller)
    {
        await using TestCluster cluster = await StartAsync();
        ICounter counter = Node(cluster, caller).Get<ICounter>("a");
        for (int number = 0; number < 5000; number += 2)
        {
            await counter.Tell().Note(number);
            await counter.Note(number + 1);
        }

        Assert.Equal(Enumerable.Range(0, 5000), await counter.Notes());
    }

    [Theory]
    [InlineData(Caller.OfTheNode)]
    [InlineData(Caller.OfAClient)]
    public async Task An_ask_that_is_not_answered_in_its_time_fails(Caller caller)
    {
        await using TestCluster cluster = await StartAsync();
        ICounter counter = Node(cluster, caller).Get<ICounter>("a");
        AskTimeoutException late = await Assert.ThrowsAsync<AskTimeoutException>(() => counter.Sleep().WaitAsync(s_deadline));
        Assert.Equal(CallOutcome.MayHaveRun, late.Outcome);
    }

    [Theory]
    [InlineData(Caller.OfTheNode)]
    [InlineData(Caller.OfAClient)]
    public async Task A_callers_token_cancels_the_turn(Caller caller)
    {
        await using TestCluster cluster = await StartAsync();
        ICounter counter = Node(cluster, caller).Get<ICounter>("a");
        using var cancel = new CancellationTokenSource();
        Task waiting = counter.WaitFor(cancel.Token);
        Assert.Equal(0, await counter.Peek()); // The turn runs now.
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(s_deadline));
        Assert.Equal(1, await counter.Add(1).AsTask().WaitAsync(s_deadline)); // The turn has ended.
    }

    [Fact]
    public async Task A_call_without_a_host_fails_as_not_run()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: static options =>
        {
            options.Hosts = static _ => false;
            options.WaitForHost = TimeSpan.FromMilliseconds(100);
        });
        NodeUnreachableException nobody = await Assert.ThrowsAsync<NodeUnreachableException>(async () => await cluster.Nodes[0].Get<ICounter>("a").Add(1));
        Assert.Equal(CallOutcome.NotRun, nobody.Outcome);
    }

    [Fact]
    public async Task An_actor_that_leaves_comes_back_fresh_and_loses_no_call()
    {
        await using TestCluster cluster = await StartAsync();
        ICounter counter = cluster.Clients[0].Get<ICounter>("a");
        for (int round = 0; round < 200; round++)
        {
            Task leave = counter.Leave().AsTask();
            Task<long>[] calls = [.. Enumerable.Range(0, 20).Select(_ => counter.Add(1).AsTask())];
            await leave.WaitAsync(s_deadline);
            long[] counts = await Task.WhenAll(calls).WaitAsync(s_deadline);
            Assert.Equal(20, counts.Length);
        }
    }

    [Fact]
    public async Task Two_nodes_agree_where_actors_are_and_pass_calls_on()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async number =>
        {
            string key = $"actor {number}";
            Assert.Equal(1, await cluster.Nodes[0].Get<ICounter>(key).Add(1));
            Assert.Equal(2, await cluster.Nodes[1].Get<ICounter>(key).Add(1));
            Assert.Equal(3, await cluster.Clients[0].Get<ICounter>(key).Add(1));
        })).WaitAsync(s_deadline);
        Assert.Equal(200, cluster.Nodes.Sum(static node => node.ActivationCount));
        Assert.All(cluster.Nodes, static node => Assert.InRange(node.ActivationCount, 50, 150));
    }

    private static Task<TestCluster> StartAsync() =>
        TestCluster.StartAsync(nodes: 1, clients: 1, static options => options.DrainTimeout = TimeSpan.FromSeconds(1)); // Some turns here never end.

    private static ActorNode Node(TestCluster cluster, Caller caller) => caller == Caller.OfTheNode ? cluster.Nodes[0] : cluster.Clients[0];
}
