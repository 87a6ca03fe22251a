using Kameo.Actors.Calls;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Actors;
using Kameo.Actors.Tests.Life;

namespace Kameo.Actors.Tests.Local;

/// <summary>When a local ask runs on its caller's stack, and when not. In the collection that runs alone: the pace of a method is the process's.</summary>
[Collection(Calls.AloneCollection.Name)]
public sealed class InlineAskTests : IAsyncLifetime
{
    private static int s_lastGate = 1_000_000;

    private readonly FakeTime _time = new(); // Stands still, so that no method is long because the machine is.
    private TimedCluster _cluster = null!;
    private int _key;

    private ActorNode Node => _cluster.Nodes[0];

    public async Task InitializeAsync() => _cluster = await TimedCluster.StartAsync(_time);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public Task An_idle_actor_runs_on_its_callers_stack() => OnPool(async () =>
    {
        ILocal local = await NewAsync();
        Assert.True(await IsInlineAsync(local));
        Assert.True(await LocalActor.Call(local.IsInlineAsTask));
        var box = new Box<bool>();
        ValueTask done = LocalActor.Call(() => local.IsInlineInto(box));
        Assert.True(done.IsCompletedSuccessfully && box.Value);
    });

    [Fact]
    public Task A_reference_that_has_not_met_the_actor_finds_it() => OnPool(async () =>
    {
        await NewAsync();
        Assert.True(await IsInlineAsync(Node.Get<ILocal>($"local {_key}")));
    });

    [Fact]
    public Task The_first_actor_of_its_class_is_queued() => OnPool(async () =>
        Assert.False(await IsInlineAsync(Node.Get<ILocal>("never met"))));

    [Fact]
    public Task An_option_and_an_attribute_turn_it_off() => OnPool(async () =>
    {
        IQueuedLocal queued = Node.Get<IQueuedLocal>("a");
        await queued.IsInline();
        Assert.False(await LocalActor.Call(queued.IsInline));
        await using TestCluster off = await TestCluster.StartAsync(nodes: 1, configure: static options => options.InlineLocalAsks = false);
        ILocal local = off.Nodes[0].Get<ILocal>("a");
        await local.IsInline();
        Assert.False(await IsInlineAsync(local));
    });

    [Fact]
    public Task A_caller_with_a_synchronisation_context_of_its_own_queues() => OnPool(async () =>
    {
        ILocal local = await NewAsync();
        SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
        ValueTask<bool> asked = LocalActor.Call(local.IsInline);
        SynchronizationContext.SetSynchronizationContext(null);
        Assert.False(await asked);
        BeIdle(local);
        Assert.True(await IsInlineAsync(local));
    });

    [Fact]
    public Task A_caller_on_a_task_scheduler_of_its_own_queues() => OnPool(async () =>
    {
        ILocal local = await NewAsync();
        var scheduler = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        ValueTask<bool> asked = await Task.Factory.StartNew(() => LocalActor.Call(local.IsInline), CancellationToken.None, TaskCreationOptions.None, scheduler);
        Assert.False(await asked);
    });

    [Fact]
    public Task A_caller_whose_flow_is_suppressed_queues() => OnPool(async () =>
    {
        ILocal local = await NewAsync();
        ValueTask<bool> asked;
        using (ExecutionContext.SuppressFlow())
        {
            asked = LocalActor.Call(local.IsInline);
        }

        Assert.False(await asked);
    });

    [Fact]
    public Task A_busy_actor_and_one_with_calls_waiting_are_queued_in_order() => OnPool(async () =>
    {
        ILocal local = await NewAsync();
        Gate gate = NewGate();
        ValueTask<int> waits = local.Wait(gate); // Suspends on this stack, or in its own turn.
        Task<bool> behind = LocalActor.Call(local.IsInline).AsTask();
        ValueTask told = local.Tell().Note(1);
        Task<List<int>> notes = LocalActor.Call(local.Notes).AsTask();
        Assert.False(behind.IsCompleted);
        Assert.False(await LocalActor.Call(local.IsInlineInterleaved)); // It starts beside the turn; but what waits came before it.
        CounterActor.GateOf(gate.Number).SetResult();
        Assert.Equal(gate.Number, await waits);
        await told;
        Assert.False(await behind);
        Assert.Equal([1], await notes);
    });

    [Fact]
    public Task Beside_a_turn_that_waits_only_what_interleaves_runs() => OnPool(async () =>
    {
        ILocal local = await NewAsync();
        Gate gate = NewGate();
        ValueTask<int> waits = local.Wait(gate);
        await Eventually.TrueAsync(() => LocalActor.Call(local.IsInlineInterleaved) is { IsCompletedSuccessfully: true, Result: true }, "the executor to be idle");
        Task<bool> asked = LocalActor.Call(local.IsInline).AsTask();
        CounterActor.GateOf(gate.Number).SetResult();
        Assert.False(await asked);
        await waits;
    });

    [Fact]
    public Task At_most_eight_are_on_one_stack() => OnPool(async () =>
    {
        for (string key = "chain"; key.Length < 5 + 16; key += "+")
        {
            await Node.Get<ILocal>(key).IsInline();
        }

        await QueueOneAsync();

        // A link of the chain goes on as long as it is on the stack of the first: at depth 9 it is not.
        Assert.Equal(9, await LocalActor.Call(() => Node.Get<ILocal>("chain").Chain(1)));
    });

    [Fact]
    public Task After_256_a_thread_queues_one() => OnPool(async () =>
    {
        ILocal local = await NewAsync();
        await QueueOneAsync();
        for (int round = 0; round < 3; round++)
        {
            int inline = 0;
            while (inline < 1000 && LocalActor.Call(local.IsInline) is var asked)
            {
                bool wasDone = asked.IsCompleted;
                if (!await asked)
                {
                    break;
                }

                Assert.True(wasDone); // So the await has not left the thread.
                inline++;
            }

            Assert.Equal(InlineThread.RunsMax, inline);
            BeIdle(local);
            await QueueOneAsync(); // The await may have gone on on another thread.
        }
    });

    [Fact]
    public Task A_long_method_is_queued_until_it_is_short_again() => OnPool(async () =>
    {
        ILocal local = await NewAsync();
        Assert.True(await LocalActor.Call(() => local.Spin(0)));
        await QueueOneAsync();
        while (await LocalActor.Call(() => local.Spin(5)))
        {
            await QueueOneAsync(); // Until one is timed: the first one on a thread, and one in 32.
        }

        for (int call = 0; call < 20; call++)
        {
            Assert.False(await LocalActor.Call(() => local.Spin(0.1)));
        }

        await Eventually.TrueAsync(() => LocalActor.Call(() => local.Spin(0)).AsTask().GetAwaiter().GetResult(), "a short method to be inline again");
    });

    [Fact]
    public Task A_method_that_takes_a_token_is_queued() => OnPool(async () =>
    {
        ILocal local = await NewAsync();
        Assert.False(await LocalActor.Call(() => local.WithToken(default)));
    });

    [Fact]
    public Task Asks_that_need_the_processor_share_all_of_them_after_the_first_few() => OnPool(async () =>
    {
        const int Actors = 200;
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1);
        ILocal[] locals = [.. Enumerable.Range(0, Actors).Select(index => cluster.Nodes[0].Get<ILocal>($"{index}"))];
        foreach (ILocal local in locals)
        {
            await local.Spin(0);
        }

        bool[] inline = await Task.WhenAll(locals.Select(static local => LocalActor.Call(() => local.Spin(5)).AsTask()));
        Assert.InRange(inline.Count(static one => one), 0, 32 + 1); // The first that is timed, of those that one thread runs, makes it long.
        Assert.Contains(false, inline);
        await Eventually.TrueAsync(() => LocalActor.Call(() => locals[0].Spin(0)).AsTask().GetAwaiter().GetResult(), "a short method to be inline again");
    });

    [Fact]
    public Task An_actor_that_is_to_end_is_queued_and_the_next_one_answers() => OnPool(async () =>
    {
        ILocal local = await NewAsync();
        int made = await local.Made();
        Assert.True(await LocalActor.Call(local.Leave));
        await Eventually.TrueAsync(() => local.Made().AsTask().GetAwaiter().GetResult() != made, "the next activation");
    });

    /// <summary>Runs a test without the synchronisation context of the test runner.</summary>
    internal static Task OnPool(Func<Task> test) => Task.Run(test);

    private static ValueTask<bool> IsInlineAsync(ILocal local) => LocalActor.Call(local.IsInline);

    /// <summary>One that no other test has.</summary>
    internal static Gate NewGate() => new(Interlocked.Increment(ref s_lastGate));

    private async ValueTask<ILocal> NewAsync()
    {
        ILocal local = Node.Get<ILocal>($"local {Interlocked.Increment(ref _key)}");
        await local.IsInline(); // Activates it.
        for (int call = 0; call < 1000; call++)
        {
            await QueueOneAsync();
            if (await IsInlineAsync(local))
            {
                break; // Another test may have left the method long.
            }
        }

        await QueueOneAsync();
        return local;
    }

    /// <summary>Waits, and stays on its thread, until the executor of an ask that was queued has ended, which is after the answer.</summary>
    private void BeIdle(ILocal local) =>
        Assert.True(SpinWait.SpinUntil(() => !Node.Activations.TryFind(ActorId.Of(local))!.IsScheduled, TimeSpan.FromSeconds(20)), "waited 20 s for its executor to end");

    /// <summary>Whatever thread this goes on on has queued an ask as its last one, so that it may run some.</summary>
    private async ValueTask QueueOneAsync()
    {
        IQueuedLocal queued = Node.Get<IQueuedLocal>("queue");
        ValueTask<bool> asked = queued.IsInline();
        SpinWait.SpinUntil(() => asked.IsCompleted);
        Assert.True(asked.IsCompletedSuccessfully);
        await asked;
    }
}
