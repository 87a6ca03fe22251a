using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Control;

/// <summary>
/// One thread that waits for few sockets, for a deadline, and for what other threads post: where detection, agreement and leases run, from socket to answer. No pool hop and no user code, so that load on actors
/// never looks like death.
/// </summary>
/// <remarks>Portable: <see cref="Socket.Select(System.Collections.IList?, System.Collections.IList?, System.Collections.IList?, TimeSpan)"/> over tens of sockets; a steward of a thousand members has about 150.</remarks>
internal sealed class ControlLoop : IDisposable
{
    private static readonly TimeSpan s_stopWait = TimeSpan.FromSeconds(5);

    private readonly SleepClock _clock;
    private readonly Action<Exception> _failed;
    private readonly WakePair _wake = WakePair.Open();
    private readonly ConcurrentQueue<(Action Action, Action? Refused)> _posted = new();
    private readonly Dictionary<Socket, IPolled> _polled = [];
    private readonly List<Socket> _readable = [];
    private readonly List<Socket> _writable = [];
    private readonly List<IPolled> _due = [];
    private readonly Thread _thread;
    private readonly ITimer? _timer;
    private TimeSpan _timerAt = TimeSpan.MaxValue;
    private int _isWoken;
    private volatile bool _stopping;
    private volatile bool _isOver;

    /// <summary>Makes a loop that is not started.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="clock">The time.</param>
    /// <param name="failed">Is told of what an event threw; the loop goes on.</param>
    public ControlLoop(string name, SleepClock clock, Action<Exception> failed)
    {
        _clock = clock;
        _failed = failed;
        _timer = clock.IsSystem ? null : clock.Provider.CreateTimer(static loop => ((ControlLoop)loop!).Post(static () => { }), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _thread = new Thread(Run) { IsBackground = true, Name = name, Priority = ThreadPriority.AboveNormal };
    }

    /// <summary>Its clock.</summary>
    public SleepClock Clock => _clock;

    /// <summary>A fresh reading of it.</summary>
    public TimeSpan Now => _clock.Now;

    /// <summary>When <see cref="DeadlineCame"/> is called next; read after every event.</summary>
    public Func<TimeSpan> NextDeadline { get; set; } = static () => TimeSpan.MaxValue;

    /// <summary>Called when that time has come.</summary>
    public Action DeadlineCame { get; set; } = static () => { };

    /// <summary>Called after each round of events, before the thread waits: what they left to be written.</summary>
    public Action RoundEnded { get; set; } = static () => { };

    /// <summary>Whether this is the loop's thread.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Runs something on the loop's thread; any thread. In order.</summary>
    /// <param name="action">What to do.</param>
    /// <param name="refused">Called instead when the thread is over, on any thread; exactly one of the two is called once the loop is disposed. Must not throw. Null: nobody waits for it.</param>
    public void Post(Action action, Action? refused = null)
    {
        _posted.Enqueue((action, refused));

        // Full fence: partner of the exchange in TakePosted, so that either the loop sees the item or this thread sees that it must wake it; and of that in End, so that either the end sees it or this thread sees the end.
        if (Interlocked.Exchange(ref _isWoken, 1) == 0)
        {
            _wake.Wake();
        }

        if (_isOver)
        {
            RefusePosted();
        }
    }

    /// <summary>Begins to poll; the loop's thread, or before the start.</summary>
    public void Add(IPolled polled) => _polled.Add(polled.Socket, polled);

    /// <summary>Polls it no more; the loop's thread. Events of the same round that it has not had yet are dropped.</summary>
    public void Remove(IPolled polled) => _polled.Remove(polled.Socket);

    /// <summary>Ends the thread: what was posted before is still done, what is posted later refused.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        Post(() => _stopping = true);
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted))
        {
            _stopping = true;
            End();
        }

        if (!_thread.IsAlive || IsCurrent || _thread.Join(s_stopWait))
        {
            _wake.Dispose();
        }

        _timer?.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            Wait();
            Guard(TakePosted);
            foreach (Socket socket in _readable)
            {
                if (_polled.TryGetValue(socket, out IPolled? polled))
                {
                    Guard(polled.OnReadable);
                }
            }

            foreach (Socket socket in _writable)
            {
                if (_polled.TryGetValue(socket, out IPolled? polled))
                {
                    Guard(polled.OnWritable);
                }
            }

            TimeSpan now = Now;
            _due.Clear();
            foreach (IPolled polled in _polled.Values)
            {
                if (polled.Deadline <= now)
                {
                    _due.Add(polled);
                }
            }

            foreach (IPolled polled in _due)
            {
                Guard(polled.OnDeadline);
            }

            if (NextDeadline() <= now)
            {
                Guard(DeadlineCame);
            }

            Guard(RoundEnded);
        }

        End();
    }

    private void End()
    {
        _isOver = true;
        Interlocked.Exchange(ref _isWoken, 1); // Full fence: partner of that in Post.
        RefusePosted();
    }

    private void RefusePosted()
    {
        while (_posted.TryDequeue(out (Action Action, Action? Refused) item))
        {
            item.Refused?.Invoke();
        }
    }

    private void Wait()
    {
        _readable.Clear();
        _writable.Clear();
        _readable.Add(_wake.Waited);
        TimeSpan due = NextDeadline();
        foreach (IPolled polled in _polled.Values)
        {
            if (polled.WantsRead)
            {
                _readable.Add(polled.Socket);
            }

            if (polled.WantsWrite)
            {
                _writable.Add(polled.Socket);
            }

            due = polled.Deadline < due ? polled.Deadline : due;
        }

        try
        {
            Socket.Select(_readable, _writable, null, WaitFor(due));
        }
        catch (SocketException)
        {
            // Interrupted: nothing is known to be ready.
            _readable.Clear();
            _writable.Clear();
        }
    }

    private TimeSpan WaitFor(TimeSpan due)
    {
        if (_timer is null)
        {
            // Whole milliseconds, upwards: the system's poll knows no others, and rounded down the thread would spin through the last one.
            TimeSpan left = due == TimeSpan.MaxValue ? TimeSpan.FromSeconds(10) : due - Now;
            return left <= TimeSpan.Zero ? TimeSpan.Zero : left < TimeSpan.FromSeconds(10) ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : TimeSpan.FromSeconds(10);
        }

        // A provider of its own: its timer wakes the thread, since the time of the system's waits means nothing.
        TimeSpan now = Now;
        if (due <= now)
        {
            return TimeSpan.Zero;
        }

        if (due != _timerAt)
        {
            _timerAt = due;
            _timer.Change(due == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : due - now, Timeout.InfiniteTimeSpan);
        }

        return TimeSpan.FromSeconds(10);
    }

    private void TakePosted()
    {
        if (_readable.Remove(_wake.Waited))
        {
            _wake.Drain();
        }

        // Full fence before the queue is looked at: partner of the exchange in Post.
        Interlocked.Exchange(ref _isWoken, 0);
        while (!_stopping && _posted.TryDequeue(out (Action Action, Action? Refused) item))
        {
            Guard(item.Action);
        }
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            _failed(exception);
        }
    }
}
