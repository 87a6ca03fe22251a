using Kameo.Actors.Tests.Actors;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;

namespace Kameo.Actors.Tests.Local;

/// <summary>Actors that are constructed for an ask on its caller's stack: as in the executor. In the collection that runs alone: the pace of a method is the process's.</summary>
[Collection(Calls.AloneCollection.Name)]
public sealed class InlineBeginTests : IAsyncLifetime
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);
    private static int s_key;

    private readonly FakeTime _time = new(); // Stands still, so that nothing is long because the machine is.
    private TimedCluster _cluster = null!;

    private ActorNode Node => _cluster.Nodes[0];

    public async Task InitializeAsync() => _cluster = await TimedCluster.StartAsync(_time);

    public async Task DisposeAsync()
    {
        BegunActor.During = null;
        await _cluster.DisposeAsync();
    }

    [Fact]
    public Task One_whose_class_is_known_here_is_constructed_on_its_callers_stack() => InlineAskTests.OnPool(async () =>
    {
        await FirstAsync(Node);
        ValueTask<bool> asked = LocalActor.Call(New(Node, out _).IsInline);
        Assert.True(asked.IsCompletedSuccessfully && await asked);
    });

    [Fact]
    public Task One_that_activates_in_its_own_way_is_queued() => InlineAskTests.OnPool(async () =>
    {
        await Node.Get<IBegunSlowly>("first").IsInline();
        Assert.False(await LocalActor.Call(Node.Get<IBegunSlowly>("second").IsInline));
    });

    [Fact]
    public Task Contexts_are_those_of_a_turn_and_what_the_constructor_leaves_is_for_nobody() => InlineAskTests.OnPool(async () =>
    {
        await FirstAsync(Node);
        LocalActor.Ambient = "of the caller";
        RequestContext.Set("tenant", "a");
        ExecutionContext? flow = ExecutionContext.Capture();
        ValueTask<string> asked = New(Node, out _).Contexts();
        Assert.True(asked.IsCompletedSuccessfully);
        Assert.Equal("constructor Activation none a; method Activation none a", await asked);
        Assert.Null(SynchronizationContext.Current);
        Assert.Same(flow, ExecutionContext.Capture());
        RequestContext.Clear();
        LocalActor.Ambient = null;
    });

    [Fact]
    public Task What_the_constructor_throws_arrives_as_from_a_queue_and_the_next_call_tries_again() => InlineAskTests.OnPool(async () =>
    {
        await FirstAsync(Node);
        bool wasInline = false;
        BegunActor.During = _ =>
        {
            wasInline = LocalActor.IsCalling;
            throw new UnheardOfException("constructed badly");
        };
        IBegun actor = New(Node, out string key);
        ValueTask<bool> asked = LocalActor.Call(actor.IsInline);
        ActorActivationException exception = await Assert.ThrowsAsync<ActorActivationException>(async () => await asked);
        Assert.Equal(CallOutcome.NotRun, exception.Outcome);
        Assert.Contains("constructed badly", exception.Message, StringComparison.Ordinal);
        Assert.True(wasInline);
        Assert.Equal(1, BegunActor.Made[key]);
        BegunActor.During = null;
        await actor.Note(1);
        Assert.Equal(2, BegunActor.Made[key]);
    });

    [Fact]
    public Task A_constructor_that_takes_long_is_queued_until_it_is_short_again() => InlineAskTests.OnPool(async () =>
    {
        await FirstAsync(Node);
        BegunActor.During = static time => (time as FakeTime)?.Advance(TimeSpan.FromMilliseconds(5));
        int inline = 0;
        while (await LocalActor.Call(New(Node, out _).IsInline))
        {
            Assert.InRange(++inline, 0, 64); // Until one is timed: the first one on a thread, and one in 32.
        }

        Assert.False(await LocalActor.Call(New(Node, out _).IsInline));
        BegunActor.During = null;
        await Eventually.TrueAsync(() => LocalActor.Call(New(Node, out _).IsInline).AsTask().GetAwaiter().GetResult(), "a short constructor to run on its caller's stack again");
    });

    [Fact]
    public Task What_was_told_before_runs_before() => InlineAskTests.OnPool(async () =>
    {
        await FirstAsync(Node);
        for (int round = 0; round < 500; round++)
        {
            IBegun actor = New(Node, out _);
            await actor.Tell().Note(round);
            Assert.Equal([round], await actor.Notes());
        }
    });

    [Fact]
    public Task Asked_by_many_at_once_it_is_constructed_once() => InlineAskTests.OnPool(async () =>
    {
        const int Threads = 4;
        await FirstAsync(Node);
        for (int round = 0; round < 300; round++)
        {
            string key = NewKey();
            using var start = new Barrier(Threads);
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(number => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return Node.Get<IBegun>(key).Note(number).AsTask();
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).Unwrap()));
            Assert.Equal(1, BegunActor.Made[key]);
            Assert.Equal(Enumerable.Range(0, Threads), (await Node.Get<IBegun>(key).Notes()).Order());
        }
    });

    [Fact]
    public Task What_waits_behind_a_turn_that_asked_for_the_end_goes_to_the_next_though_nothing_was_ever_queued() => InlineAskTests.OnPool(async () =>
    {
        await FirstAsync(Node);
        IBegun actor = New(Node, out string key);
        Gate gate = InlineAskTests.NewGate();
        Task<bool> left = LocalActor.Call(() => actor.Leave(gate)).AsTask();
        Task behind = actor.Note(1).AsTask();
        Assert.False(behind.IsCompleted);
        CounterActor.GateOf(gate.Number).SetResult();
        Assert.True(await left.WaitAsync(s_deadline));
        await behind.WaitAsync(s_deadline);
        Assert.Equal(2, BegunActor.Made[key]);
        Assert.Equal([1], await actor.Notes());
    });

    [Fact]
    public Task One_that_asks_for_its_end_in_its_constructor_runs_the_ask_that_constructed_it() => InlineAskTests.OnPool(async () =>
    {
        for (int number = 1; number <= 1000; number++)
        {
            Assert.Equal(number, await Node.Get<IBegunBriefly>($"{number}").Number().AsTask().WaitAsync(s_deadline));
        }
    });

    [Fact]
    public Task None_is_constructed_while_the_lease_is_out() => InlineAskTests.OnPool(async () =>
    {
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        await FirstAsync(node);
        using Stall stall = await Stall.OfAsync(node);
        ValueTask<bool> asked = LocalActor.Call(New(node, out string key).IsInline);
        Assert.False(asked.IsCompleted || BegunActor.Made.ContainsKey(key));
        stall.Dispose();
        Assert.False(await asked.AsTask().WaitAsync(s_deadline)); // It ran, and not here.
    });

    private static string NewKey() => $"begun {Interlocked.Increment(ref s_key)}";

    private static IBegun New(ActorNode node, out string key) => node.Get<IBegun>(key = NewKey());

    /// <summary>Shows the node what the class is like.</summary>
    private static async ValueTask FirstAsync(ActorNode node)
    {
        for (int call = 0; call < 1000; call++)
        {
            if (await LocalActor.Call(New(node, out _).IsInline))
            {
                break; // Another test may have left the method long.
            }
        }
    }
}
