using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Transport.Tests.Asks;

public sealed class PendingTableTests
{
    private readonly PendingBudget _budget = new(4 * PendingTable.ChunkAsks);

    [Fact]
    public void AnAskIsTakenOnceByItsCorrelationAndByNoOther()
    {
        var table = new PendingTable(_budget, 100);
        var ask = new TestAsk();
        Assert.True(table.TryAdd(ask, 10, out ulong correlation));
        Assert.NotEqual(0ul, correlation);
        Assert.Equal(correlation, ask.Correlation);
        Assert.Equal(1, table.Count);
        foreach (ulong forged in (ulong[])[0, 1, correlation + 1, correlation + (1ul << 32), correlation - (1ul << 32), uint.MaxValue, ulong.MaxValue, 99, 100, 1024, 5000])
            Assert.True(forged == correlation || table.TryTake(forged) is null, $"{forged:x} took it");
        Assert.Same(ask, table.TryTake(correlation));
        Assert.Null(table.TryTake(correlation));
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void AnAskIsReadByItsCorrelationAndByNoOtherAsLongAsItIsPending()
    {
        var table = new PendingTable(_budget, 100);
        var ask = new TestAsk();
        Assert.True(table.TryAdd(ask, 10, out ulong correlation));
        Assert.True(table.TryRead(correlation, static pending => pending, out PendingAsk? read));
        Assert.Same(ask, read);
        foreach (ulong forged in (ulong[])[0, correlation + 1, correlation + (1ul << 32), correlation - (1ul << 32), uint.MaxValue, ulong.MaxValue, 5000])
            Assert.False(table.TryRead(forged, static pending => pending, out _), $"{forged:x} reads it");
        Assert.False(table.TryRead(correlation, pending => table.TryTake(correlation), out _)); // Taken while it was read.
        Assert.False(table.TryRead(correlation, static pending => pending, out _));
    }

    [Fact]
    public void AnAskThatIsInAnotherTableByNowTakesNobodyElse()
    {
        var first = new PendingTable(_budget, 100);
        var second = new PendingTable(_budget, 100);
        var moved = new TestAsk();
        Assert.True(first.TryAdd(moved, 10, out _));
        Assert.True(first.TryTake(moved));
        var other = new TestAsk();
        Assert.True(first.TryAdd(other, 10, out ulong correlation));
        Assert.True(second.TryAdd(moved, 10, out _));
        moved.Correlation = correlation; // Tables number alike.
        Assert.False(first.TryTake(moved));
        Assert.Equal(1, first.Count);
        Assert.True(first.TryTake(other));
        Assert.False(first.TryTake(other));
    }

    [Fact]
    public void ALateReplyNeverMeetsTheNextAskOfItsSlot()
    {
        var table = new PendingTable(_budget, 1);
        var old = new List<ulong>();
        for (int i = 0; i < 1000; i++)
        {
            var ask = new TestAsk(i);
            Assert.True(table.TryAdd(ask, 10, out ulong correlation));
            Assert.DoesNotContain(correlation, old);
            Assert.Equal(0u, (uint)correlation);
            if (old.Count > 0)
                Assert.Null(table.TryTake(old[^1]));
            Assert.Null(table.TryTake(old.Count > 0 ? old[0] : 0));
            Assert.Same(ask, table.TryTake(correlation));
            old.Add(correlation);
        }
    }

    [Fact]
    public void AFullTableRefusesUntilOneIsTaken()
    {
        var table = new PendingTable(_budget, 1500);
        var correlations = new HashSet<ulong>();
        for (int i = 0; i < 1500; i++)
        {
            Assert.True(table.TryAdd(new TestAsk(i), 10, out ulong correlation));
            Assert.True(correlations.Add(correlation));
        }

        var late = new TestAsk();
        Assert.False(table.TryAdd(late, 10, out _));
        Assert.False(table.IsClosed);
        Assert.Equal(1500, table.Count);
        Assert.NotNull(table.TryTake(correlations.First()));
        Assert.True(table.TryAdd(late, 10, out _));
    }

    [Fact]
    public void TheBudgetOfTheNodeStopsATableButNotItsFirstChunk()
    {
        var greedy = new PendingTable(_budget, 1_000_000);
        int added = 0;
        while (greedy.TryAdd(new TestAsk(), 10, out _))
            added++;
        Assert.Equal((4 * PendingTable.ChunkAsks) + PendingTable.FirstChunkAsks, added);
        Assert.Equal(_budget.AsksMax, _budget.AsksGranted);
        var modest = new PendingTable(_budget, 2000);
        for (int i = 0; i < PendingTable.FirstChunkAsks; i++)
            Assert.True(modest.TryAdd(new TestAsk(), 10, out _));
        Assert.False(modest.TryAdd(new TestAsk(), 10, out _));

        Assert.False(greedy.TryTrim());
        Assert.Equal(added, greedy.TakeAll(0, static (_, _) => { }));
        Assert.True(greedy.TryTrim());
        Assert.Equal(0, _budget.AsksGranted);
        Assert.True(modest.TryAdd(new TestAsk(), 10, out _));
    }

    [Fact]
    public void ATrimmedTableNeverRepeatsACorrelation()
    {
        var table = new PendingTable(_budget, 3000);
        var seen = new HashSet<ulong>();
        for (int round = 0; round < 5; round++)
        {
            for (int i = 0; i < 3000; i++)
            {
                Assert.True(table.TryAdd(new TestAsk(), 10, out ulong correlation));
                Assert.True(seen.Add(correlation));
            }

            Assert.Equal(3000, table.CapacityAsks);
            table.TakeAll(0, static (_, _) => { });
            Assert.True(table.TryTrim());
            Assert.Equal(PendingTable.FirstChunkAsks, table.CapacityAsks);
            Assert.All(seen.Take(100), correlation => Assert.Null(table.TryTake(correlation)));
        }
    }

    [Fact]
    public void AnAnswerKeepsItsPlaceUntilItIsRead()
    {
        var table = new PendingTable(_budget, 100);
        var unread = new Queue<ulong>();
        while (table.TryAdd(new TestAsk(), 10, out ulong correlation))
        {
            Assert.NotNull(table.TryTakeAnswered(correlation));
            Assert.Null(table.TryTakeAnswered(correlation));
            Assert.Null(table.TryTake(correlation));
            unread.Enqueue(correlation);
        }

        Assert.Equal(100, unread.Count);
        Assert.Equal(0, table.Count);
        Assert.Equal(0, table.TakeAll(0, static (_, _) => { }));
        table.Free(unread.Dequeue());
        Assert.True(table.TryAdd(new TestAsk(), 10, out _));
        Assert.False(table.TryAdd(new TestAsk(), 10, out _));
    }

    [Fact]
    public void ChunksGoBackAlthoughOthersAreInUse()
    {
        var table = new PendingTable(_budget, 1_000_000);
        var all = new List<ulong>();
        while (table.TryAdd(new TestAsk(), 10, out ulong correlation))
            all.Add(correlation);

        // One unread answer in the second of the four.
        ulong held = all[PendingTable.FirstChunkAsks + PendingTable.ChunkAsks + 5];
        foreach (ulong correlation in all)
            Assert.NotNull(correlation == held ? table.TryTakeAnswered(correlation) : table.TryTake(correlation));
        Assert.True(table.TryTrim());
        Assert.Equal(PendingTable.ChunkAsks, _budget.AsksGranted);
        Assert.False(table.TryTrim());
        var again = new HashSet<ulong>(all);
        for (int i = 0; i < all.Count - 1; i++)
        {
            Assert.True(table.TryAdd(new TestAsk(), 10, out ulong correlation));
            Assert.True(again.Add(correlation));
        }

        Assert.False(table.TryAdd(new TestAsk(), 10, out _));
        table.Free(held);
        Assert.True(table.TryAdd(new TestAsk(), 10, out _));
    }

    [Fact]
    public void ATableAtRestGivesItsChunksBackAndOneAtWorkWhenOthersNeedThem()
    {
        var resting = new PendingTable(_budget, 1_000_000);
        Fill(resting, 2 * PendingTable.ChunkAsks);
        resting.TakeAll(0, static (_, _) => { });
        resting.TrimIfUseful();
        Assert.Equal(2 * PendingTable.ChunkAsks, _budget.AsksGranted); // It has just worked, and nobody needs them.
        resting.TrimIfUseful();
        Assert.Equal(0, _budget.AsksGranted);

        var working = new PendingTable(_budget, 1_000_000);
        Fill(working, _budget.AsksMax + PendingTable.FirstChunkAsks);
        working.TakeAll(0, static (_, _) => { });
        working.TrimIfUseful();
        var other = new PendingTable(_budget, 1_000_000);
        for (int i = 0; i < PendingTable.FirstChunkAsks; i++)
            Assert.True(other.TryAdd(new TestAsk(), 10, out _));
        Assert.False(other.TryAdd(new TestAsk(), 10, out _));
        Assert.True(working.TryAdd(new TestAsk(), 10, out ulong correlation));
        working.TryTake(correlation);
        working.TrimIfUseful();
        Assert.True(other.TryAdd(new TestAsk(), 10, out _));

        static void Fill(PendingTable table, int count)
        {
            for (int i = 0; i < count; i++)
                Assert.True(table.TryAdd(new TestAsk(), 10, out _));
        }
    }

    [Fact]
    public void UnreadAnswersOfAClosedTableGiveEverythingBackWithTheLast()
    {
        var table = new PendingTable(_budget, 3000);
        var unread = new List<ulong>();
        while (table.TryAdd(new TestAsk(), 10, out ulong correlation))
        {
            Assert.NotNull(table.TryTakeAnswered(correlation));
            unread.Add(correlation);
        }

        table.Free(unread[0]);
        table.Close();
        table.TryTrim();
        Assert.Equal(3 * PendingTable.ChunkAsks, _budget.AsksGranted);
        foreach (ulong correlation in unread.Skip(1).SkipLast(1))
            table.Free(correlation);
        Assert.NotEqual(0, table.CapacityAsks);
        table.Free(unread[^1]);
        Assert.Equal(0, table.CapacityAsks);
        Assert.Equal(0, _budget.AsksGranted);
    }

    [Fact]
    public void TheSweepTakesWhatIsDueOnly()
    {
        var table = new PendingTable(_budget, 3000);
        for (int i = 0; i < 3000; i++)
            Assert.True(table.TryAdd(new TestAsk(i), deadlineTimestamp: i, out _));
        var expired = new List<int>();
        Assert.Equal(1000, table.TakeExpired(999, expired, static (list, ask) => list.Add(((TestAsk)ask).Number)));
        Assert.Equal(Enumerable.Range(0, 1000), expired.Order());
        Assert.Equal(0, table.TakeExpired(999, expired, static (list, ask) => list.Add(((TestAsk)ask).Number)));
        Assert.Equal(2000, table.Count);
    }

    [Fact]
    public void AClosedTableTakesNoMoreAndGivesAllBack()
    {
        var table = new PendingTable(_budget, 3000);
        for (int i = 0; i < 2000; i++)
            Assert.True(table.TryAdd(new TestAsk(i), 10, out _));
        table.Close();
        Assert.False(table.TryAdd(new TestAsk(), 10, out _));
        Assert.Equal(2000, table.TakeAll(0, static (_, _) => { }));
        Assert.Equal(0, table.Count);
        Assert.True(table.TryTrim());
        Assert.Equal(0, table.CapacityAsks);
        Assert.Equal(0, _budget.AsksGranted);
    }

    [Fact]
    public void AddingAndTakingAllocateNothing()
    {
        var table = new PendingTable(_budget, 1000);
        var ask = new TestAsk();
        Rounds(table, ask, 1000);
        long allocated = long.MaxValue;
        for (int attempt = 0; attempt < 5 && allocated != 0; attempt++)
        {
            // What the runtime itself does on this thread, as it compiles a method anew, is not the table's.
            long before = GC.GetAllocatedBytesForCurrentThread();
            Rounds(table, ask, 100_000);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);

        static void Rounds(PendingTable table, TestAsk ask, int count)
        {
            for (int i = 0; i < count; i++)
            {
                table.TryAdd(ask, 10, out ulong correlation);
                table.TryTake(correlation);
                if (i % 1000 == 0)
                    table.TakeExpired(5, ask, static (_, _) => { });
            }
        }
    }

    /// <summary>Callers add, the answers race with the sweep, forged correlations and trims; in the end the connection closes. Each ask is taken exactly once.</summary>
    [Fact]
    public void EveryAskIsTakenExactlyOnceUnderRaces()
    {
        const int Callers = 3;
        const int AsksEach = 200_000;
        const long NeverDue = 1_000_000;
        var table = new PendingTable(_budget, 1200);
        int taken = 0;
        int added = 0;
        int expiredEarly = 0;
        bool stop = false;
        var unread = new Queue<ulong>();
        var answers = new System.Collections.Concurrent.ConcurrentQueue<ulong>();

        Thread[] callers = [.. Enumerable.Range(0, Callers).Select(c => new Thread(() => Call(c)) { IsBackground = true })];
        var sweeper = new Thread(Sweep) { IsBackground = true };
        var answerer = new Thread(Answer) { IsBackground = true };
        sweeper.Start();
        answerer.Start();
        Array.ForEach(callers, t => t.Start());
        Array.ForEach(callers, t => Assert.True(t.Join(TimeSpan.FromSeconds(60))));
        Volatile.Write(ref stop, true);
        Assert.True(sweeper.Join(TimeSpan.FromSeconds(60)) && answerer.Join(TimeSpan.FromSeconds(60)));
        table.TakeAll(0, (_, ask) => Take(ask));
        while (unread.TryDequeue(out ulong correlation))
            table.Free(correlation);
        table.TryTrim();

        Assert.Equal(0, table.CapacityAsks);
        Assert.Equal(0, _budget.AsksGranted);
        Assert.Equal(0, expiredEarly);
        Assert.Equal(added, taken);
        Assert.True(added >= AsksEach * 9 / 10);
        Assert.Equal(0, table.Count);

        void Take(PendingAsk ask)
        {
            ask.Complete();
            Assert.Equal(1, ((TestAsk)ask).Completions);
            Interlocked.Increment(ref taken);
        }

        void Call(int caller)
        {
            for (int i = 0; i < AsksEach; i++)
            {
                if (caller == 0 && i == AsksEach * 9 / 10)
                    table.Close();
                // Odd numbers are due at once, even ones never: the sweep must not take an even one by its slot's last deadline.
                var ask = new TestAsk(i & 1);
                bool was = table.TryAdd(ask, (i & 1) == 1 ? 0 : NeverDue, out ulong correlation);
                while (!was && !table.IsClosed)
                {
                    Thread.Yield();
                    was = table.TryAdd(ask, (i & 1) == 1 ? 0 : NeverDue, out correlation);
                }

                if (!was)
                    return;
                Interlocked.Increment(ref added);
                answers.Enqueue(correlation);
            }
        }

        void Answer()
        {
            while (!Volatile.Read(ref stop))
            {
                while (answers.TryDequeue(out ulong correlation))
                {
                    if ((correlation & 3) == 0)
                    {
                        // Read at once; others while later asks come and go.
                        if (table.TryTake(correlation) is { } ask)
                            Take(ask);
                    }
                    else if (table.TryTakeAnswered(correlation) is { } answered)
                    {
                        Take(answered);
                        unread.Enqueue(correlation);
                    }

                    Assert.Null(table.TryTake(correlation));
                    while (unread.Count > 100)
                        table.Free(unread.Dequeue());
                }

                Thread.Yield();
            }
        }

        void Sweep()
        {
            while (!Volatile.Read(ref stop))
            {
                table.TakeExpired(1, 0, (_, ask) =>
                {
                    if (((TestAsk)ask).Number == 0)
                        Interlocked.Increment(ref expiredEarly);
                    Take(ask);
                });
                table.TryTrim();
                Thread.Yield();
            }
        }
    }

    [Fact]
    public void AddsThatRaceWithTheCloseAreEitherRefusedOrTaken()
    {
        for (int round = 0; round < 300; round++)
        {
            var table = new PendingTable(_budget, 1000);
            using var barrier = new Barrier(3);
            int added = 0;
            int taken = 0;
            Thread[] adders = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
            {
                barrier.SignalAndWait();
                for (int i = 0; i < 200; i++)
                {
                    if (table.TryAdd(new TestAsk(), 10, out ulong _))
                        Interlocked.Increment(ref added);
                }
            }) { IsBackground = true })];
            Array.ForEach(adders, t => t.Start());
            barrier.SignalAndWait();
            table.Close();
            taken += table.TakeAll(0, static (_, _) => { });
            Array.ForEach(adders, t => Assert.True(t.Join(TimeSpan.FromSeconds(30))));
            Assert.Equal(0, table.Count);
            Assert.Equal(added, taken);
        }
    }
}
