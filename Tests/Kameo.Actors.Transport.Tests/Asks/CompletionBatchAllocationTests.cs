using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Transport.Tests.Asks;

/// <summary>Counts what the whole process allocates, since batches run on the thread pool; so nothing else may run meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneInTheProcess
{
    public const string Name = "Asks: alone in the process";
}

[Collection(AloneInTheProcess.Name)]
public sealed class CompletionBatchAllocationTests
{
    [Fact]
    public void ManyBatchesReuseTheSameObjects()
    {
        const int Batches = 20_000;
        var pool = new CompletionBatchPool(static _ => { });
        int completed = 0;
        int expected = 0;
        TestAsk[] asks = [.. Enumerable.Range(0, 8).Select(i => new TestAsk(i, _ => Interlocked.Increment(ref completed)))];
        Rounds(Batches);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Rounds(Batches);
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
        // The test host itself allocates a little now and then; one object per batch would be 24 bytes each at the least.
        Assert.True(bytes < Batches * 24 / 4, $"{bytes} bytes in {Batches} batches.");

        void Rounds(int count)
        {
            for (int round = 0; round < count; round++)
            {
                CompletionBatch batch = pool.Rent();
                foreach (TestAsk ask in asks)
                    batch.Add(ask);
                batch.Post();
                expected += asks.Length;
                while (Volatile.Read(ref completed) != expected)
                    Thread.Yield();
            }
        }
    }
}
