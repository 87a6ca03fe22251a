using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Transport.Tests.Asks;

public sealed class CompletionBatchTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    private readonly List<Exception> _faults = [];
    private readonly CompletionBatchPool _pool;

    public CompletionBatchTests() => _pool = new CompletionBatchPool(
        exception =>
        {
            lock (_faults)
                _faults.Add(exception);
        },
        keptMax: 4);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(CompletionBatch.ItemsMax)]
    public void EveryAskIsCompletedOnce(int count)
    {
        using var done = new CountdownEvent(count);
        TestAsk[] asks = [.. Enumerable.Range(0, count).Select(i => new TestAsk(i, _ => done.Signal()))];
        Post(asks);
        Assert.True(done.Wait(s_deadline));
        Assert.All(asks, ask => Assert.Equal(1, ask.Completions));
    }

    [Fact]
    public void AnEmptyBatchIsNothing()
    {
        CompletionBatch batch = _pool.Rent();
        batch.Post();
        Assert.Same(batch, _pool.Rent());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    public void AContinuationMayBlockOnALaterAskOfTheSameBatch(int count)
    {
        using var done = new CountdownEvent(count);
        using var last = new ManualResetEventSlim();
        var asks = new TestAsk[count];
        asks[^1] = new TestAsk(count - 1, _ => done.Signal()) { Completed = last };
        // The first blocks on the last; all others must not notice.
        asks[0] = new TestAsk(0, _ =>
        {
            if (last.Wait(s_deadline))
                done.Signal();
        });
        for (int i = 1; i < count - 1; i++)
            asks[i] = new TestAsk(i, _ => done.Signal());
        Post(asks);
        Assert.True(done.Wait(s_deadline), $"{done.CurrentCount} of {count} were held up.");
    }

    [Fact]
    public void AChainOfContinuationsThatEachBlockOnTheNextOne()
    {
        const int Count = 6;
        using var done = new CountdownEvent(Count);
        ManualResetEventSlim[] events = [.. Enumerable.Range(0, Count).Select(_ => new ManualResetEventSlim())];
        TestAsk[] asks = [.. Enumerable.Range(0, Count).Select(i => new TestAsk(i, _ =>
        {
            if (i == Count - 1 || events[i + 1].Wait(s_deadline))
                done.Signal();
        }) { Completed = events[i] })];
        Post(asks);
        Assert.True(done.Wait(s_deadline), $"{done.CurrentCount} were held up.");
    }

    [Fact]
    public void AnExceptionIsReportedAndLosesNoNeighbour()
    {
        using var done = new CountdownEvent(10);
        TestAsk[] asks = [.. Enumerable.Range(0, 10).Select(i => new TestAsk(i, _ =>
        {
            done.Signal();
            if (i % 2 == 0)
                throw new InvalidOperationException($"continuation {i}");
        }))];
        Post(asks);
        Assert.True(done.Wait(s_deadline));
        Assert.True(SpinWait.SpinUntil(() => FaultCount() == 5, s_deadline));
        Assert.All(asks, ask => Assert.Equal(1, ask.Completions));
    }

    [Fact]
    public void WhatAContinuationLeavesOnTheThreadIsNotForTheNext()
    {
        var local = new AsyncLocal<int>();
        using var done = new CountdownEvent(50);
        int leaks = 0;
        TestAsk[] asks = [.. Enumerable.Range(0, 50).Select(i => new TestAsk(i, _ =>
        {
            if (local.Value != 0 || SynchronizationContext.Current is not null)
                Interlocked.Increment(ref leaks);
            local.Value = i + 1;
            SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
            done.Signal();
        }))];
        Post(asks);
        Assert.True(done.Wait(s_deadline));
        Assert.Equal(0, leaks);
    }

    [Fact]
    public void ABatchIsFullAtItsLimitAndClosedOncePosted()
    {
        CompletionBatch batch = _pool.Rent();
        using var gate = new ManualResetEventSlim();
        using var done = new CountdownEvent(CompletionBatch.ItemsMax);
        for (int i = 0; i < CompletionBatch.ItemsMax; i++)
        {
            Assert.False(batch.IsFull);
            batch.Add(new TestAsk(i, ask =>
            {
                if (ask.Number == 0)
                    gate.Wait(s_deadline);
                done.Signal();
            }));
        }

        Assert.True(batch.IsFull);
        Assert.Throws<InvalidOperationException>(() => batch.Add(new TestAsk()));
        batch.Post();
        Assert.Throws<InvalidOperationException>(() => batch.Add(new TestAsk()));
        gate.Set();
        Assert.True(done.Wait(s_deadline));
    }

    [Fact]
    public void ThePoolIsBounded()
    {
        CompletionBatch[] batches = [.. Enumerable.Range(0, 10).Select(_ => _pool.Rent())];
        foreach (CompletionBatch batch in batches)
            batch.Post();
        HashSet<CompletionBatch> again = [.. Enumerable.Range(0, 10).Select(_ => _pool.Rent())];
        Assert.Equal(10, again.Count);
        Assert.Equal(_pool.KeptMax, again.Intersect(batches).Count());
    }

    private int FaultCount()
    {
        lock (_faults)
            return _faults.Count;
    }

    private void Post(TestAsk[] asks)
    {
        CompletionBatch batch = _pool.Rent();
        foreach (TestAsk ask in asks)
            batch.Add(ask);
        batch.Post();
    }
}
