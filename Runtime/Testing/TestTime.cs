namespace Kameo.Actors.Testing;

/// <summary>Time that passes when a test says so: the <see cref="ActorNodeOptions.TimeProvider"/> of a cluster whose time-outs, timers and collection a test drives. Thread safe.</summary>
/// <remarks>Starts at the present, since certificates are valid about now. Timers run on the thread that advances it, in the order they are due.</remarks>
/// <example>
/// <code>
/// var time = new TestTime();
/// await using var cluster = await TestCluster.StartAsync(configure: options => options.TimeProvider = time);
/// time.Advance(TimeSpan.FromMinutes(20)); // What was idle is collected.
/// </code>
/// </example>
public sealed class TestTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<TestTimer> _timers = [];
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private long _now;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers that wait for a moment: tells a test that what it waits for has armed one.</summary>
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

    /// <inheritdoc/>
    public override long GetTimestamp() => Volatile.Read(ref _now);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + TimeSpan.FromTicks(GetTimestamp());

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new TestTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets time pass; what is due within it runs at its moment, before this returns.</summary>
    /// <param name="span">How long. Not negative.</param>
    public void Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        long until = GetTimestamp() + span.Ticks;
        while (TakeDue(until) is { } due)
        {
            due.Run();
        }
    }

    /// <summary>Lets time pass in small steps until a task is done: for what waits for several moments one after the other, on other threads.</summary>
    /// <param name="task">What is waited for.</param>
    /// <param name="step">How much passes at a time. Default 100 ms.</param>
    /// <returns>The task.</returns>
    public async Task AdvanceUntilAsync(Task task, TimeSpan? step = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        while (!task.IsCompleted)
        {
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(1), CancellationToken.None)).ConfigureAwait(false); // Other threads get to what is due.
            Advance(step ?? TimeSpan.FromMilliseconds(100));
        }

        await task.ConfigureAwait(false);
    }

    /// <summary>The next timer due, time having moved on to it; null: none, and time is at the end.</summary>
    private TestTimer? TakeDue(long until)
    {
        lock (_lock)
        {
            TestTimer? due = null;
            foreach (TestTimer timer in _timers)
            {
                if (timer.At <= until && (due is null || timer.At < due.At))
                {
                    due = timer;
                }
            }

            Volatile.Write(ref _now, due is null ? Math.Max(_now, until) : Math.Max(_now, due.At));
            if (due is not null)
            {
                ArmLocked(due, due.Period);
            }

            return due;
        }
    }

    private void Arm(TestTimer timer, TimeSpan dueTime)
    {
        lock (_lock)
        {
            ArmLocked(timer, dueTime);
        }
    }

    private void ArmLocked(TestTimer timer, TimeSpan dueTime)
    {
        _timers.Remove(timer);
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            timer.At = _now + dueTime.Ticks;
            _timers.Add(timer);
        }
    }

    private sealed class TestTimer(TestTime time, TimerCallback callback, object? state) : ITimer
    {
        private readonly ExecutionContext? _flow = ExecutionContext.Capture();

        public long At { get; set; }

        public TimeSpan Period { get; private set; } = Timeout.InfiniteTimeSpan;

        public void Run()
        {
            if (_flow is null)
            {
                callback(state);
            }
            else
            {
                ExecutionContext.Run(_flow, static timer => ((TestTimer)timer!).Call(), this);
            }
        }

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

        private void Call() => callback(state);
    }
}
