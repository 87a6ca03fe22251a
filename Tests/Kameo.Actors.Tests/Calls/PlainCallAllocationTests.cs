using Kameo.Actors.Testing;

namespace Kameo.Actors.Tests.Calls;

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}

/// <summary>A call that uses no context, filter, reference or observer allocates nothing for them.</summary>
[Collection(AloneCollection.Name)]
public sealed class PlainCallAllocationTests
{
    private const int Calls = 20_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_ask_alone_allocates_nothing(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ICell<long> cell = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ICell<long>>("quiet");
        long least = await Task.Run(() => MeasureAsync(cell)); // Without the synchronisation context of the test.
        Assert.True(least < Calls * 8, $"{(double)least / Calls} bytes a call");
    }

    private static async Task<long> MeasureAsync(ICell<long> cell)
    {
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            // Other tests of the process allocate meanwhile: the quietest round counts.
            long before = GC.GetTotalAllocatedBytes();
            for (int call = 0; call < Calls; call++)
            {
                await cell.Take();
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes() - before);
        }

        return least;
    }
}
