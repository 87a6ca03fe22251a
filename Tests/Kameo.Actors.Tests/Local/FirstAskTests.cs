using Kameo.Actors.Activations;
using Kameo.Actors.Testing;

namespace Kameo.Actors.Tests.Local;

/// <summary>The first asks of a node, made by several threads at once.</summary>
public sealed class FirstAskTests
{
    private const int Threads = 2;

    [Fact]
    public async Task All_of_them_wait_in_one_table()
    {
        for (int round = 0; round < 60; round++)
        {
            await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 0);
            int there = 0;
            LocalAsks[] seen = await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    Interlocked.Increment(ref there);
                    while (Volatile.Read(ref there) < Threads)
                    {
                        // They are to leave here together.
                    }

                    return cluster.Nodes[0].LocalAsks;
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            Assert.Single(seen.Distinct());
        }
    }
}
