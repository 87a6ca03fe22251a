using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Actors;
using Kameo.Actors.Tests.Life;

namespace Kameo.Actors.Tests.Local;

/// <summary>What a turn on its caller's stack is like: as any other.</summary>
[Collection(Calls.AloneCollection.Name)]
public sealed class InlineTurnTests : IAsyncLifetime
{
    private readonly FakeTime _time = new();
    private TimedCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await TimedCluster.StartAsync(_time, configure: static options => options.CollectionAge = TimeSpan.FromMinutes(1));

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public Task Contexts_are_the_callees_and_then_the_callers() => InlineAskTests.OnPool(async () =>
    {
        ILocal local = await NewAsync();
        LocalActor.Ambient = "of the caller";
        RequestContext.Set("tenant", "a");
        ExecutionContext? flow = ExecutionContext.Capture();
        ValueTask<string> asked = LocalActor.Call(() => local.Contexts("of the callee"));
        Assert.True(asked.IsCompletedSuccessfully);
        Assert.Equal("Activation none a True", await asked);
        Assert.Null(SynchronizationContext.Current);
        Assert.Equal("of the caller", LocalActor.Ambient);
        Assert.Equal("a", RequestContext.Get("tenant"));
        Assert.Same(flow, ExecutionContext.Capture());
        RequestContext.Clear();
        LocalActor.Ambient = null;
        Assert.Equal("Activation none nobody True", await LocalActor.Call(() => local.Contexts("of the callee")));
        Assert.Null(LocalActor.Ambient);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task What_it_throws_arrives_as_from_a_queue(bool isInline) => InlineAskTests.OnPool(async () =>
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: options => options.InlineLocalAsks = isInline);
        ILocal local = cluster.Nodes[0].Get<ILocal>("a");
        await local.IsInline();
        foreach (bool isTask in new[] { false, true })
        {
            ActorFaultException fault = await Assert.ThrowsAsync<ActorFaultException>(async () => await local.Throw(isTask));
            Assert.Equal(typeof(UnheardOfException).FullName, fault.TypeName);
            Assert.Contains(isTask ? "ThrowLater" : nameof(LocalActor.Throw), fault.RemoteStackTrace, StringComparison.Ordinal);
            Assert.Equal(CallOutcome.Ran, fault.Outcome);
        }

        Assert.Equal("a bad argument", (await Assert.ThrowsAsync<ArgumentException>(async () => await local.ThrowVoid("argument"))).Message);
        Task cancelled = local.ThrowVoid("cancelled").AsTask();
        Exception seen = await Assert.ThrowsAnyAsync<Exception>(() => cancelled);
        Assert.IsNotType<UnheardOfException>(seen);
        Assert.Empty(await local.Keep([])); // It goes on.
    });

    [Fact]
    public Task Its_failure_is_the_actors_and_decided_on_before_the_caller_knows() => InlineAskTests.OnPool(async () =>
    {
        IRestarting actor = _cluster.Nodes[0].Get<IRestarting>("a");
        Assert.Equal(1, await actor.Count());
        Assert.Equal(2, await actor.Count());
        await Assert.ThrowsAsync<ActorFaultException>(async () => await actor.Fail());
        Assert.Equal(1, await actor.Count());
    });

    [Fact]
    public Task Arguments_and_results_are_isolated() => InlineAskTests.OnPool(async () =>
    {
        ILocal local = await NewAsync();
        List<int> mine = [1];
        await local.Keep(mine);
        Assert.Equal([1], mine);
        List<int> its = await local.Keep([2]);
        Assert.Equal([1, -1], its);
        List<int> notes = await local.Notes();
        notes.Add(7);
        Assert.Empty(await local.Notes());
    });

    [Fact]
    public Task An_argument_that_cannot_be_copied_is_the_callers_fault_and_a_result_is_not_the_methods() => InlineAskTests.OnPool(async () =>
    {
        ILocal local = await NewAsync();
        Assert.Equal("sour", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await local.Refuse(new Sour()))).Message);
        Assert.Equal("sour", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await local.MakeSour())).Message);
        Assert.Equal(1, await local.Refuse(new Sour { IsSweet = true }));
        Assert.True(await LocalActor.Call(local.IsInline));
    });

    [Fact]
    public Task One_that_does_not_end_at_once_goes_on_as_a_turn() => InlineAskTests.OnPool(async () =>
    {
        ILocal local = await NewAsync();
        var gate = InlineAskTests.NewGate();
        ValueTask<int> waits = local.Wait(gate);
        Assert.Null(SynchronizationContext.Current);
        Task<bool> behind = local.IsInline().AsTask();
        Assert.False(waits.IsCompleted || behind.IsCompleted);
        CounterActor.GateOf(gate.Number).SetResult();
        Assert.Equal(gate.Number, await waits);
        await behind;
    });

    [Fact]
    public Task Its_time_and_that_of_what_it_asks_is_bounded() => InlineAskTests.OnPool(async () =>
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1);
        ILocal local = cluster.Nodes[0].Get<ILocal>("a");
        await local.IsInline();
        await cluster.Nodes[0].Get<ILocal>("other").IsInline();
        ValueTask<int> waits = local.WaitBriefly(new Gate(int.MinValue + 1));
        AskTimeoutException timedOut = await Assert.ThrowsAsync<AskTimeoutException>(async () => await waits);
        Assert.Equal(CallOutcome.MayHaveRun, timedOut.Outcome);
        CounterActor.GateOf(int.MinValue + 1).SetResult();

        // What it asks itself would otherwise take 30 s.
        long start = Environment.TickCount64;
        await Assert.ThrowsAsync<AskTimeoutException>(async () => await cluster.Nodes[0].Get<ILocal>("asks").AskOtherThatNeverAnswers("other"));
        Assert.InRange(Environment.TickCount64 - start, 0, 15_000);
        CounterActor.GateOf(int.MinValue).TrySetResult();
    });

    [Fact]
    public Task Asks_that_wait_are_bounded() => InlineAskTests.OnPool(async () =>
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: static options => options.LocalAsksMax = 2);
        ILocal[] locals = [.. Enumerable.Range(0, 4).Select(index => cluster.Nodes[0].Get<ILocal>($"{index}"))];
        foreach (ILocal local in locals)
        {
            await local.IsInline();
        }

        var gate = InlineAskTests.NewGate();
        Task<int>[] asked = [.. locals.Select(local => local.Wait(gate).AsTask())];
        foreach (Task<int> refused in asked[2..])
        {
            ActorCallException exception = await Assert.ThrowsAnyAsync<ActorCallException>(() => refused);
            Assert.True(exception.Outcome is CallOutcome.MayHaveRun || exception is OverloadedException, exception.Message);
        }

        CounterActor.GateOf(gate.Number).SetResult();
        Assert.Equal(gate.Number, await asked[0]);
        Assert.Equal(gate.Number, await asked[1]);
    });

    [Fact]
    public Task It_counts_as_use() => InlineAskTests.OnPool(async () =>
    {
        ILocal local = await NewAsync();
        int made = await local.Made();
        for (int minute = 0; minute < 4; minute++)
        {
            _time.Advance(TimeSpan.FromSeconds(50));
            await Eventually.TrueAsync(() => !_cluster.Nodes[0].Collector.IsRunning, "the collector's pass");
            Assert.True(await LocalActor.Call(local.IsInline));
        }

        Assert.Equal(made, await local.Made());
        _time.Advance(TimeSpan.FromSeconds(50));
        await Eventually.TrueAsync(() => !_cluster.Nodes[0].Collector.IsRunning, "the collector's pass");
        Assert.Equal(1, _cluster.Nodes[0].ActivationCount);
        _time.Advance(TimeSpan.FromSeconds(21));
        await Eventually.TrueAsync(() => _cluster.Nodes[0].ActivationCount == 0, "the actor to be collected");
    });

    private async ValueTask<ILocal> NewAsync()
    {
        ILocal local = _cluster.Nodes[0].Get<ILocal>("local");
        for (int call = 0; call < 10_000; call++)
        {
            if (await LocalActor.Call(local.IsInline))
            {
                break; // Another test may have left the method long.
            }
        }

        return local;
    }
}
