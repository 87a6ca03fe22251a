using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Tests.Names;

/// <summary>The registry's timer is set for what comes next, whatever it was set for before.</summary>
public sealed class RegistryTimerTests
{
    [Fact]
    public async Task A_change_moves_the_timer_forward_and_nothing_moves_it_back()
    {
        var time = new StandingTime();
        await using NameCluster cluster = await NameCluster.StartAsync(2, options =>
        {
            options.TimeProvider = time;
            options.RegistryTiming = new RegistryTiming { GossipDelay = TimeSpan.FromMilliseconds(20), DigestInterval = TimeSpan.FromHours(1) };
        }, install: false);
        StandingTimer timer = time.Timers().First(static timer => timer.Callback.Method.DeclaringType!.FullName!.Contains("ClusterNames", StringComparison.Ordinal));
        Assert.Null(timer.Due); // Nothing is planned.

        cluster.MakeView(0, 1);
        NameCluster.NamesOf(cluster[0]).OnView(NameCluster.IdOf(cluster[0]), cluster.View); // The other one answers nothing: comparing is tried less and less often.
        for (int count = 0; timer.Due is null || timer.Due < TimeSpan.FromSeconds(1); count++)
        {
            Assert.True(count < 50, "the registry to have less and less to do");
            time.Now += timer.Due ?? TimeSpan.Zero;
            timer.Fire();
        }

        cluster[0].Register("normal", ClusterNameTests.Echo);
        Assert.Equal(TimeSpan.FromMilliseconds(20), timer.Due);
        cluster[0].Register("another", ClusterNameTests.Echo);
        Assert.Equal(TimeSpan.FromMilliseconds(20), timer.Due);

        timer.Fire(); // Too early: it is set again.
        Assert.Equal(TimeSpan.FromMilliseconds(20), timer.Due);
        time.Now += TimeSpan.FromMilliseconds(20);
        long rounds = NameCluster.NamesOf(cluster[0]).Counters.Rounds;
        timer.Fire();
        Assert.Equal(rounds + 1, NameCluster.NamesOf(cluster[0]).Counters.Rounds);
        Assert.NotNull(timer.Due);
    }

    /// <summary>A clock that moves by hand, and timers that fire by hand.</summary>
    private sealed class StandingTime : TimeProvider
    {
        private readonly List<StandingTimer> _timers = [];

        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;

        public StandingTimer[] Timers()
        {
            lock (_timers)
            {
                return [.. _timers];
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new StandingTimer(callback, state);
            timer.Change(dueTime, period);
            lock (_timers)
            {
                _timers.Add(timer);
            }

            return timer;
        }
    }

    private sealed class StandingTimer(TimerCallback callback, object? state) : ITimer
    {
        public TimerCallback Callback => callback;

        public TimeSpan? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime == Timeout.InfiniteTimeSpan ? null : dueTime;
            return true;
        }

        public void Fire()
        {
            Due = null;
            callback(state);
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
