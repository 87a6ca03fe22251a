using System.Collections.Concurrent;
using Kameo.Actors.Transport.Links.Epoll;
using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Transport.Tests.Links;

/// <summary>Who reads sockets runs what it made ready, and nobody waits for what that does.</summary>
public sealed class LoopCrewTests : IDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    private readonly Body _body = new();
    private readonly LoopCrew _crew;

    public LoopCrewTests() => _crew = new LoopCrew(_body, "test-loop");

    public void Dispose()
    {
        _body.Dispose();
        _crew.WaitForEnd();
    }

    [Fact]
    public void What_was_read_runs_behind_all_of_it_on_the_thread_that_read()
    {
        const int Turns = 200;
        int here = 0;
        for (int turn = 0; turn < Turns; turn++)
        {
            var order = new ConcurrentQueue<(string What, int Thread)>();
            using var ran = new CountdownEvent(3);
            _body.Read(() =>
            {
                Queue(() => Note("one"));
                Queue(() => Note("two"));
                order.Enqueue(("read", Environment.CurrentManagedThreadId));
            });
            Assert.True(ran.Wait(s_deadline));
            if (order.Select(static one => one.Thread).Distinct().Count() == 1)
            {
                Assert.Equal(["read", "one", "two", "more"], order.Select(static one => one.What));
                here++;
            }

            void Note(string what)
            {
                order.Enqueue((what, Environment.CurrentManagedThreadId));
                if (what == "one")
                {
                    Queue(() => Note("more")); // What running makes ready is run there, too.
                }

                ran.Signal();
            }
        }

        Assert.InRange(here, Turns / 2, Turns); // On a busy machine a thread may lose its core for longer than the watch waits.
    }

    [Fact]
    public void While_one_blocks_the_loop_reads_on_and_what_is_ready_behind_it_runs()
    {
        using var open = new ManualResetEventSlim();
        using var behind = new CountdownEvent(2);
        int blocked = 0;
        _body.Read(() =>
        {
            Queue(() =>
            {
                Volatile.Write(ref blocked, Environment.CurrentManagedThreadId);
                Queue(() => behind.Signal()); // Made ready by it: nobody else knows of it.
                open.Wait(s_deadline);
            });
            Queue(() => behind.Signal());
        });

        Assert.True(behind.Wait(s_deadline), "what is ready behind it");
        using var read = new ManualResetEventSlim();
        int reader = 0;
        _body.Read(() =>
        {
            reader = Environment.CurrentManagedThreadId;
            read.Set();
        });
        Assert.True(read.Wait(s_deadline), "a read");
        Assert.NotEqual(Volatile.Read(ref blocked), reader);
        Assert.False(open.IsSet);
        open.Set();
    }

    [Fact]
    public async Task Code_that_blocks_again_and_again_goes_to_the_pool_and_comes_back_when_it_does_not()
    {
        var threads = new ConcurrentDictionary<Thread, bool>();
        bool isPooled = false;
        for (int turn = 0; turn < 40 && !isPooled; turn++)
        {
            isPooled = await RunAsync(static () => Thread.CurrentThread.Join(TimeSpan.FromMilliseconds(20)));
        }

        Assert.True(isPooled, "it goes to the pool");
        for (int turn = 0; turn < 10_000 && isPooled; turn++)
        {
            isPooled = await RunAsync(static () => { });
        }

        Assert.False(isPooled, "it comes back");
        Assert.InRange(threads.Count, 1, 3);

        async Task<bool> RunAsync(Action code)
        {
            var ran = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _body.Read(() => Queue(() =>
            {
                if (!Thread.CurrentThread.IsThreadPoolThread)
                {
                    threads.TryAdd(Thread.CurrentThread, true);
                }

                code();
                ran.SetResult(Thread.CurrentThread.IsThreadPoolThread);
            }));
            return await ran.Task.WaitAsync(s_deadline);
        }
    }

    [Fact]
    public void Its_threads_have_nothing_of_who_began_it()
    {
        var flowing = new AsyncLocal<string?> { Value = "mine" };
        using var body = new Body();
        var crew = new LoopCrew(body, "test-loop");
        using var open = new ManualResetEventSlim();
        using var ran = new CountdownEvent(2);
        string? first = null;
        string? second = null;
        body.Read(() => Queue(() =>
        {
            first = flowing.Value;
            ran.Signal();
            open.Wait(s_deadline); // Another thread leads.
        }));
        body.Read(() =>
        {
            second = flowing.Value;
            ran.Signal();
        });

        Assert.True(ran.Wait(s_deadline));
        open.Set();
        Assert.Null(first);
        Assert.Null(second);
        body.Dispose();
        crew.WaitForEnd();
    }

    [Fact]
    public void Code_that_runs_there_may_end_the_loop_and_wait_for_that()
    {
        using var ended = new ManualResetEventSlim();
        _body.Read(() => Queue(() =>
        {
            _body.Dispose();
            _crew.WaitForEnd();
            ended.Set();
        }));

        Assert.True(ended.Wait(s_deadline));
        Assert.True(_body.IsEnded);
    }

    [Fact]
    public void What_reads_may_end_the_loop_and_does_not_wait_for_itself()
    {
        using var ended = new ManualResetEventSlim();
        _body.Read(() =>
        {
            _body.Dispose();
            _crew.WaitForEnd();
            ended.Set();
        });

        Assert.True(ended.Wait(s_deadline));
        _crew.WaitForEnd();
        Assert.True(_body.IsEnded);
    }

    [Fact]
    public async Task A_loop_that_is_over_while_what_it_read_last_blocks_ends_all_the_same()
    {
        using var open = new ManualResetEventSlim();
        _body.Read(() =>
        {
            Queue(() => open.Wait(s_deadline));
            _body.EndWithThisTurn(); // Nothing comes after it that would wake another leader.
        });

        await Task.Run(_crew.WaitForEnd).WaitAsync(s_deadline);
        Assert.False(open.IsSet);
        open.Set();
    }

    private static void Queue(Action action) => ReadyWork.Queue(new Piece(action));

    private sealed class Piece(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }

    /// <summary>A loop whose sockets are actions. Fails the process if two threads lead.</summary>
    private sealed class Body : ILoopBody, IDisposable
    {
        private readonly BlockingCollection<Action> _reads = [];
        private readonly ConcurrentQueue<Action> _next = new();
        private volatile bool _isOver;
        private int _inside;

        public bool IsEnded { get; private set; }

        public void Read(Action read) => _reads.Add(read);

        public void EndWithThisTurn() => _isOver = true;

        public void Dispose()
        {
            _isOver = true;
            _reads.Add(static () => { });
        }

        int ILoopBody.Wait()
        {
            Enter();
            _next.Enqueue(_reads.Take());
            Leave();
            return 1;
        }

        bool ILoopBody.Handle(int events)
        {
            Enter();
            while (_next.TryDequeue(out Action? read))
            {
                read();
            }

            Leave();
            return !_isOver;
        }

        void ILoopBody.End()
        {
            Enter();
            IsEnded = true;
            Leave();
        }

        private void Enter()
        {
            if (Interlocked.Exchange(ref _inside, 1) != 0)
            {
                Environment.FailFast("two threads lead a loop");
            }
        }

        private void Leave() => Volatile.Write(ref _inside, 0);
    }
}
