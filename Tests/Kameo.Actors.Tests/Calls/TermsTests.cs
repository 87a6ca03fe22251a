using System.Collections.Concurrent;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Actors;
using Kameo.Actors.Tests.Life;
using Orleans;

namespace Kameo.Actors.Tests.Calls;

/// <summary>References that call on other terms: time-outs and delays of their own.</summary>
public sealed class TermsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_time_out_of_a_reference_goes_before_those_of_method_and_node(bool isLocal)
    {
        var time = new TestTime();
        await using TimedCluster cluster = await TimedCluster.StartAsync(time, clients: 1);
        ICounter counter = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ICounter>("a");

        // The method says 200 ms.
        Task longer = counter.WithTimeout(TimeSpan.FromSeconds(5)).Sleep();
        Task usual = counter.Sleep();
        await counter.Peek();
        time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<AskTimeoutException>(() => usual);
        Assert.False(longer.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<AskTimeoutException>(() => longer);
    }

    [Fact]
    public async Task References_on_other_terms_are_equal_and_their_spans_are_bounded()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        ICounter counter = cluster.Nodes[0].Get<ICounter>("a");
        Assert.Equal(counter, counter.WithTimeout(TimeSpan.FromSeconds(1)).After(TimeSpan.FromSeconds(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => counter.WithTimeout(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => counter.WithTimeout(TimeSpan.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => counter.After(TimeSpan.FromSeconds(-1)));
        var fake = new CounterActor();
        Assert.Same(fake, ((ICounter)fake).WithTimeout(TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_delayed_ask_and_tell_are_sent_when_their_time_has_come_with_what_the_call_had(bool isLocal)
    {
        var time = new TestTime();
        await using TimedCluster cluster = await TimedCluster.StartAsync(time, clients: 1);
        ActorNode caller = isLocal ? cluster.Nodes[0] : cluster.Clients[0];
        ILater later = caller.Get<ILater>("a");
        List<int> numbers = [1];
        RequestContext.Set("tenant", "then");
        Task<string> asked = later.After(TimeSpan.FromSeconds(10)).Describe(numbers).AsTask();
        ValueTask told = later.After(TimeSpan.FromSeconds(10)).Tell().Describe(numbers);
        RequestContext.Set("tenant", "now");
        numbers.Add(2);
        Assert.Equal(2, caller.Delayed.Count);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(asked.IsCompleted);
        Assert.False(told.IsCompleted);
        Assert.Equal(0, await later.Count());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("then 1", await asked);
        await told;
        await Eventually.TrueAsync(() => later.Count().AsTask().GetAwaiter().GetResult() == 2, "both");
        Assert.Equal(0, caller.Delayed.Count);
    }

    [Fact]
    public async Task A_delayed_call_can_be_recalled_until_it_is_sent()
    {
        var time = new TestTime();
        await using TimedCluster cluster = await TimedCluster.StartAsync(time);
        ILater later = cluster.Nodes[0].Get<ILater>("recalled");
        using var recall = new CancellationTokenSource();
        Task told = later.After(TimeSpan.FromSeconds(10), recall.Token).Tell().Describe([]).AsTask();
        await recall.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => told);
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(0, await later.Count());
    }

    [Fact]
    public async Task Delayed_calls_are_bounded_and_end_with_their_node()
    {
        var time = new TestTime();
        Task[] waiting;
        await using (TimedCluster cluster = await TimedCluster.StartAsync(time, configure: static options => options.DelayedCallsMax = 3))
        {
            ILater later = cluster.Nodes[0].Get<ILater>("bounded").After(TimeSpan.FromHours(1));
            waiting = [.. Enumerable.Range(0, 3).Select(_ => later.Describe([]).AsTask())];
            OverloadedException full = await Assert.ThrowsAsync<OverloadedException>(async () => await later.Tell().Describe([]));
            Assert.Equal(CallOutcome.NotRun, full.Outcome);
            Assert.Equal(3, cluster.Nodes[0].Delayed.Count);
        }

        foreach (Task one in waiting)
        {
            Assert.Equal(CallOutcome.NotRun, (await Assert.ThrowsAsync<NodeUnreachableException>(() => one)).Outcome);
        }
    }

    [Fact]
    public async Task A_delayed_ask_that_its_turn_could_not_await_fails_at_once()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        AskTimeoutException late = await Assert.ThrowsAsync<AskTimeoutException>(async () => await cluster.Nodes[0].Get<ILater>("a").WithTimeout(TimeSpan.FromSeconds(5)).AskLater());
        Assert.Equal(CallOutcome.NotRun, late.Outcome);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    public async Task A_delayed_ask_is_given_no_longer_than_its_turn_has(int timeoutSeconds)
    {
        var time = new TestTime();
        await using TimedCluster cluster = await TimedCluster.StartAsync(time);
        string key = $"held {timeoutSeconds}";
        Task<string> asked = cluster.Nodes[0].Get<ILater>(key).WithTimeout(TimeSpan.FromSeconds(5)).AskHeldLater(TimeSpan.FromSeconds(timeoutSeconds)).AsTask();
        await Eventually.TrueAsync(() => cluster.Nodes[0].Delayed.Count == 1, "the ask to wait");
        time.Advance(TimeSpan.FromSeconds(2));
        await LaterActor.Held(key).Task.WaitAsync(TimeSpan.FromSeconds(20));
        time.Advance(TimeSpan.FromSeconds(timeoutSeconds == 1 ? 1.2 : 3.2));
        await LaterActor.Late(key).Task.WaitAsync(TimeSpan.FromSeconds(20));
        await Assert.ThrowsAnyAsync<ActorCallException>(() => asked.WaitAsync(TimeSpan.FromSeconds(20)));
    }
}

public interface ILater : IGrainWithStringKey
{
    ValueTask<string> Describe(List<int> numbers);

    ValueTask<int> Count();

    ValueTask<string> AskLater();

    /// <summary>Asks another one in two seconds, whose turn does not end.</summary>
    ValueTask<string> AskHeldLater(TimeSpan timeout);

    Task<string> Hold(CancellationToken cancellation = default);
}

public sealed class LaterActor : Actor, ILater
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> s_reached = new();

    private int _count;

    /// <summary>Set when the other one is asked.</summary>
    public static TaskCompletionSource Held(string key) => Late($"{key} other");

    /// <summary>Set when the ask has failed.</summary>
    public static TaskCompletionSource Late(string key) => s_reached.GetOrAdd(key, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public async ValueTask<string> AskHeldLater(TimeSpan timeout)
    {
        using var given = new CancellationTokenSource();
        try
        {
            return await Actors.Get<ILater>($"{Key} other").After(TimeSpan.FromSeconds(2)).WithTimeout(timeout).Hold(given.Token);
        }
        finally
        {
            await given.CancelAsync();
            Late(Key.Text).SetResult();
        }
    }

    public async Task<string> Hold(CancellationToken cancellation)
    {
        Late(Key.Text).SetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        return string.Empty;
    }

    public ValueTask<string> Describe(List<int> numbers)
    {
        _count++;
        return new($"{RequestContext.Get("tenant")} {string.Join(' ', numbers)}");
    }

    public ValueTask<int> Count() => new(_count);

    public ValueTask<string> AskLater() => Forward(Actors.Get<ILater>("b").After(TimeSpan.FromMinutes(1)).Describe([]));
}
