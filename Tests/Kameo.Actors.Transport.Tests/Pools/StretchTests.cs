using System.Diagnostics;
using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Transport.Tests.Pools;

/// <summary>What a thread holds while it runs user code is handed over if that takes long, and only then.</summary>
public sealed class StretchTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public void What_takes_long_is_handed_over_once_at_each_depth()
    {
        var stretch = Stretch.Current;
        using var outer = new Held();
        using var inner = new Held();
        stretch.Begin(outer);
        Assert.True(outer.Handed.Wait(s_deadline));
        stretch.Begin(inner);
        Assert.True(inner.Handed.Wait(s_deadline));
        stretch.End();
        Assert.Equal(1, outer.Count);

        inner.Handed.Reset();
        stretch.Begin(inner); // Another stretch of the same thing.
        Assert.True(inner.Handed.Wait(s_deadline));
        stretch.End();
        stretch.End();
        Assert.Equal((1, 2), (outer.Count, inner.Count));
        Assert.True(stretch.IsEmpty);
    }

    [Fact]
    public void The_watch_rests_while_nothing_is_held_and_wakes()
    {
        using var held = new Held();
        for (int round = 0; round < 3; round++)
        {
            // Another test may hold something meanwhile: then it rests later.
            Assert.True(SpinWait.SpinUntil(static () => StretchWatch.IsResting, s_deadline));
            held.Handed.Reset();
            Stretch.Current.Begin(held);
            Assert.True(held.Handed.Wait(s_deadline));
            Stretch.Current.End();
        }
    }

    [Fact]
    public void Deeper_than_is_watched_the_outer_ones_are_handed_over()
    {
        Held[] held = [.. Enumerable.Range(0, Stretch.DepthMax + 2).Select(static _ => new Held())];
        foreach (Held one in held)
        {
            Stretch.Current.Begin(one);
        }

        Assert.All(held[..Stretch.DepthMax], static one => Assert.True(one.Handed.Wait(s_deadline)));
        Assert.All(held[Stretch.DepthMax..], static one => Assert.Equal(0, one.Count));
        foreach (Held one in held)
        {
            Stretch.Current.End();
            one.Dispose();
        }

        Assert.True(Stretch.Current.IsEmpty);
    }

    /// <summary>Ends race with looks: what has ended is not handed over, whoever holds it next.</summary>
    [Fact]
    public void Nothing_is_handed_over_after_its_end()
    {
        int handed = 0;
        Parallel.For(0, 2, _ =>
        {
            using var held = new Held();
            for (int round = 0; round < 400; round++)
            {
                for (int brief = 0; brief < 50; brief++)
                {
                    Run(held, TimeSpan.Zero);
                }

                Run(held, TimeSpan.FromMicroseconds(((Stretch.LooksMax + 1) * 1_000) - 500 + (round * 7 % 1000))); // About as long as it takes to be handed over.
            }

            Interlocked.Add(ref handed, held.Count);
            Assert.Equal(0, held.Late);
        });
        Assert.True(handed > 0, "No hand-over came near an end.");

        static void Run(Held held, TimeSpan length)
        {
            held.Begin();
            Stretch.Current.Begin(held);
            long began = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(began) < length)
            {
                Thread.SpinWait(20);
            }

            Stretch.Current.End();
            held.End();
        }
    }

    [Fact]
    public async Task Of_a_busy_thread_it_takes_more_looks_than_of_one_that_waits()
    {
        using var held = new Held();
        using var open = new ManualResetEvent(false); // It does not spin first, and so seem to wait now and then.
        bool isBusy = true;
        var made = new TaskCompletionSource<Stretch>();
        var thread = new Thread(() =>
        {
            var stretch = new Stretch(); // The watch knows nothing of it: it is looked at here.
            stretch.Begin(held);
            made.SetResult(stretch);
            while (Volatile.Read(ref isBusy))
            {
                Thread.SpinWait(20);
            }

            stretch.End();
            stretch.Begin(held);
            open.WaitOne();
            stretch.End();
        }) { IsBackground = true };
        thread.Start();
        Stretch stretch = await made.Task.WaitAsync(s_deadline);
        for (int look = 0; look <= Stretch.LooksMax; look++)
        {
            Assert.Equal(0, held.Count);
            stretch.Look();
        }

        Assert.Equal(1, held.Count);
        stretch.Look();
        Assert.Equal(1, held.Count);

        Volatile.Write(ref isBusy, false);
        Assert.True(SpinWait.SpinUntil(() => (thread.ThreadState & System.Threading.ThreadState.WaitSleepJoin) != 0, s_deadline));
        stretch.Look();
        Assert.Equal(1, held.Count);
        stretch.Look();
        Assert.Equal(2, held.Count);
        open.Set();
        Assert.True(thread.Join(s_deadline));
    }

    private sealed class Held : IHeldWork, IDisposable
    {
        private volatile int _stretch;
        private int _last;
        private int _count;
        private int _late;

        public ManualResetEventSlim Handed { get; } = new();

        public int Count => Volatile.Read(ref _count);

        /// <summary>How often it was handed over when nobody held it.</summary>
        public int Late => Volatile.Read(ref _late);

        public void Begin() => _stretch = ++_last;

        public void End() => _stretch = 0;

        public void HandOver()
        {
            Interlocked.Increment(ref _count);
            int stretch = _stretch;
            Thread.SpinWait(2000); // An end that does not wait for this is seen.
            if (stretch != _stretch || (stretch == 0 && _last != 0))
            {
                Interlocked.Increment(ref _late);
            }

            Handed.Set();
        }

        public void Dispose() => Handed.Dispose();
    }
}
