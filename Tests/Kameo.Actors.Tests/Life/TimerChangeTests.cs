using Kameo.Actors.Testing;
using Orleans;

namespace Kameo.Actors.Tests.Life;

/// <summary>A timer whose time is changed while its old time is just being told, on the clock's thread.</summary>
public sealed class TimerChangeTests
{
    [Fact]
    public async Task A_tick_of_the_time_before_is_not_run_and_the_new_one_is()
    {
        var time = new LateTime();
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: options => options.TimeProvider = time);
        string key = Journal.NewKey();
        IPutOff actor = cluster.Nodes[0].Get<IPutOff>(key);
        await actor.Register(TimeSpan.FromMinutes(1));
        time.Advance(TimeSpan.FromMinutes(1));
        Action late = time.LastFired!; // The clock has called, and the callback is not through yet.
        await actor.PutOff(TimeSpan.FromMinutes(10));
        late();
        await actor.PutOff(TimeSpan.FromMinutes(10)); // Behind a tick, if there were one.
        Assert.Empty(Journal.Of(key).Rest());
        time.Hold = false;
        time.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        Assert.Equal("tick", await Journal.Of(key).NextAsync());
    }

    public interface IPutOff : IGrainWithStringKey
    {
        ValueTask Register(TimeSpan due);

        ValueTask PutOff(TimeSpan due);
    }

    public sealed class PutOffActor : Actor, IPutOff
    {
        private IActorTimer? _timer;

        public ValueTask Register(TimeSpan due)
        {
            _timer = RegisterTimer(
                _ =>
                {
                    Journal.Of(Key.Text).Write("tick");
                    return ValueTask.CompletedTask;
                },
                new ActorTimerOptions(due, Timeout.InfiniteTimeSpan));
            return default;
        }

        public ValueTask PutOff(TimeSpan due)
        {
            _timer!.Change(due, Timeout.InfiniteTimeSpan);
            return default;
        }
    }

    /// <summary>A test's time that keeps back the callbacks of timers that were set for a minute or more, as a busy thread pool does.</summary>
    private sealed class LateTime : TimeProvider
    {
        private readonly FakeTime _time = new();

        public bool Hold { get; set; } = true;

        public Action? LastFired { get; private set; }

        public override long TimestampFrequency => _time.TimestampFrequency;

        public override long GetTimestamp() => _time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

        public void Advance(TimeSpan by) => _time.Advance(by);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            state is Kameo.Actors.Timers.ActorTimer
                ? _time.CreateTimer(
                    given =>
                    {
                        LastFired = () => callback(given);
                        if (!Hold)
                        {
                            LastFired();
                        }
                    },
                    state,
                    dueTime,
                    period)
                : _time.CreateTimer(callback, state, dueTime, period);
    }
}
