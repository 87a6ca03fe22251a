using Kameo.Actors.Transport.Control;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Control;

/// <summary>The thread of the control lane.</summary>
public sealed class ControlLoopTests
{
    [Fact]
    public async Task What_is_posted_from_many_threads_runs_on_one_thread_in_each_ones_order()
    {
        using var loop = new ControlLoop("test", new SleepClock(TimeProvider.System), static _ => { });
        loop.Start();
        const int Posters = 4;
        const int PostsEach = 5_000;
        int[] last = new int[Posters];
        int wrong = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int left = Posters * PostsEach;
        await Task.WhenAll(Enumerable.Range(0, Posters).Select(poster => Task.Run(() =>
        {
            for (int number = 1; number <= PostsEach; number++)
            {
                int posted = number;
                loop.Post(() =>
                {
                    wrong += loop.IsCurrent && last[poster] == posted - 1 ? 0 : 1;
                    last[poster] = posted;
                    if (--left == 0)
                    {
                        done.SetResult();
                    }
                });
            }
        })));
        await done.Task.WaitAsync(TwoNodes.Deadline);
        Assert.Equal(0, wrong);
    }

    [Fact]
    public async Task A_deadline_comes_when_it_is_due_and_what_throws_ends_nothing()
    {
        int failures = 0;
        using var loop = new ControlLoop("test", new SleepClock(TimeProvider.System), _ => failures++);
        var came = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        TimeSpan due = loop.Now + TimeSpan.FromMilliseconds(50);
        TimeSpan next = due;
        loop.NextDeadline = () => next;
        loop.DeadlineCame = () =>
        {
            next = TimeSpan.MaxValue;
            came.SetResult(loop.Now);
        };
        loop.Post(static () => throw new InvalidOperationException("on purpose")); // Before the start: so also before the deadline.
        loop.Start();
        Assert.True(await came.Task.WaitAsync(TwoNodes.Deadline) >= due);
        Assert.Equal(1, failures);
    }

    [Fact]
    public async Task Of_what_is_posted_around_the_end_each_is_done_or_refused_and_nothing_forgotten()
    {
        for (int round = 0; round < 50; round++)
        {
            var loop = new ControlLoop("test", new SleepClock(TimeProvider.System), static _ => { });
            loop.Start();
            const int Posters = 2;
            const int PostsEach = 200;
            int done = 0;
            int refused = 0;
            Task posting = Task.WhenAll(Enumerable.Range(0, Posters).Select(_ => Task.Run(() =>
            {
                for (int number = 0; number < PostsEach; number++)
                {
                    loop.Post(() => Interlocked.Increment(ref done), () => Interlocked.Increment(ref refused));
                }
            })));
            loop.Dispose();
            await posting;
            await Eventually.TrueAsync(() => Volatile.Read(ref done) + Volatile.Read(ref refused) == Posters * PostsEach, "each to be done or refused");
        }
    }

    [Fact]
    public void A_loop_that_never_ran_refuses_what_was_posted()
    {
        var loop = new ControlLoop("test", new SleepClock(TimeProvider.System), static _ => { });
        int refused = 0;
        loop.Post(static () => { }, () => refused++);
        loop.Dispose();
        loop.Post(static () => { }, () => refused++);
        Assert.Equal(2, refused);
    }

    [Fact]
    public void The_clock_of_leases_never_falls_and_keeps_pace()
    {
        var clock = new SleepClock(TimeProvider.System);
        TimeSpan start = clock.Now;
        long begun = Environment.TickCount64;
        TimeSpan before = start;
        while (Environment.TickCount64 - begun < 30)
        {
            TimeSpan now = clock.Now;
            Assert.True(now >= before);
            before = now;
        }

        TimeSpan end = clock.Now;
        Assert.True(end >= before);
        Assert.InRange((end - start).TotalMilliseconds, 10, 20_000);
    }
}
