using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Calls;
using Kameo.Actors.Tests.Diagnostics;

namespace Kameo.Actors.Tests.Deadlocks;

/// <summary>That turns know what they wait for costs no memory.</summary>
[Collection(AloneCollection.Name)]
public sealed class NotedAskAllocationTests
{
    private const int Asks = 20_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_ask_made_in_a_turn_allocates_nothing(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2);
        string other = Enumerable.Range(0, 64).Select(static number => $"k{number}").First(key => cluster.Nodes[0].Get<IKnot>(key).IsHere() == isLocal);
        string asking = Enumerable.Range(0, 64).Select(static number => $"a{number}").First(key => cluster.Nodes[0].Get<IKnot>(key).IsHere());
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            // Other tests of the process allocate meanwhile: the quietest round counts.
            long before = GC.GetTotalAllocatedBytes();
            Assert.Equal(Asks, await cluster.Nodes[0].Get<IKnot>(asking).Often(other, Asks));
            least = Math.Min(least, GC.GetTotalAllocatedBytes() - before);
        }

        Assert.True(least < Asks * 8, $"{(double)least / Asks} bytes an ask");
    }
}
