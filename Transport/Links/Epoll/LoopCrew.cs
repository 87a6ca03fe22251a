using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Transport.Links.Epoll;

/// <summary>
/// The threads of one loop. One leads: it waits for sockets and reads them, and then runs what that made ready, turns and continuations, itself: a hop to another thread for each batch costs more than most batches. Code that blocks or takes long
/// holds nobody up: the <see cref="StretchWatch"/> sees it, and another thread leads from then on; the one that was relieved rests when it comes back, until it is needed.
/// </summary>
/// <remarks>
/// <para>
/// <b>Where the work is more than the hop.</b> What runs here does not run on another core beside the reading. So where that takes long most of the time (<see cref="Judge"/>), or where the leader was relieved, what follows goes to the thread
/// pool, for a number of turns that doubles when it happens again soon; and so while <see cref="AwayMax"/> threads are away in user code, which bounds the threads of a loop to one more.
/// </para>
/// <para>
/// <b>One leader.</b> What a loop has (descriptors, buffers, links that were not read to their end) and how it judges belong to the leader. They pass on with <see cref="Member.HandOver"/>, which comes inside of its stretch, whose begin is a full
/// fence; the next one takes them when it is woken or started. After the end of its stretch, which waits for a hand-over that has begun, it looks whether it still leads, and touches nothing of the loop if not.
/// </para>
/// </remarks>
internal sealed class LoopCrew
{
    /// <summary>Most threads that are away in user code before no more goes there.</summary>
    private const int AwayMax = 2;

    /// <summary>Running is long from so many times what reading took on, of which no more counts than <see cref="s_short"/>; the hop is that much less than the work then.</summary>
    private const int RunPerRead = 4;

    /// <summary>So many turns that were long, less those that were not, send what follows to the pool.</summary>
    private const int LongMax = 16;

    /// <summary>Turns that go to the pool then, and the most after doubling. Halved again after <see cref="GoodMax"/> turns that were not long.</summary>
    private const int PoolTurnsMin = 64;
    private const int PoolTurnsMax = 8_192;
    private const int GoodMax = 256;

    /// <summary>250 us: running that is shorter is never long.</summary>
    private static readonly long s_short = Stopwatch.Frequency / 4_000;

    /// <summary>500 us: nothing more is begun after that before sockets are looked at.</summary>
    private static readonly long s_turn = Stopwatch.Frequency / 2_000;

    [ThreadStatic]
    private static LoopCrew? t_reads;

    private readonly ILoopBody _body;
    private readonly string _name;
    private readonly Lock _lock = new();
    private readonly Stack<Member> _resting = new();
    private readonly ManualResetEventSlim _ended = new();
    private int _away;

    // The leader's.
    private bool _isOver;
    private int _long;
    private int _good = GoodMax;
    private int _poolTurns;
    private int _poolTurnsNext = PoolTurnsMin;

    /// <summary>Starts the first thread.</summary>
    /// <param name="body">What the leader does.</param>
    /// <param name="name">Of the threads.</param>
    public LoopCrew(ILoopBody body, string name)
    {
        _body = body;
        _name = name;
        new Member(this).Start();
    }

    /// <summary>Waits until the loop is over; threads of it may still be in user code then. Where the loop itself calls, that is while it reads, it comes back at once; user code that the leader runs may wait, since another one leads soon.</summary>
    public void WaitForEnd()
    {
        if (t_reads != this)
        {
            _ended.Wait();
        }
    }

    /// <summary>Turns of the loop, until it is over or another thread leads.</summary>
    /// <returns>False: it is over.</returns>
    private bool Lead(Member leader)
    {
        Stretch stretch = Stretch.Current;
        while (!_isOver)
        {
            int events = _body.Wait();
            long began = Stopwatch.GetTimestamp();
            bool runsHere = _poolTurns == 0 && Volatile.Read(ref _away) < AwayMax;
            if (runsHere)
            {
                leader.Work.Begin();
                stretch.Begin(leader.Work); // Where there is much to read, what is ready does not wait for the end of that.
            }

            t_reads = this;
            _isOver = !_body.Handle(events);
            t_reads = null;
            if (runsHere)
            {
                stretch.End();
                long read = Stopwatch.GetTimestamp();
                if (!TryRun(leader, read))
                {
                    return true;
                }

                Judge(read - began, Stopwatch.GetTimestamp() - read);
            }
            else if (_poolTurns > 0)
            {
                _poolTurns--;
            }
        }

        t_reads = this;
        _body.End();
        t_reads = null;
        return false;
    }

    /// <summary>Runs what is ready, and what that makes ready.</summary>
    /// <returns>False: another thread leads.</returns>
    private static bool TryRun(Member leader, long began)
    {
        LeaderWork work = leader.Work;
        Stretch stretch = Stretch.Current;
        while (work.Take() is { } ready)
        {
            if (Stopwatch.GetTimestamp() - began > s_turn)
            {
                ThreadPool.UnsafeQueueUserWorkItem(ready, preferLocal: false);
                break;
            }

            stretch.Begin(leader);
            try
            {
                ready.Execute();
            }
            catch (Exception exception)
            {
                // As it would end on the pool; where the process outlives that, this thread still leads.
                ThreadPool.UnsafeQueueUserWorkItem(static thrown => thrown.Throw(), ExceptionDispatchInfo.Capture(exception), preferLocal: false);
            }

            stretch.End();
            if (leader.IsRelieved)
            {
                work.End();
                return false;
            }
        }

        work.End();
        return true;
    }

    private void Judge(long reading, long running)
    {
        if (running > s_short && running > RunPerRead * Math.Min(reading, s_short))
        {
            Note(1);
            return;
        }

        _long = Math.Max(0, _long - 1);
        if (--_good == 0)
        {
            _good = GoodMax;
            _poolTurnsNext = Math.Max(_poolTurnsNext / 2, PoolTurnsMin);
        }
    }

    private void Note(int turns)
    {
        _long += turns;
        if (_long >= LongMax)
        {
            _long = 0;
            _good = GoodMax;
            _poolTurns = _poolTurnsNext;
            _poolTurnsNext = Math.Min(2 * _poolTurnsNext, PoolTurnsMax);
        }
    }

    /// <summary>Another thread leads from now on. The watch, while the leader is in user code.</summary>
    private void Relieve()
    {
        Member? next;
        lock (_lock)
        {
            _away++;
            _resting.TryPop(out next);
        }

        Note(LongMax); // It held up its sockets for milliseconds. The next leader's, which has not begun.
        if (next is null)
        {
            new Member(this).Start();
        }
        else
        {
            next.Wake();
        }
    }

    /// <summary>A thread that was relieved is back.</summary>
    /// <returns>False: it is not needed any more.</returns>
    private bool Rest(Member member)
    {
        lock (_lock)
        {
            _away--;
            if (_ended.IsSet)
            {
                return false;
            }

            _resting.Push(member);
        }

        return member.WaitForWake();
    }

    private void End()
    {
        lock (_lock)
        {
            _ended.Set();
            while (_resting.TryPop(out Member? member))
            {
                member.Dismiss();
            }
        }
    }

    /// <summary>One of the threads.</summary>
    private sealed class Member(LoopCrew crew) : IHeldWork
    {
        private readonly SemaphoreSlim _wake = new(0);
        private bool _isDismissed;

        /// <summary>What it runs itself.</summary>
        public LeaderWork Work { get; } = new();

        /// <summary>Whether another one leads. Its thread, behind a stretch.</summary>
        public bool IsRelieved { get; private set; }

        public void Start() => new Thread(Run) { IsBackground = true, Name = crew._name }.UnsafeStart();

        /// <inheritdoc/>
        public void HandOver()
        {
            IsRelieved = true;
            Work.GiveUp();
            crew.Relieve();
        }

        public void Wake()
        {
            IsRelieved = false;
            _wake.Release();
        }

        public void Dismiss()
        {
            _isDismissed = true;
            _wake.Release();
        }

        /// <returns>False: the loop is over.</returns>
        public bool WaitForWake()
        {
            _wake.Wait();
            return !_isDismissed;
        }

        private void Run()
        {
            while (crew.Lead(this))
            {
                if (!crew.Rest(this))
                {
                    return;
                }
            }

            crew.End();
        }
    }
}
