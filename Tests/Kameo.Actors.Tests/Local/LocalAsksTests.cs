using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Testing;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Tests.Local;

/// <summary>The asks that wait for actors of their own node: their places, their bound, their deadlines.</summary>
public sealed class LocalAsksTests : IAsyncLifetime
{
    private TestCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await TestCluster.StartAsync(nodes: 1);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public void An_ask_is_taken_out_once()
    {
        var asks = new LocalAsks(new PendingBudget(1024), 10);
        TestCall call = NewCall();
        Assert.False(asks.TryTake(call));
        Assert.True(asks.TryAdd(call));
        Assert.Equal(1, asks.Count);
        Assert.True(asks.TryTake(call));
        Assert.False(asks.TryTake(call));
        Assert.Equal(0, asks.Count);
    }

    [Fact]
    public void When_all_places_wait_an_ask_is_refused_and_the_place_of_one_that_does_not_is_used()
    {
        var asks = new LocalAsks(new PendingBudget(1024), 3);
        TestCall[] first = [.. Enumerable.Range(0, 3).Select(_ => NewCall())];
        Assert.All(first, call => Assert.True(asks.TryAdd(call)));
        TestCall next = NewCall();
        Assert.False(asks.TryAdd(next));
        Assert.False(asks.TryAdd(next)); // Also where it is known that all wait.
        Assert.True(asks.TryTake(first[1]));
        Assert.True(asks.TryAdd(next));
        Assert.Equal(3, asks.Count);
        Assert.False(asks.TryAdd(first[1]));
        Assert.True(asks.TryTake(next));
        Assert.True(asks.TryAdd(first[1]));
        Assert.Equal(3, asks.Capacity);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void When_all_places_waited_and_their_asks_failed_others_are_taken_again(bool isByDeadline)
    {
        var asks = new LocalAsks(new PendingBudget(1024), 3);
        TestCall[] first = [.. Enumerable.Range(0, 3).Select(_ => NewCall())];
        Assert.All(first, call => Assert.True(asks.TryAdd(call)));
        Assert.False(asks.TryAdd(NewCall()));
        if (isByDeadline)
        {
            asks.Sweep(Deadline);
        }
        else
        {
            asks.FailAll("it is over");
        }

        Assert.Equal(0, asks.Count);
        Assert.True(asks.TryAdd(NewCall())); // The turns of those that failed may hang for ever: their calls do not come back.
        Assert.Equal(1, asks.Count);
    }

    [Fact]
    public void Calls_that_do_not_wait_take_nothing_of_the_nodes_budget()
    {
        var budget = new PendingBudget(100 * PendingTable.ChunkAsks);
        var asks = new LocalAsks(budget, 100 * PendingTable.ChunkAsks);
        for (int call = 0; call < 5 * PendingTable.ChunkAsks; call++)
        {
            AddAndTake(asks);
        }

        Assert.Equal(PendingTable.ChunkAsks, asks.Capacity);
        Assert.Equal((0, 0L), (budget.AsksGranted, budget.Refusals));

        TestCall[] waiting = [.. Enumerable.Range(0, 2 * PendingTable.ChunkAsks).Select(_ => NewCall())];
        Assert.All(waiting, call => Assert.True(asks.TryAdd(call)));
        for (int call = 0; call < 50 * PendingTable.ChunkAsks; call++)
        {
            AddAndTake(asks);
        }

        Assert.Equal(waiting.Length, asks.Count);
        Assert.InRange(asks.Capacity, waiting.Length, 5 * waiting.Length);
        Assert.True(asks.TryTake(waiting[0]));
    }

    [Fact]
    public void Beyond_the_first_places_the_nodes_budget_bounds_them_and_what_is_empty_goes_back()
    {
        var budget = new PendingBudget(2 * PendingTable.ChunkAsks);
        var asks = new LocalAsks(budget, 10 * PendingTable.ChunkAsks);
        TestCall[] calls = [.. Enumerable.Range(0, 3 * PendingTable.ChunkAsks).Select(_ => NewCall())];
        Assert.All(calls, call => Assert.True(asks.TryAdd(call)));
        Assert.Equal(budget.AsksMax, budget.AsksGranted);
        Assert.False(asks.TryAdd(NewCall()));
        Assert.True(budget.Refusals > 0);

        Assert.All(calls[1..], call => Assert.True(asks.TryTake(call)));
        asks.Sweep(Deadline - 1);
        Assert.Equal(3 * PendingTable.ChunkAsks, asks.Capacity); // No deadline may have come: nothing is looked at.
        calls[0].DeadlineMilliseconds = Deadline + 1;
        asks.Sweep(Deadline);
        Assert.Equal(PendingTable.ChunkAsks, asks.Capacity);
        Assert.Equal(0, budget.AsksGranted);
        Assert.Equal(1, asks.Count);
        Assert.All(calls[1..], call => Assert.True(asks.TryAdd(call))); // They find places again.
        Assert.Equal(calls.Length, asks.Count);
    }

    [Fact]
    public void A_call_that_another_node_used_before_waits_here()
    {
        var one = new LocalAsks(new PendingBudget(1024), 1);
        var other = new LocalAsks(new PendingBudget(1024), 1);
        TestCall call = NewCall();
        Assert.True(one.TryAdd(call));
        Assert.True(one.TryTake(call));
        Assert.True(other.TryAdd(call));
        Assert.Equal((0, 1), (one.Count, other.Count));
        Assert.True(one.TryAdd(NewCall())); // Its place there is free.
        Assert.True(other.TryTake(call));
    }

    [Fact]
    public async Task Each_fails_at_its_own_deadline_whatever_order_they_came_in()
    {
        var asks = new LocalAsks(new PendingBudget(1024), 10);
        TestCall late = NewCall(Deadline + 100);
        TestCall early = NewCall(Deadline);
        ValueTask ofLate = late.Answer;
        ValueTask ofEarly = early.Answer;
        Assert.True(asks.TryAdd(late));
        Assert.True(asks.TryAdd(early));
        asks.Sweep(Deadline - 1);
        Assert.Equal(2, asks.Count);
        asks.Sweep(Deadline);
        Assert.Equal(1, asks.Count);
        await Assert.ThrowsAsync<AskTimeoutException>(async () => await ofEarly);
        asks.Sweep(Deadline + 99);
        Assert.Equal(1, asks.Count);
        asks.Sweep(Deadline + 100);
        await Assert.ThrowsAsync<AskTimeoutException>(async () => await ofLate);
        Assert.Equal(0, asks.Count);
    }

    [Fact]
    public async Task An_ask_that_comes_behind_a_sweep_has_its_deadline_met()
    {
        var asks = new LocalAsks(new PendingBudget(1024), 10);
        TestCall first = NewCall();
        Assert.True(asks.TryAdd(first));
        Assert.True(asks.TryTake(first));
        asks.Sweep(Deadline); // It goes away.
        ValueTask answer = first.Answer;
        first.DeadlineMilliseconds = Deadline + 5;
        Assert.True(asks.TryAdd(first));
        asks.Sweep(Deadline + 5);
        await Assert.ThrowsAsync<AskTimeoutException>(async () => await answer);
    }

    /// <summary>Answers, deadlines and renters at once: each ask ends once, and no call is lost in its place.</summary>
    [Fact]
    public async Task Answers_race_with_sweeps_and_each_ask_ends_once()
    {
        const int Rounds = 20_000;
        var asks = new LocalAsks(new PendingBudget(1024), 64);
        using var stop = new CancellationTokenSource();
        long now = 0;
        Task sweeper = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                asks.Sweep(Interlocked.Increment(ref now));
            }
        });
        int begun = 0;
        int answered = 0;
        int failed = 0;
        long end = Environment.TickCount64 + 20_000;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
        {
            for (int round = 0; round < Rounds || (Volatile.Read(ref failed) == 0 && Environment.TickCount64 < end); round++)
            {
                Interlocked.Increment(ref begun);
                TestCall call = NewCall(Volatile.Read(ref now) + (round % 8));
                ValueTask answer = call.Answer;
                for (int use = 0; use < 2; use++)
                {
                    Assert.True(asks.TryAdd(call));
                    if (round % 3 == 0)
                    {
                        Thread.Yield();
                    }

                    if (!asks.TryTake(call))
                    {
                        await Assert.ThrowsAsync<AskTimeoutException>(async () => await answer);
                        Interlocked.Increment(ref failed);
                        break;
                    }

                    Interlocked.Increment(ref answered);
                }
            }
        })));
        await stop.CancelAsync();
        await sweeper;
        Assert.Equal(0, asks.Count);
        Assert.InRange(answered + failed, begun, 2 * begun);
        Assert.True(failed > 0 && answered > 0, $"{failed} failed, {answered} were answered: they did not race.");
        Assert.True(asks.TryAdd(NewCall()));
    }

    private const long Deadline = 1_000_000;

    private void AddAndTake(LocalAsks asks)
    {
        TestCall call = NewCall();
        Assert.True(asks.TryAdd(call));
        Assert.True(asks.TryTake(call));
    }

    private TestCall NewCall(long deadline = Deadline)
    {
        var call = new TestCall { Node = _cluster.Nodes[0], DeadlineMilliseconds = deadline };
        call.HeldBy(2); // Nobody gives it back.
        return call;
    }

    private sealed class TestCall : VoidActorCall
    {
        private static readonly ActorMethod s_method = new("Test", 1, ActorMethodOptions.None, static () => new TestCall());

        public override ActorMethod Method => s_method;

        public ValueTask Answer => new(this, Version);

        public override ValueTask Invoke(object actor) => default;

        public override void EncodeArguments(ref MessagePackWriter writer) => writer.WriteArrayHeader(0);

        public override void DecodeArguments(ref MessagePackReader reader) => reader.Skip();

        public override void CopyArguments()
        {
        }

        public override void ClearArguments()
        {
        }

        public override void ReturnToPool()
        {
        }
    }
}
