using Kameo.Actors.Transport;

namespace Kameo.Actors.Slots.Gate;

/// <summary>A thread for what slots are told by views, connections and time: so it is done in order, never on a thread that is sending or that detects and agrees, and on time also where the thread pool is full.</summary>
internal sealed class SlotLoop : IDisposable
{
    /// <summary>How long it sleeps at most: the clock of leases also rises while the machine sleeps, a wait does not.</summary>
    private const int SleepMillisecondsMax = 1_000;

    private readonly SleepClock _clock;
    private readonly Action _due;
    private readonly Action<Exception> _failed;
    private readonly Queue<Action> _work = new();
    private readonly object _lock = new();
    private readonly Thread _thread;
    private TimeSpan _deadline = TimeSpan.MaxValue;
    private bool _isStopped;

    /// <param name="clock">The clock of deadlines.</param>
    /// <param name="due">Runs when the deadline has come.</param>
    /// <param name="failed">Is told what any of it threw: a mistake of this program.</param>
    public SlotLoop(SleepClock clock, Action due, Action<Exception> failed)
    {
        _clock = clock;
        _due = due;
        _failed = failed;
        _thread = new Thread(Run) { IsBackground = true, Name = "kameo-slots" };
        _thread.Start();
    }

    /// <summary>Has something done, after all that was posted before. Any thread.</summary>
    public void Post(Action work)
    {
        lock (_lock)
        {
            if (!_isStopped)
            {
                _work.Enqueue(work);
                Monitor.Pulse(_lock);
            }
        }
    }

    /// <summary>Says when the deadline is. Any thread.</summary>
    public void SetDeadline(TimeSpan deadline)
    {
        lock (_lock)
        {
            bool isSooner = deadline < _deadline;
            _deadline = deadline;
            if (isSooner)
            {
                Monitor.Pulse(_lock);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isStopped = true;
            _work.Clear();
            Monitor.Pulse(_lock);
        }

        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private void Run()
    {
        while (Next() is { } work)
        {
            try
            {
                work();
            }
            catch (Exception exception)
            {
                _failed(exception);
            }
        }
    }

    private Action? Next()
    {
        lock (_lock)
        {
            while (true)
            {
                if (_isStopped)
                {
                    return null;
                }

                if (_work.TryDequeue(out Action? work))
                {
                    return work;
                }

                TimeSpan left = _deadline == TimeSpan.MaxValue ? TimeSpan.MaxValue : _deadline - _clock.Now;
                if (left <= TimeSpan.Zero)
                {
                    _deadline = TimeSpan.MaxValue;
                    return _due;
                }

                Monitor.Wait(_lock, left.TotalMilliseconds < SleepMillisecondsMax ? (int)Math.Ceiling(left.TotalMilliseconds) : SleepMillisecondsMax);
            }
        }
    }
}
