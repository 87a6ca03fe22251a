using Kameo.Actors.Supervision;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Tests.Life;

/// <summary>What becomes of an actor that fails: Kameo's restart limits, with Orleans' way as the default.</summary>
public sealed class SupervisionTests : IAsyncLifetime
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    private readonly FakeTime _time = new();
    private readonly string _key = Journal.NewKey();
    private TimedCluster _cluster = null!;

    private Journal Journal => Journal.Of(_key);

    private ActorNode Node => _cluster.Nodes[0];

    public async Task InitializeAsync() => _cluster = await TimedCluster.StartAsync(_time, clients: 1);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task By_default_an_exception_reaches_the_caller_and_the_actor_goes_on()
    {
        IPropagating actor = Node.Get<IPropagating>(_key);
        Assert.Equal(1, await actor.Count());
        await FailAsync(actor);
        Assert.Equal(2, await actor.Count());
        Assert.Empty(Journal.Rest());
    }

    [Fact]
    public async Task A_restarted_actor_is_deactivated_and_the_next_call_meets_a_fresh_one()
    {
        IRestarted actor = Node.Get<IRestarted>(_key);
        Assert.Equal(1, await actor.Count());
        Assert.Equal(2, await actor.Count());
        await FailAsync(actor);
        Assert.Equal(1, await actor.Count());
        Assert.Equal(["deactivated: Restarted"], Journal.Rest());
    }

    [Fact]
    public async Task Calls_that_wait_keep_their_order_across_a_restart()
    {
        IRestarted actor = _cluster.Clients[0].Get<IRestarted>(_key);
        Assert.Equal(1, await actor.Count());
        Task failing = actor.FailAfter("go");
        Assert.Equal("waits", await Journal.NextAsync());
        Task<int>[] waiting = [.. Enumerable.Range(0, 100).Select(_ => actor.Count().AsTask())];
        Journal.Gate("go").SetResult();
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing.WaitAsync(s_deadline));
        Assert.Equal(Enumerable.Range(1, 100), await Task.WhenAll(waiting).WaitAsync(s_deadline));
    }

    [Fact]
    public async Task Too_many_restarts_within_their_time_stop_the_actor_until_its_back_off_is_over()
    {
        IRestarted actor = _cluster.Clients[0].Get<IRestarted>(_key);
        for (int restart = 0; restart < 3; restart++)
        {
            await FailAsync(actor);
            Assert.Equal("deactivated: Restarted", await Journal.NextAsync());
        }

        await FailAsync(actor);
        Assert.Equal("deactivated: Failed", await Journal.NextAsync());
        ActorStoppedException stopped = await Assert.ThrowsAsync<ActorStoppedException>(async () => await actor.Count());
        Assert.Equal(CallOutcome.NotRun, stopped.Outcome);
        Assert.Contains("20000 ms", stopped.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ActorStoppedException>(async () => await Node.Get<IRestarted>(_key).Count());
        Assert.Equal(1, await Node.Get<IRestarted>(_key + " another").Count());
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(1, await Node.Get<IRestarted>(_key).Count());
    }

    [Fact]
    public async Task Turns_that_fail_beside_each_other_are_one_restart()
    {
        IRestartedTogether actor = Node.Get<IRestartedTogether>(_key);
        Task[] failing = [.. Enumerable.Range(0, 10).Select(_ => actor.FailAfter("go"))];
        foreach (Task _ in failing)
        {
            Assert.Equal("waits", await Journal.NextAsync());
        }

        Journal.Gate("go").SetResult();
        foreach (Task one in failing)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => one.WaitAsync(s_deadline));
        }

        Assert.Equal("deactivated: Restarted", await Journal.NextAsync());
        Assert.Equal(1, await actor.Count());
    }

    [Fact]
    public async Task Restarts_that_lie_further_back_than_their_time_do_not_count()
    {
        IRestarted actor = Node.Get<IRestarted>(_key);
        for (int restart = 0; restart < 12; restart++)
        {
            await FailAsync(actor);
            Assert.Equal("deactivated: Restarted", await Journal.NextAsync());
            _time.Advance(TimeSpan.FromSeconds(3.4));
        }
    }

    [Fact]
    public async Task A_stopped_actor_refuses_the_calls_that_wait()
    {
        IStopped actor = Node.Get<IStopped>(_key);
        Task failing = actor.FailAfter("go");
        Assert.Equal("waits", await Journal.NextAsync());
        Task<int>[] waiting = [.. Enumerable.Range(0, 10).Select(_ => actor.Count().AsTask())];
        Journal.Gate("go").SetResult();
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing.WaitAsync(s_deadline));
        foreach (Task<int> one in waiting)
        {
            await Assert.ThrowsAsync<ActorStoppedException>(() => one.WaitAsync(s_deadline));
        }

        await Eventually.TrueAsync(() => Node.ActivationCount == 0, "the refusing activations to end");
    }

    [Fact]
    public async Task Tells_and_timers_that_fail_restart_too()
    {
        IRestarted actor = Node.Get<IRestarted>(_key);
        await actor.FailUnheard();
        Assert.Equal("deactivated: Restarted", await Journal.NextAsync());
        await actor.FailInTimer();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("deactivated: Restarted", await Journal.NextAsync());
        Assert.Equal(1, await actor.Count());
    }

    [Fact]
    public async Task A_call_that_its_caller_cancels_is_no_failure()
    {
        IStopped actor = Node.Get<IStopped>(_key);
        using var cancel = new CancellationTokenSource();
        Assert.Equal(1, await actor.Count());
        Task waiting = actor.WaitFor(cancel.Token);
        Task<int> behind = actor.Count().AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(s_deadline));
        Assert.Equal(2, await behind.WaitAsync(s_deadline));
    }

    [Fact]
    public async Task An_actor_decides_for_each_exception_and_its_class_when_it_cannot()
    {
        IDeciding actor = Node.Get<IDeciding>(_key);
        Assert.Equal(1, await actor.Count());
        await FailAsync(actor, "argument");
        Assert.Equal(2, await actor.Count());
        await FailAsync(actor, "data");
        Assert.Equal("deactivated: Restarted", await Journal.NextAsync());
        Assert.Equal(1, await actor.Count());
        await FailAsync(actor, "format");
        Assert.Equal("deactivated: Failed", await Journal.NextAsync());
        await Assert.ThrowsAsync<ActorStoppedException>(async () => await actor.Count());
    }

    [Fact]
    public async Task Wrong_numbers_of_the_attribute_reach_the_callers()
    {
        ActorActivationException wrong = await Assert.ThrowsAsync<ActorActivationException>(async () => await Node.Get<IMisconfigured>(_key).Count());
        Assert.Contains("LimitCount", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_ledger_makes_room_of_what_is_over_and_else_forgets_and_counts()
    {
        var ledger = new FailureLedger(new NodeClock(_time), actorsMax: 2);
        FailureTerms terms = FailureTerms.Of(new OnFailureAttribute(FailurePolicy.Restart) { LimitCount = 1, WithinSeconds = 5, BackOffSeconds = 7 }, typeof(RestartedActor));
        Assert.True(ledger.IsEmpty);
        Assert.True(ledger.TryCountRestart(Id(1), terms));
        Assert.False(ledger.TryCountRestart(Id(1), terms));
        ledger.Stop(Id(2), terms);
        Assert.Equal(TimeSpan.FromSeconds(7), ledger.StoppedFor(Id(2)));
        Assert.True(ledger.TryCountRestart(Id(3), terms));
        Assert.True(ledger.TryCountRestart(Id(3), terms));
        Assert.Equal(2, ledger.Forgotten);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(ledger.TryCountRestart(Id(3), terms));
        Assert.False(ledger.TryCountRestart(Id(3), terms));
        Assert.Equal(TimeSpan.FromSeconds(2), ledger.StoppedFor(Id(2)));
        _time.Advance(TimeSpan.FromSeconds(5));
        ledger.Sweep();
        Assert.True(ledger.IsEmpty);

        static ActorId Id(long number) => new("class", ActorKey.Of(number));
    }

    private static async Task FailAsync(IFragile actor, string how = "") => await Assert.ThrowsAnyAsync<Exception>(async () => await actor.Fail(how));
}
