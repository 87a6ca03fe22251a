using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Transport.Tests.Pools;

/// <summary>What a pool keeps, and what it leaves to the garbage collector.</summary>
public sealed class ExchangePoolTests
{
    [Fact]
    public void Full_it_keeps_a_stack_of_the_thread_and_the_shelf()
    {
        Assert.Equal((ExchangePool<Small>.ShelfCount + 1) * ExchangePool<Small>.StackCount, Kept<Small>());
        Assert.Equal((ExchangePool<Large>.LargeShelfCount + 1) * ExchangePool<Large>.StackCount, Kept<Large>());
    }

    [Fact]
    public void What_one_thread_returns_another_takes()
    {
        var given = new Passed();
        OnThread(() =>
        {
            ExchangePool<Passed>.Return(given);
            for (int count = 0; count < ExchangePool<Passed>.StackCount; count++)
            {
                ExchangePool<Passed>.Return(new Passed()); // One more than a stack holds: the first is on the shelf.
            }
        });
        OnThread(() =>
        {
            bool met = false;
            while (ExchangePool<Passed>.TryRent(out Passed? taken))
            {
                met |= ReferenceEquals(taken, given);
            }

            Assert.True(met);
        });
    }

    /// <summary>How many of many more it gives back.</summary>
    private static int Kept<T>()
        where T : class, new()
    {
        int kept = 0;
        OnThread(() =>
        {
            for (int count = 0; count < 2 * ExchangePool<T>.ShelfCount * ExchangePool<T>.StackCount; count++)
            {
                ExchangePool<T>.Return(new T());
            }

            while (ExchangePool<T>.TryRent(out _))
            {
                kept++;
            }
        });
        return kept;
    }

    private static void OnThread(Action run)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(run));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }

    private sealed class Small;

    private sealed class Large : ILargeItem;

    private sealed class Passed;
}
