using Kameo.Actors.Testing;
using Orleans;

namespace Kameo.Actors.Tests.Local;

/// <summary>What local calls allocate: nothing.</summary>
[Collection(Calls.AloneCollection.Name)]
public sealed class LocalAllocationTests
{
    private const int Count = 20_000;

    /// <summary>What the process does besides, now and then.</summary>
    private const int BytesPerCallMax = 4;

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(true, 16)]
    [InlineData(false, 16)]
    public async Task An_ask(bool isInline, int callers)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: options => options.InlineLocalAsks = isInline);
        ITallied actor = cluster.Nodes[0].Get<ITallied>("a");
        await AssertNothingAsync(() => Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (int call = 0; call < Count / callers; call++)
            {
                await actor.Add(1);
                await actor.Put(1);
            }
        }))));
    }

    [Fact]
    public async Task A_tell()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1);
        ITallied actor = cluster.Nodes[0].Get<ITallied>("a");
        await AssertNothingAsync(() => Task.Run(async () =>
        {
            long before = await actor.Add(0);
            for (int call = 0; call < Count; call++)
            {
                await actor.Tell().Add(1);
                await actor.Tell().Put(1);
                if (call % 100 == 0)
                {
                    await actor.Add(0); // Never full: who waits for a place allocates.
                }
            }

            Assert.Equal(before + (2 * Count), await actor.Add(0));
        }));
    }

    private static async Task AssertNothingAsync(Func<Task> round)
    {
        long least = long.MaxValue;
        for (int number = 0; number < 6 && least >= Count * BytesPerCallMax; number++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await round();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before); // The quietest round counts.
        }

        Assert.True(least < Count * BytesPerCallMax, $"{(double)least / Count} bytes a call");
    }
}

public interface ITallied : IGrainWithStringKey
{
    ValueTask<long> Add(long amount);

    ValueTask Put(long amount);
}

public sealed class TalliedActor : Actor, ITallied
{
    private long _sum;

    public ValueTask<long> Add(long amount) => new(_sum += amount);

    public ValueTask Put(long amount)
    {
        _sum += amount;
        return default;
    }
}
