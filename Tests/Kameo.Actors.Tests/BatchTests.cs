using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Actors;

namespace Kameo.Actors.Tests;

/// <summary>What is sent inside a batch of completed asks goes out together, and yet waits for nobody.</summary>
public sealed class BatchTests
{
    [Fact]
    public async Task A_continuation_that_blocks_on_an_ask_it_makes_is_answered()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ICounter counter = cluster.Clients[0].Get<ICounter>("a");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async number =>
        {
            await counter.Add(1);

            // Blocks the thread that completes the batch, on a message that the same batch sends.
            Assert.True(counter.Peek().AsTask().Wait(TimeSpan.FromSeconds(30)), $"ask {number} was not answered");
        })).WaitAsync(TimeSpan.FromSeconds(60));
    }
}
