using Kameo.Actors.Testing;
using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Tests.Inbound;

/// <summary>What a batch sends leaves together at its end; or before, if that does not come.</summary>
public sealed class SendBatchTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_batch_that_blocks_holds_nothing_back_that_it_has_sent()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ICrowd crowd = cluster.Clients[0].Get<ICrowd>($"{Guid.NewGuid():N}");
        await crowd.Note("met");
        await Task.Factory.StartNew(
            () =>
            {
                SendBatch.Begin();
                try
                {
                    // Each blocks in the middle of the batch until what it sent has come back: the first before it is known that the batch takes long, the others after.
                    for (int number = 0; number < 3; number++)
                    {
                        Assert.True(crowd.Note($"{number}").AsTask().Wait(s_deadline), $"The ask {number} was held back.");
                    }
                }
                finally
                {
                    SendBatch.End();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Assert.False(SendBatch.IsOpen);
    }
}
