using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Testing;
using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Calls;

/// <summary>Methods that return items that come one after the other.</summary>
public sealed class ItemsTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);
    private static readonly AsyncLocal<string?> s_ambient = new();

    public static string? Ambient => s_ambient.Value;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Items_come_in_order_and_each_enumeration_asks_anew(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ITicker ticker = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ITicker>("t");
        IAsyncEnumerable<int> items = ticker.Count(1000);
        Assert.Equal(0, await ticker.Started());
        Assert.Equal(Enumerable.Range(0, 1000), await ReadAsync(items));
        Assert.Equal(Enumerable.Range(0, 1000), await ReadAsync(items));
        Assert.Equal(2, await ticker.Started());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_actor_runs_one_at_a_time_also_between_items(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ITicker ticker = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ITicker>("t");
        Task<List<int>>[] readers = [.. Enumerable.Range(0, 8).Select(_ => ReadAsync(ticker.Exclusive(200)))];
        Task[] callers = [.. Enumerable.Range(0, 200).Select(_ => ticker.Touch())];
        await Task.WhenAll(callers).WaitAsync(s_deadline);
        foreach (List<int> read in await Task.WhenAll(readers).WaitAsync(s_deadline))
        {
            Assert.Equal(200, read.Count);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_producer_has_the_request_context_of_its_call_and_no_AsyncLocal_of_who_reads(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ITicker ticker = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ITicker>("t");
        s_ambient.Value = "leak";
        RequestContext.Set("tenant", "a");
        var seen = new List<string?>();
        await foreach (string? item in ticker.Context(3))
        {
            seen.Add(item);
            RequestContext.Set("tenant", "b");
        }

        Assert.Equal(["a", "a", "a"], seen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Exceptions_come_through_and_an_early_end_ends_the_producer_in_its_turn(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ITicker ticker = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ITicker>("t");
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReadAsync(ticker.Count(-1)));
        await foreach (int item in ticker.Count(int.MaxValue))
        {
            if (item == 10)
            {
                break;
            }
        }

        await ticker.Ended().WaitAsync(s_deadline);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_readers_token_reaches_the_producer(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ITicker ticker = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ITicker>("t");
        using var cancel = new CancellationTokenSource();
        var seen = new List<int>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (int item in ticker.OneThenWait(cancel.Token))
            {
                seen.Add(item);
                await cancel.CancelAsync();
            }
        });
        Assert.Equal([1], seen);
        await ticker.Ended().WaitAsync(s_deadline);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_cancels_is_not_kept_by_a_producer_that_does_not_look_at_its_token(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ITicker ticker = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ITicker>("t");
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (int item in ticker.Count(int.MaxValue).WithCancellation(cancel.Token))
            {
                if (item == 60)
                {
                    await cancel.CancelAsync();
                }
            }
        }).WaitAsync(s_deadline);
        await ticker.Ended().WaitAsync(s_deadline);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_cancels_within_a_step_goes_at_once_and_the_producer_ends_behind_it(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ITicker ticker = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ITicker>("t");
        using var cancel = new CancellationTokenSource();
        await using IAsyncEnumerator<int> items = ticker.Stubborn().GetAsyncEnumerator(cancel.Token);
        Assert.True(await items.MoveNextAsync());
        ValueTask<bool> next = items.MoveNextAsync();
        await ticker.Stuck().WaitAsync(s_deadline);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.AsTask().WaitAsync(s_deadline));
        await items.DisposeAsync().AsTask().WaitAsync(s_deadline);
        Task ended = ticker.Ended();
        await ticker.Release();
        await ended.WaitAsync(s_deadline);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_actor_that_is_deactivated_ends_its_items_with_an_error(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ITicker ticker = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ITicker>("t");
        InvalidOperationException ended = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (int _ in ticker.OneThenWait(default))
            {
                await ticker.Leave();
            }
        }).WaitAsync(s_deadline);
        Assert.Contains("deactivated", ended.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_method_that_gives_none_at_all_is_an_error_that_says_so(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ITicker ticker = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ITicker>("t");
        InvalidOperationException none = await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(ticker.None()));
        Assert.Contains("returned null", none.Message, StringComparison.Ordinal);
    }

    private static async Task<List<T>> ReadAsync<T>(IAsyncEnumerable<T> items)
    {
        var read = new List<T>();
        await foreach (T item in items)
        {
            read.Add(item);
        }

        return read;
    }
}

public interface ITicker : IGrainWithStringKey
{
    IAsyncEnumerable<int> Count(int count);

    Task<int> Started();

    [AlwaysInterleave]
    Task Ended();

    IAsyncEnumerable<int> Exclusive(int count);

    Task Touch();

    IAsyncEnumerable<string?> Context(int count);

    IAsyncEnumerable<int> OneThenWait(CancellationToken cancellation);

    IAsyncEnumerable<int> Stubborn();

    IAsyncEnumerable<int> None();

    [AlwaysInterleave]
    Task Stuck();

    [AlwaysInterleave]
    Task Release();

    Task Leave();
}

public sealed class TickerActor : Actor, ITicker
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stuck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _started;
    private int _inside;

    public IAsyncEnumerable<int> None() => null!;

    public async IAsyncEnumerable<int> Count(int count)
    {
        _started++;
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        try
        {
            for (int number = 0; number < count; number++)
            {
                if (number % 100 == 50)
                {
                    await Task.Yield();
                }

                yield return number;
            }
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    public Task<int> Started() => Task.FromResult(_started);

    public Task Ended() => _ended.Task;

    public async IAsyncEnumerable<int> Exclusive(int count)
    {
        for (int number = 0; number < count; number++)
        {
            Assert.NotNull(Turn.Current);
            Enter();
            await Task.Yield();
            Enter();
            yield return number;
        }
    }

    public Task Touch()
    {
        Enter();
        return Task.CompletedTask;
    }

    public new async IAsyncEnumerable<string?> Context(int count)
    {
        for (int number = 0; number < count; number++)
        {
            Assert.Null(ItemsTests.Ambient);
            await Task.Yield();
            yield return (string?)RequestContext.Get("tenant");
        }
    }

    public async IAsyncEnumerable<int> OneThenWait([EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            yield return 1;
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    public async IAsyncEnumerable<int> Stubborn()
    {
        try
        {
            yield return 1;
            _stuck.SetResult();
            await _released.Task;
            yield return 2;
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    public Task Stuck() => _stuck.Task;

    public Task Release()
    {
        _released.SetResult();
        return Task.CompletedTask;
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    /// <summary>Code without an await: nobody else is in it.</summary>
    private void Enter()
    {
        Assert.Equal(1, Interlocked.Increment(ref _inside));
        Thread.SpinWait(20);
        Interlocked.Decrement(ref _inside);
    }
}
