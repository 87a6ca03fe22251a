namespace Kameo.Actors.Tests.Life;

/// <summary>Time that passes when a test says so. Timers run on the thread that advances it, in the order they are due.</summary>
internal sealed class FakeTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<FakeTimer> _timers = [];
    private readonly DateTimeOffset _start = System.GetUtcNow(); // Certificates are valid about now.
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers that wait for a moment.</summary>
    public int Armed
    {
        get
        {
            lock (_lock)
            {
                return _timers.Count;
            }
        }
    }

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => _start + TimeSpan.FromTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets time pass; what is due within it runs at its moment.</summary>
    public void Advance(TimeSpan span)
    {
        long until = GetTimestamp() + span.Ticks;
        while (true)
        {
            FakeTimer? due;
            lock (_lock)
            {
                due = NextLocked(until);
                Volatile.Write(ref _now, due is null ? until : Math.Max(_now, due.At));
                if (due is not null)
                {
                    Arm(due, due.Period);
                }
            }

            if (due is null)
            {
                return;
            }

            due.Run();
        }
    }

    private FakeTimer? NextLocked(long until)
    {
        FakeTimer? next = null;
        foreach (FakeTimer timer in _timers)
        {
            if (timer.At <= until && (next is null || timer.At < next.At))
            {
                next = timer;
            }
        }

        return next;
    }

    private void Arm(FakeTimer timer, TimeSpan dueTime)
    {
        lock (_lock)
        {
            _timers.Remove(timer);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                timer.At = _now + dueTime.Ticks;
                _timers.Add(timer);
            }
        }
    }

    private sealed class FakeTimer(FakeTime time, TimerCallback callback, object? state) : ITimer
    {
        public long At { get; set; }

        public TimeSpan Period { get; private set; } = Timeout.InfiniteTimeSpan;

        public void Run() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Period = period == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : period;
            time.Arm(this, dueTime);
            return true;
        }

        public void Dispose() => time.Arm(this, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
