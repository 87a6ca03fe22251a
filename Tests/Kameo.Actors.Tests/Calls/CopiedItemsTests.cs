using System.Runtime.CompilerServices;
using Kameo.Actors.Testing;
using Orleans;

namespace Kameo.Actors.Tests.Calls;

/// <summary>Items that are copied one by one on a call within a node, since they can be changed: their reader reaches their producer all the same.</summary>
public sealed class CopiedItemsTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_token_of_who_reads_a_result_reaches_the_actor(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IMill mill = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IMill>("m");
        using var cancel = new CancellationTokenSource();
        int seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (byte[] _ in mill.OneThenWait(default).WithCancellation(cancel.Token))
            {
                seen++;
                await cancel.CancelAsync();
            }
        }).WaitAsync(s_deadline);
        Assert.Equal(1, seen);
        await mill.Ended().WaitAsync(s_deadline);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_token_of_an_actor_that_reads_an_argument_reaches_the_caller(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IMill mill = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IMill>("m");
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.Equal(1, await mill.TakeOne(MillActor.OneThenWaitAsync(ended, default)).WaitAsync(s_deadline));
        await ended.Task.WaitAsync(s_deadline);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_stops_early_ends_the_producer_and_has_items_of_its_own(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IMill mill = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IMill>("m");
        await foreach (byte[] item in mill.OneThenWait(default))
        {
            Assert.Equal([1], item);
            Assert.NotSame(MillActor.Item, item);
            break;
        }

        await mill.Ended().WaitAsync(s_deadline);
    }
}

public interface IMill : IGrainWithStringKey
{
    IAsyncEnumerable<byte[]> OneThenWait(CancellationToken cancellation);

    /// <summary>Reads one, cancels, and goes on reading.</summary>
    Task<int> TakeOne(IAsyncEnumerable<byte[]> items);

    Task Ended();
}

public sealed class MillActor : Actor, IMill
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static byte[] Item { get; } = [1];

    public static async IAsyncEnumerable<byte[]> OneThenWaitAsync(TaskCompletionSource ended, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            yield return Item;
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        finally
        {
            ended.TrySetResult();
        }
    }

    public IAsyncEnumerable<byte[]> OneThenWait(CancellationToken cancellation) => OneThenWaitAsync(_ended, cancellation);

    public async Task<int> TakeOne(IAsyncEnumerable<byte[]> items)
    {
        using var cancel = new CancellationTokenSource();
        int seen = 0;
        try
        {
            await foreach (byte[] _ in items.WithCancellation(cancel.Token))
            {
                seen++;
                await cancel.CancelAsync();
            }
        }
        catch (OperationCanceledException)
        {
        }

        return seen;
    }

    public Task Ended() => _ended.Task;
}
