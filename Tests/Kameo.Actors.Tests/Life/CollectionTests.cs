using Kameo.Actors.Activations;
using Kameo.Actors.Collection;

namespace Kameo.Actors.Tests.Life;

/// <summary>Which activations are collected for being idle, and which are shed when memory is short: as Orleans' collection ages and activation shedding.</summary>
public sealed class CollectionTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    private readonly FakeTime _time = new();
    private MemoryReading _memory = new(10, 1);

    [Fact]
    public async Task Each_class_is_collected_at_its_own_age()
    {
        await using TimedCluster cluster = await StartAsync(static options => options.CollectionAge = TimeSpan.FromMinutes(1));
        ActorNode node = cluster.Nodes[0];
        string[] keys = [.. Enumerable.Range(0, 4).Select(static _ => Journal.NewKey())];
        await node.Get<IOfDefaultAge>(keys[0]).Touch();
        await node.Get<IOfShortAge>(keys[1]).Touch();
        await node.Get<IOfLongAge>(keys[2]).Touch();
        await node.Get<IKept>(keys[3]).Touch();
        await SettledAsync(node);
        _time.Advance(TimeSpan.FromSeconds(29.9));
        await PassedAsync(node);
        Assert.Equal(4, node.ActivationCount);
        foreach ((int actor, double seconds) in new[] { (1, 0), (0, 19.9), (2, 79.9) })
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            await PassedAsync(node);
            Assert.Empty(Journal.Of(keys[actor]).Rest());
            _time.Advance(TimeSpan.FromSeconds(10.1));
            Assert.Equal("deactivated: Idle", await Journal.Of(keys[actor]).NextAsync());
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        await PassedAsync(node);
        Assert.Empty(Journal.Of(keys[3]).Rest());
        Assert.Equal(1, node.ActivationCount);
        Assert.Equal(new TimeSpan(1, 2, 3, 4), new CollectionAgeLimitAttribute { Days = 1, Hours = 2, Minutes = 3, Seconds = 4 }.Age);
    }

    [Fact]
    public async Task An_option_for_a_class_wins_over_its_attribute_and_short_ages_are_looked_for_more_often()
    {
        await using TimedCluster cluster = await StartAsync(static options => options.ClassSpecificCollectionAge[typeof(OfLongAgeActor)] = TimeSpan.FromSeconds(1));
        string key = Journal.NewKey();
        await cluster.Nodes[0].Get<IOfLongAge>(key).Touch();
        await SettledAsync(cluster.Nodes[0]);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("deactivated: Idle", await Journal.Of(key).NextAsync());
        await PassedAsync(cluster.Nodes[0]);
        await cluster.Nodes[0].Get<IOfLongAge>(key).Touch();
        await SettledAsync(cluster.Nodes[0]);
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal("deactivated: Idle", await Journal.Of(key).NextAsync());
    }

    [Fact]
    public async Task Items_that_are_read_do_not_shorten_a_delay()
    {
        await using TimedCluster cluster = await StartAsync();
        ActorNode node = cluster.Nodes[0];
        string key = Journal.NewKey();
        await node.Get<IOfShortAge>(key).Delay(TimeSpan.FromHours(2));
        await foreach (int number in node.Get<IOfShortAge>(key).Numbers())
        {
            Assert.Equal(1, number);
        }

        await SettledAsync(node);
        Activation activation = node.Activations.TryFind(ActorId.Of(node.Get<IOfShortAge>(key)))!;
        _time.Advance(node.Options.CollectionAge + TimeSpan.FromMinutes(1));
        Assert.False(activation.IsIdle(node.Clock.NowMilliseconds));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal("deactivated: Idle", await Journal.Of(key).NextAsync());
    }

    [Fact]
    public async Task An_actor_that_runs_or_delays_its_deactivation_is_not_collected()
    {
        await using TimedCluster cluster = await StartAsync();
        ActorNode node = cluster.Nodes[0];
        string held = Journal.NewKey();
        string delayed = Journal.NewKey();
        Task holding = node.Get<IOfShortAge>(held).Hold("hold");
        Assert.Equal("held", await Journal.Of(held).NextAsync());
        await node.Get<IOfShortAge>(delayed).Delay(TimeSpan.FromMinutes(5));
        _time.Advance(TimeSpan.FromMinutes(4));
        await PassedAsync(node);
        Assert.Equal(2, node.ActivationCount);
        Journal.Of(held).Gate("hold").SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => holding.WaitAsync(s_deadline)); // Its deadline passed long ago.
        await SettledAsync(node);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("deactivated: Idle", await Journal.Of(delayed).NextAsync());
        Assert.Equal("deactivated: Idle", await Journal.Of(held).NextAsync());
    }

    [Fact]
    public async Task An_actor_that_delays_its_deactivation_for_good_is_never_collected()
    {
        await using TimedCluster cluster = await StartAsync();
        ActorNode node = cluster.Nodes[0];
        await node.Get<IOfShortAge>("a").Delay(Timeout.InfiniteTimeSpan);
        await SettledAsync(node);
        _time.Advance(TimeSpan.FromHours(1));
        await PassedAsync(node);
        Assert.Equal(1, node.ActivationCount);
    }

    [Fact]
    public async Task One_that_is_used_again_before_it_got_to_its_end_stays()
    {
        await using TimedCluster cluster = await StartAsync();
        ActorNode node = cluster.Nodes[0];
        string key = Journal.NewKey();
        Task holding = node.Get<IOfShortAge>(key).Hold("hold");
        Assert.Equal("held", await Journal.Of(key).NextAsync());
        Activation activation = node.Activations.TryFind(ActorId.Of(node.Get<IOfShortAge>(key)))!;
        activation.AskToEnd(DeactivationReason.Idle); // As if the collector had looked before the call came, and asked after it.
        await Eventually.TrueAsync(() => !activation.IsScheduled, "the executor to have seen it");
        Journal.Of(key).Gate("hold").SetResult();
        await holding.WaitAsync(s_deadline);
        await SettledAsync(node);
        Assert.Empty(Journal.Of(key).Rest());
        Assert.Same(activation, node.Activations.TryFind(activation.Id));
    }

    [Fact]
    public async Task An_age_that_is_not_positive_reaches_the_callers()
    {
        await using TimedCluster cluster = await StartAsync();
        ActorActivationException wrong = await Assert.ThrowsAsync<ActorActivationException>(async () => await cluster.Nodes[0].Get<IOfWrongAge>("a").Touch());
        Assert.Contains("CollectionAgeLimit", wrong.Message, StringComparison.Ordinal);
        ArgumentException option = await Assert.ThrowsAsync<ArgumentException>(() => StartAsync(static options => options.ClassSpecificCollectionAge[typeof(KeptActor)] = TimeSpan.Zero));
        Assert.Contains("ClassSpecificCollectionAge", option.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_memory_pressure_those_used_longest_ago_are_shed_but_never_what_runs_or_is_kept()
    {
        await using TimedCluster cluster = await StartAsync(static options => options.ShedOnMemoryPressure = true);
        ActorNode node = cluster.Nodes[0];
        string held = Journal.NewKey();
        string kept = Journal.NewKey();
        Task holding = node.Get<IOfDefaultAge>(held).Hold("hold"); // The oldest, but it runs.
        Assert.Equal("held", await Journal.Of(held).NextAsync());
        await node.Get<IKept>(kept).Touch();
        string[] keys = [.. Enumerable.Range(0, 8).Select(static _ => Journal.NewKey())];
        foreach (string key in keys)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100)); // A tick: when an ask ran on its caller's stack is known to that.
            await node.Get<IOfDefaultAge>(key).Touch();
            await Eventually.TrueAsync(() => Settled(node) >= node.ActivationCount - 1, "the turn to have ended");
        }

        _time.Advance(TimeSpan.FromSeconds(6));
        await PassedAsync(node);
        Assert.Equal(10, node.ActivationCount); // Enough memory.

        // Of 10 actors (100 - 75) / 100 are 3, rounded up.
        _memory = new MemoryReading(100, 2);
        _time.Advance(TimeSpan.FromSeconds(10)); // Memory was looked at some time in the last 6 s, and is again 5 s after that.
        await PassedAsync(node);
        _time.Advance(TimeSpan.FromMilliseconds(200)); // A tick for it, if the one before it was still under way when the time came.
        foreach (string key in keys[..3])
        {
            Assert.Equal("deactivated: MemoryPressure", await Journal.Of(key).NextAsync());
        }

        await Eventually.TrueAsync(() => node.ActivationCount == 7, "three to be gone");
        _time.Advance(TimeSpan.FromSeconds(20)); // No newer reading: nothing more is shed for the old one.
        await PassedAsync(node);
        Assert.Equal(7, node.ActivationCount);
        Assert.All(keys[3..], static key => Assert.Empty(Journal.Of(key).Rest()));
        Journal.Of(held).Gate("hold").SetResult();
        await holding.WaitAsync(s_deadline).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(500)]
    [InlineData(5000)]
    public void The_least_recently_used_are_found_without_sorting(int wanted)
    {
        var random = new Random(17);
        long[] moments = [.. Enumerable.Range(0, 1000).Select(_ => random.NextInt64(0, 3_000_000_000))];
        long until = LeastRecentlyUsed.Find(moments, wanted);
        Assert.Equal(Math.Min(wanted, moments.Length), moments.Count(moment => moment <= until));
        Assert.Equal(5, LeastRecentlyUsed.Find([5, 5, 5], 2));
        Assert.Equal(-7, LeastRecentlyUsed.Find([-7, 5], 1));
    }

    private Task<TimedCluster> StartAsync(Action<ActorNodeOptions>? configure = null) => TimedCluster.StartAsync(_time, configure: options =>
    {
        options.MemoryReader = () => _memory;
        configure?.Invoke(options);
    });

    private static int Settled(ActorNode node) => node.Activations.All.Count(static one => one.Terms.Options != 0 || one.IsUnused(long.MaxValue));

    /// <summary>The turns whose results are here have ended altogether.</summary>
    private static Task SettledAsync(ActorNode node) => Eventually.TrueAsync(() => Settled(node) == node.ActivationCount, "the turns to have ended");

    /// <summary>What the last tick started has looked at all activations.</summary>
    private static Task PassedAsync(ActorNode node) => Eventually.TrueAsync(() => !node.Collector.IsRunning, "the collection to have passed");
}
