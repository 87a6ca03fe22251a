using System.Collections.Concurrent;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>A clock that stands still, and whose timers do not fire, until it is told: what happens under it was not brought about by a tick.</summary>
internal sealed class StoppedTime : TimeProvider
{
    private readonly ConcurrentQueue<Action> _timers = [];
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks);

    /// <summary>All timers fire, on this thread.</summary>
    public void FireTimers()
    {
        foreach (Action timer in _timers)
        {
            timer();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _timers.Enqueue(() => callback(state));
        return new NoTimer();
    }

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
