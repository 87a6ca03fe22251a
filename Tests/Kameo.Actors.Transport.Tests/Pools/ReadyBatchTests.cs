using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Transport.Tests.Pools;

/// <summary>Work that is ready shares a hop to the thread pool; none is lost, none runs twice, none is held up.</summary>
public sealed class ReadyBatchTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public void It_takes_pieces_until_it_is_full_and_until_it_runs()
    {
        var ran = new CountdownEvent(ReadySource.QueuedMax);
        var source = new ReadySource(ReadySource.QueuedMax, isNear: false);
        var batch = new ReadyBatch(source, ReadySource.QueuedMax, isKept: true);
        Piece[] pieces = [.. Enumerable.Range(0, ReadySource.QueuedMax + 1).Select(_ => new Piece(() => ran.Signal()))];
        batch.Begin(pieces[0]);
        Assert.All(pieces[1..^1], piece => Assert.True(batch.TryAdd(piece)));
        Assert.False(batch.TryAdd(pieces[^1]));
        ((IThreadPoolWorkItem)batch).Execute();
        Assert.True(ran.Wait(s_deadline));
        Assert.All(pieces[..^1], static piece => Assert.Equal(1, piece.Runs));

        batch = new ReadyBatch(source, ReadySource.QueuedMax, isKept: true);
        batch.Begin(new Piece(static () => { }));
        ((IThreadPoolWorkItem)batch).Execute();
        Assert.False(batch.TryAdd(pieces[^1]));
        Assert.Equal(0, pieces[^1].Runs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Many_threads_make_work_ready_and_each_piece_runs_once(bool isNear)
    {
        const int Threads = 4;
        const int Pieces = 50_000;
        using var done = new CountdownEvent(Threads * Pieces);
        Piece[][] pieces = [.. Enumerable.Range(0, Threads).Select(_ => Enumerable.Range(0, Pieces).Select(_ => new Piece(() => done.Signal())).ToArray())];
        Parallel.ForEach(pieces, mine =>
        {
            foreach (Piece piece in mine)
            {
                if (isNear)
                {
                    ReadyWork.QueueNear(piece);
                }
                else
                {
                    ReadyWork.Queue(piece);
                }
            }
        });
        Assert.True(done.Wait(s_deadline), $"{done.CurrentCount} did not run.");
        Assert.All(pieces, static mine => Assert.All(mine, static piece => Assert.Equal(1, piece.Runs)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_piece_may_block_on_a_later_one_of_its_batch(bool isNear)
    {
        const int Pieces = 6;
        using var done = new CountdownEvent(Pieces);
        ManualResetEventSlim[] ran = [.. Enumerable.Range(0, Pieces + 1).Select(static index => new ManualResetEventSlim(index == Pieces))];
        var batch = new ReadyBatch(new ReadySource(ReadySource.QueuedMax, isNear), ReadySource.QueuedMax, isKept: false);
        Piece[] pieces = [.. Enumerable.Range(0, Pieces).Select(index => new Piece(() =>
        {
            if (ran[index + 1].Wait(s_deadline))
            {
                ran[index].Set();
                done.Signal();
            }
        }))];
        batch.Begin(pieces[0]);
        Assert.All(pieces[1..], piece => Assert.True(batch.TryAdd(piece)));
        ThreadPool.UnsafeQueueUserWorkItem(batch, preferLocal: false);
        Assert.True(done.Wait(s_deadline), $"{done.CurrentCount} were held up.");
    }

    /// <summary>Workers take from each other only when the pool's one queue is empty, which it never is here.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_piece_may_block_on_a_later_one_while_the_pool_has_much_to_do(bool isNear)
    {
        const int Others = 200;
        bool isOver = false;
        using var ended = new CountdownEvent(Others);
        using var later = new ManualResetEventSlim();
        using var done = new CountdownEvent(2);
        bool met = false;
        var batch = new ReadyBatch(new ReadySource(ReadySource.QueuedMax, isNear), ReadySource.QueuedMax, isKept: false);
        batch.Begin(new Piece(() =>
        {
            met = later.Wait(s_deadline / 3);
            done.Signal();
        }));
        Assert.True(batch.TryAdd(new Piece(() =>
        {
            later.Set();
            done.Signal();
        })));
        for (int other = 0; other < Others; other++)
        {
            Piece? piece = null;
            piece = new Piece(() =>
            {
                if (Volatile.Read(ref isOver))
                {
                    ended.Signal();
                }
                else
                {
                    Thread.SpinWait(100);
                    ThreadPool.UnsafeQueueUserWorkItem(piece!, preferLocal: false);
                }
            });
            ThreadPool.UnsafeQueueUserWorkItem(piece, preferLocal: false);
        }

        ThreadPool.UnsafeQueueUserWorkItem(batch, preferLocal: false);
        Assert.True(done.Wait(s_deadline));
        Volatile.Write(ref isOver, true);
        Assert.True(ended.Wait(s_deadline));
        Assert.True(met, "It was held up.");
    }

    [Fact]
    public void Of_a_piece_that_throws_the_neighbours_run()
    {
        using var ran = new CountdownEvent(2);
        IThreadPoolWorkItem batch = new ReadyBatch(new ReadySource(ReadySource.QueuedMax, isNear: false), ReadySource.QueuedMax, isKept: false);
        ((ReadyBatch)batch).Begin(new Piece(static () => throw new InvalidOperationException("thrown")));
        Assert.True(((ReadyBatch)batch).TryAdd(new Piece(() => ran.Signal())));
        Assert.True(((ReadyBatch)batch).TryAdd(new Piece(() => ran.Signal())));
        Assert.Throws<InvalidOperationException>(batch.Execute);
        Assert.True(ran.Wait(s_deadline));
        Assert.True(Stretch.Current.IsEmpty);
    }

    [Fact]
    public void What_a_piece_leaves_on_the_thread_is_not_for_the_next()
    {
        const int Pieces = 20;
        var local = new AsyncLocal<int>();
        int leaks = 0;
        using var done = new CountdownEvent(Pieces);
        var batch = new ReadyBatch(new ReadySource(ReadySource.QueuedMax, isNear: false), ReadySource.QueuedMax, isKept: false);
        Piece[] pieces = [.. Enumerable.Range(1, Pieces).Select(number => new Piece(() =>
        {
            if (local.Value != 0 || SynchronizationContext.Current is not null)
            {
                Interlocked.Increment(ref leaks);
            }

            local.Value = number;
            SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
            done.Signal();
        }))];
        batch.Begin(pieces[0]);
        Assert.All(pieces[1..], piece => Assert.True(batch.TryAdd(piece)));
        ThreadPool.UnsafeQueueUserWorkItem(batch, preferLocal: false);
        Assert.True(done.Wait(s_deadline));
        Assert.Equal(0, leaks);
    }

    [Fact]
    public void Batches_are_used_again()
    {
        OnThread(() =>
        {
            var source = new ReadySource(ReadySource.QueuedMax, isNear: false);
            using var ran = new SemaphoreSlim(0);
            var piece = new Piece(() => ran.Release());
            Rounds(100);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Rounds(1000);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100 * 256, "A batch a round was made.");

            void Rounds(int count)
            {
                for (int round = 0; round < count; round++)
                {
                    source.Queue(piece);
                    Assert.True(ran.Wait(s_deadline));
                }
            }
        });
    }

    private static void OnThread(Action act)
    {
        Exception? failed = null;
        var thread = new Thread(() =>
        {
            try
            {
                act();
            }
            catch (Exception exception)
            {
                failed = exception;
            }
        });
        thread.Start();
        Assert.True(thread.Join(s_deadline));
        if (failed is not null)
        {
            throw new InvalidOperationException("It failed on its thread.", failed);
        }
    }

    private sealed class Piece(Action act) : IThreadPoolWorkItem
    {
        private int _runs;

        public int Runs => Volatile.Read(ref _runs);

        void IThreadPoolWorkItem.Execute()
        {
            Interlocked.Increment(ref _runs);
            act();
        }
    }
}
