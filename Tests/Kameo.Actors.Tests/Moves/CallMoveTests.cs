using Kameo.Actors.Tests.Handoff;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;

namespace Kameo.Actors.Tests.Moves;

/// <summary>Calls that are under way to, from, or through an actor while it moves.</summary>
public sealed class CallMoveTests
{
    private static readonly TimeSpan s_deadline = RealCluster.Deadline;

    [Theory]
    [InlineData(Way.Leave)]
    [InlineData(Way.Order)]
    public async Task A_call_that_waits_keeps_its_context_its_place_and_its_cancellation(Way way)
    {
        await using MovingPair pair = await MovingPair.StartAsync(way);
        string key = await pair.NewAtAsync(pair.Goes);
        (string gate, string later) = (Journal.NewKey(), Journal.NewKey());
        Task<string> turn = pair.Get(pair.Client, key).Hold(gate).AsTask();
        await ProbeGates.Of(gate).Entered.Task.WaitAsync(s_deadline);
        RequestContext.Set("said", "hello");
        ActorNode[] callers = [pair.Client, pair.Stays];
        using var cancel = new CancellationTokenSource();
        Task<string?>[] before = [.. callers.Select(caller => pair.Get(caller, key).Said().AsTask())];
        Task<string> waits = pair.Get(pair.Client, key).Hold(later, cancel.Token).AsTask();
        Task over = await pair.BeginMoveAsync(key);
        Task<string?>[] after = [.. callers.Select(caller => pair.Get(caller, key).Said().AsTask())];
        RequestContext.Set("said", "something else");

        Assert.DoesNotContain(before.Concat(after), static call => call.IsCompleted);
        ProbeGates.Of(gate).Open.SetResult();
        Assert.Equal(pair.Goes.Id.ToString(), await turn.WaitAsync(s_deadline));
        await ProbeGates.Of(later).Entered.Task.WaitAsync(s_deadline); // In its turn at the new place.
        await cancel.CancelAsync();
        await ProbeGates.Of(later).Cancelled.Task.WaitAsync(s_deadline);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits.WaitAsync(s_deadline));
        Assert.All(await Task.WhenAll(before.Concat(after)).WaitAsync(s_deadline), said => Assert.Equal($"hello {pair.Stays.Id}", said));
        await over.WaitAsync(s_deadline);
        Assert.Equal([$"deactivated {pair.Goes.Id} {pair.Reason}", $"activated {pair.Stays.Id}"], Journal.Of(key).Rest());
    }

    [Theory]
    [InlineData(Way.Leave)]
    [InlineData(Way.Order)]
    public async Task A_call_chain_comes_back_to_an_actor_that_has_to_go(Way way)
    {
        await using MovingPair pair = await MovingPair.StartAsync(way);
        (string first, string other) = (await pair.NewAtAsync(pair.Goes), await pair.NewAtAsync(pair.Stays));
        string gate = Journal.NewKey();
        Task<string> turn = pair.Get(pair.Client, first).Around(other, gate).AsTask();
        await ProbeGates.Of(gate).Entered.Task.WaitAsync(s_deadline);
        Task over = await pair.BeginMoveAsync(first);
        Task<string> barred = pair.Get(pair.Client, first).Node().AsTask();
        ProbeGates.Of(gate).Open.SetResult();

        Assert.Equal($"{pair.Goes.Id} {pair.Goes.Id}", await turn.WaitAsync(s_deadline));
        Assert.Equal(pair.Stays.Id.ToString(), await barred.WaitAsync(s_deadline));
        await over.WaitAsync(s_deadline);
        Assert.Equal([$"deactivated {pair.Goes.Id} {pair.Reason}", $"activated {pair.Stays.Id}"], Journal.Of(first).Rest());
    }

    [Theory]
    [InlineData(Way.Leave)]
    [InlineData(Way.Order)]
    public async Task A_call_is_answered_that_was_handed_on_to_an_actor_that_moves(Way way)
    {
        await using MovingPair pair = await MovingPair.StartAsync(way);
        (string first, string other) = (await pair.NewAtAsync(pair.Stays), await pair.NewAtAsync(pair.Goes));
        (string gate, string later) = (Journal.NewKey(), Journal.NewKey());
        Task<string> turn = pair.Get(pair.Client, first).ForwardHold(other, gate).AsTask();
        await ProbeGates.Of(gate).Entered.Task.WaitAsync(s_deadline);
        using var cancel = new CancellationTokenSource();
        Task<string> waits = pair.Get(pair.Client, first).ForwardHold(other, later, cancel.Token).AsTask();
        Task over = await pair.BeginMoveAsync(other);
        ProbeGates.Of(gate).Open.SetResult();

        Assert.Equal(pair.Goes.Id.ToString(), await turn.WaitAsync(s_deadline));
        await ProbeGates.Of(later).Entered.Task.WaitAsync(s_deadline);
        await cancel.CancelAsync();
        await ProbeGates.Of(later).Cancelled.Task.WaitAsync(s_deadline);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits.WaitAsync(s_deadline));
        await over.WaitAsync(s_deadline);
        Assert.Equal(pair.Stays.Id.ToString(), await pair.Get(pair.Client, other).Node());
    }

    [Theory]
    [InlineData(Way.Leave)]
    [InlineData(Way.Order)]
    public async Task A_call_is_answered_that_an_actor_handed_on_before_it_moved(Way way)
    {
        await using MovingPair pair = await MovingPair.StartAsync(way);
        (string first, string other) = (await pair.NewAtAsync(pair.Goes), await pair.NewAtAsync(pair.Stays));
        string gate = Journal.NewKey();
        Task<string> turn = pair.Get(pair.Client, first).ForwardHold(other, gate).AsTask();
        await ProbeGates.Of(gate).Entered.Task.WaitAsync(s_deadline);
        Task over = pair.MoveAsync(first);

        // The turn is over, though its answer is not there: nothing keeps the actor from moving.
        await Eventually.TrueAsync(async () => await pair.Get(pair.Stays, first).Node() == pair.Stays.Id.ToString(), "the actor at its new place");
        await Eventually.TrueAsync(() => pair.Goes.ActivationCount == 0, "nothing else to be left there");
        for (int call = 0; call < 100; call++)
        {
            await pair.Get(pair.Client, other).Tell().Note("time passes");
            await pair.Get(pair.Stays, first).Node();
        }

        Assert.False(turn.IsCompleted);
        Assert.False(way == Way.Leave && over.IsCompleted); // It stays for that answer.
        ProbeGates.Of(gate).Open.SetResult();
        Assert.Equal(pair.Stays.Id.ToString(), await turn.WaitAsync(s_deadline)); // By way of the old place, which waits for it before it is gone.
        await over.WaitAsync(s_deadline);
    }

    [Theory]
    [InlineData(Way.Leave)]
    [InlineData(Way.Order)]
    public async Task Delayed_calls_go_to_where_the_actor_is_then(Way way)
    {
        await using MovingPair pair = await MovingPair.StartAsync(way);
        string key = await pair.NewAtAsync(pair.Goes);
        var delay = TimeSpan.FromSeconds(5); // Far longer than a move takes.
        ActorNode[] callers = [pair.Client, pair.Stays];
        Task<string>[] asks = [.. callers.Select(caller => pair.Get(caller, key).After(delay).Node().AsTask())];
        Task[] tells = [.. callers.Select(caller => pair.Get(caller, key).After(delay).Tell().Note("told").AsTask())];
        await pair.MoveAsync(key);

        Assert.DoesNotContain(asks, static ask => ask.IsCompleted);
        Assert.All(await Task.WhenAll(asks).WaitAsync(s_deadline), node => Assert.Equal(pair.Stays.Id.ToString(), node));
        await Task.WhenAll(tells).WaitAsync(s_deadline);
        var heard = new List<string>();
        while (heard.Count < 4)
        {
            heard.Add(await Journal.Of(key).NextAsync());
        }

        Assert.Equal([$"deactivated {pair.Goes.Id} {pair.Reason}", $"activated {pair.Stays.Id}", $"told {pair.Stays.Id}", $"told {pair.Stays.Id}"], heard);
    }
}
