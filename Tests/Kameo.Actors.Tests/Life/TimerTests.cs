namespace Kameo.Actors.Tests.Life;

/// <summary>Timers: as Orleans 10's RegisterGrainTimer documents them.</summary>
public sealed class TimerTests : IAsyncLifetime
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    private readonly FakeTime _time = new();
    private readonly string _key = Journal.NewKey();
    private TimedCluster _cluster = null!;

    private Journal Journal => Journal.Of(_key);

    private ITicker Ticker => _cluster.Nodes[0].Get<ITicker>(_key);

    public async Task InitializeAsync() => _cluster = await TimedCluster.StartAsync(_time);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_timer_ticks_at_its_due_time_and_then_each_period()
    {
        await Ticker.Start(new TimerPlan(2 * s_second, s_second));
        _time.Advance(1.9 * s_second);
        await Ticker.Touch();
        Assert.Empty(Journal.Rest());
        _time.Advance(0.1 * s_second);
        Assert.Equal("tick 1", await Journal.NextAsync());
        for (int tick = 2; tick < 6; tick++)
        {
            await Ticker.Touch(); // Behind the tick: the next one is due from here.
            _time.Advance(s_second);
            Assert.Equal($"tick {tick}", await Journal.NextAsync());
        }
    }

    [Fact]
    public async Task The_next_period_is_counted_from_the_end_of_a_tick_and_ticks_never_overlap()
    {
        await Ticker.Start(new TimerPlan(s_second, s_second) { Gate = "open" });
        _time.Advance(s_second);
        Assert.Equal("tick 1", await Journal.NextAsync());
        _time.Advance(10 * s_second);
        Journal.Gate("open").SetResult();
        Assert.Equal("tick ends", await Journal.NextAsync());
        await Ticker.Touch();
        Assert.Empty(Journal.Rest());
        _time.Advance(0.9 * s_second);
        await Ticker.Touch();
        Assert.Empty(Journal.Rest());
        _time.Advance(0.1 * s_second);
        Assert.Equal("tick 2", await Journal.NextAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Without_a_period_a_timer_ticks_once(int periodMilliseconds)
    {
        await Ticker.Start(new TimerPlan(TimeSpan.Zero, TimeSpan.FromMilliseconds(periodMilliseconds)));
        _time.Advance(TimeSpan.Zero);
        Assert.Equal("tick 1", await Journal.NextAsync());
        await Ticker.Touch();
        _time.Advance(10 * s_second);
        await Ticker.Touch();
        Assert.Empty(Journal.Rest());
    }

    [Fact]
    public async Task A_tick_waits_for_the_turn_that_runs()
    {
        await Ticker.Start(new TimerPlan(s_second, s_second));
        Task held = Ticker.Hold("hold");
        Assert.Equal("held", await Journal.NextAsync());
        _time.Advance(s_second);
        Task behind = Ticker.Touch().AsTask();
        Assert.False(behind.IsCompleted);
        Assert.Empty(Journal.Rest());
        Journal.Gate("hold").SetResult();
        await Task.WhenAll(held, behind).WaitAsync(s_deadline);
        Assert.Equal(["tick 1"], Journal.Rest());
    }

    [Fact]
    public async Task An_interleaving_tick_passes_a_turn_that_waits_and_a_call_that_it_bars()
    {
        await Ticker.Start(new TimerPlan(s_second, s_second) { Interleave = true });
        Task held = Ticker.Hold("hold");
        Assert.Equal("held", await Journal.NextAsync());
        Task barred = Ticker.Touch().AsTask();
        _time.Advance(s_second);
        Assert.Equal("tick 1 beside a turn", await Journal.NextAsync());
        Assert.False(barred.IsCompleted);
        Journal.Gate("hold").SetResult();
        await Task.WhenAll(held, barred).WaitAsync(s_deadline);
    }

    [Fact]
    public async Task Change_sets_when_it_ticks_next_and_then()
    {
        await Ticker.Start(new TimerPlan(s_second, s_second));
        await Ticker.Change(5 * s_second, 3 * s_second);
        _time.Advance(4.9 * s_second);
        await Ticker.Touch();
        Assert.Empty(Journal.Rest());
        _time.Advance(0.1 * s_second);
        Assert.Equal("tick 1", await Journal.NextAsync());
        await Ticker.Touch();
        _time.Advance(3 * s_second);
        Assert.Equal("tick 2", await Journal.NextAsync());
        await Ticker.Change(Timeout.InfiniteTimeSpan, s_second);
        _time.Advance(100 * s_second);
        await Ticker.Touch();
        Assert.Empty(Journal.Rest());
    }

    [Fact]
    public async Task A_tick_that_waits_is_not_run_once_the_timer_is_changed_or_disposed()
    {
        await Ticker.Start(new TimerPlan(s_second, s_second));
        Task held = Ticker.Hold("hold");
        Task changed = Ticker.Change(3 * s_second, s_second).AsTask();
        Assert.Equal("held", await Journal.NextAsync());
        _time.Advance(s_second); // The tick waits behind the change.
        Journal.Gate("hold").SetResult();
        await Task.WhenAll(held, changed).WaitAsync(s_deadline);
        await Ticker.Touch();
        Assert.Empty(Journal.Rest());
        _time.Advance(3 * s_second);
        Assert.Equal("tick 1", await Journal.NextAsync());

        Task again = Ticker.Hold("again");
        Task stopped = Ticker.Stop().AsTask();
        Assert.Equal("held", await Journal.NextAsync());
        _time.Advance(s_second);
        Journal.Gate("again").SetResult();
        await Task.WhenAll(again, stopped).WaitAsync(s_deadline);
        await Ticker.Touch();
        _time.Advance(10 * s_second);
        await Ticker.Touch();
        Assert.Empty(Journal.Rest());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Ticker.Change(s_second, s_second));
    }

    [Fact]
    public async Task What_a_tick_throws_does_not_end_the_timer()
    {
        await Ticker.Start(new TimerPlan(s_second, s_second) { Fails = true });
        for (int tick = 1; tick < 4; tick++)
        {
            _time.Advance(s_second);
            Assert.Equal($"tick {tick}", await Journal.NextAsync());
            await Ticker.Touch();
        }
    }

    [Fact]
    public async Task The_end_of_the_activation_cancels_a_tick_and_its_timers_do_not_reach_the_next_one()
    {
        await Ticker.Start(new TimerPlan(s_second, s_second) { Gate = "never" });
        _time.Advance(s_second);
        Assert.Equal("tick 1", await Journal.NextAsync());
        await Ticker.Tell().LeaveSoon(); // Behind the tick, which only ends by its token.
        Assert.Equal(1, _cluster.Nodes[0].ActivationCount);
        await _cluster.Nodes[0].Get<ITicker>(Journal.NewKey()).Touch();
        await _cluster.Nodes[0].DisposeAsync().AsTask().WaitAsync(s_deadline);
        Assert.Equal(["deactivated: ShuttingDown"], Journal.Rest());
    }

    [Fact]
    public async Task A_tick_that_waits_when_the_activation_ends_wakes_nobody()
    {
        await Ticker.Start(new TimerPlan(s_second, s_second));
        Task held = Ticker.Hold("hold");
        Task left = Ticker.Leave().AsTask();
        Assert.Equal("held", await Journal.NextAsync());
        _time.Advance(s_second);
        Journal.Gate("hold").SetResult();
        await Task.WhenAll(held, left).WaitAsync(s_deadline);
        Assert.Equal("deactivated: Requested", await Journal.NextAsync());
        await Eventually.TrueAsync(() => _cluster.Nodes[0].ActivationCount == 0, "the activation to end");
        _time.Advance(10 * s_second);
        Assert.Equal(0, _cluster.Nodes[0].ActivationCount);
        await Ticker.Touch();
        Assert.Empty(Journal.Rest());
    }

    [Fact]
    public async Task Times_out_of_bounds_and_too_many_timers_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Ticker.Start(new TimerPlan(TimeSpan.FromMilliseconds(-2), s_second)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Ticker.Start(new TimerPlan(s_second, TimeSpan.FromDays(50))));
        await Ticker.StartMany(Actor.TimersMax);
        InvalidOperationException full = await Assert.ThrowsAsync<InvalidOperationException>(async () => await Ticker.StartMany(1));
        Assert.Contains("256", full.Message, StringComparison.Ordinal);
        int armed = _time.Armed;
        await Ticker.Leave();
        await Eventually.TrueAsync(() => _cluster.Nodes[0].ActivationCount == 0, "the activation to end");
        Assert.True(_time.Armed <= armed);
        await Ticker.StartMany(Actor.TimersMax);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task KeepAlive_decides_whether_ticks_count_as_use(bool keepAlive)
    {
        await using TimedCluster cluster = await TimedCluster.StartAsync(_time, configure: static options => options.CollectionAge = 10 * s_second);
        ITicker ticker = cluster.Nodes[0].Get<ITicker>(_key);
        await ticker.Start(new TimerPlan(4 * s_second, 4 * s_second) { KeepAlive = keepAlive });
        await Eventually.TrueAsync(() => cluster.Nodes[0].Activations.All.All(static one => one.IsUnused(0)), "the turn to have ended");
        int armed = _time.Armed;
        for (int tick = 1; tick <= 2; tick++)
        {
            _time.Advance(4 * s_second);
            Assert.Equal($"tick {tick}", await Journal.NextAsync());
            await Eventually.TrueAsync(() => _time.Armed >= armed, "the tick to have ended");
        }

        _time.Advance(2 * s_second); // Idle ones are looked for now, 10 s after the only call.
        if (keepAlive)
        {
            for (int tick = 3; tick < 10; tick++)
            {
                _time.Advance((tick == 3 ? 2 : 4) * s_second);
                Assert.Equal($"tick {tick}", await Journal.NextAsync());
                await Eventually.TrueAsync(() => _time.Armed >= armed, "the tick to have ended");
            }

            Assert.Equal(1, cluster.Nodes[0].ActivationCount);
        }
        else
        {
            Assert.Equal("deactivated: Idle", await Journal.NextAsync());
        }
    }
}
