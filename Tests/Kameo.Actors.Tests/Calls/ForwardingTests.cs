using System.Collections.Concurrent;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Life;
using Orleans;

namespace Kameo.Actors.Tests.Calls;

/// <summary>An actor hands a call on: another one answers its caller, and it is free meanwhile.</summary>
public sealed class ForwardingTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    public enum Place
    {
        AllHere,
        CallerElsewhere,
        OtherElsewhere,
    }

    [Theory]
    [InlineData(Place.AllHere)]
    [InlineData(Place.CallerElsewhere)]
    [InlineData(Place.OtherElsewhere)]
    public async Task The_other_actor_answers_and_the_one_that_forwarded_takes_calls_meanwhile(Place place)
    {
        await using Stage stage = await Stage.StartAsync(place);
        string gate = Guid.NewGuid().ToString();
        Task<string> forwarded = stage.Front.Hold(stage.Other, gate);
        await Eventually.TrueAsync(() => DeskActor.IsHeld(gate), "the other turn");
        Assert.Equal("free", await stage.Front.Ping().AsTask().WaitAsync(s_deadline));
        Assert.False(forwarded.IsCompleted);
        DeskActor.Release(gate);
        Assert.Equal($"{gate} by {stage.Other}", await forwarded.WaitAsync(s_deadline));
    }

    [Theory]
    [InlineData(Place.AllHere)]
    [InlineData(Place.CallerElsewhere)]
    [InlineData(Place.OtherElsewhere)]
    public async Task What_the_other_throws_reaches_the_first_caller_as_it_was(Place place)
    {
        await using Stage stage = await Stage.StartAsync(place);
        ArgumentException known = await Assert.ThrowsAsync<ArgumentException>(async () => await stage.Front.Fail(stage.Other, "argument"));
        Assert.Contains("DeskActor.Fail", known.StackTrace, StringComparison.Ordinal);
        ActorFaultException ours = await Assert.ThrowsAsync<ActorFaultException>(async () => await stage.Front.Fail(stage.Other, "ours"));
        Assert.Equal(typeof(Kameo.Actors.Tests.Actors.UnheardOfException).FullName, ours.TypeName);
        Assert.Equal("ours", ours.FaultMessage);
        Assert.Equal(CallOutcome.Ran, ours.Outcome);
    }

    [Theory]
    [InlineData(Place.AllHere)]
    [InlineData(Place.CallerElsewhere)]
    public async Task An_ask_that_the_other_did_not_run_is_not_run_for_the_first_caller(Place place)
    {
        await using Stage stage = await Stage.StartAsync(place);
        ActorActivationException wrong = await Assert.ThrowsAsync<ActorActivationException>(async () => await stage.Front.Unmade());
        Assert.Equal(CallOutcome.NotRun, wrong.Outcome);
    }

    [Theory]
    [InlineData(Place.AllHere)]
    [InlineData(Place.CallerElsewhere)]
    [InlineData(Place.OtherElsewhere)]
    public async Task Request_context_and_remaining_time_go_on_with_it(Place place)
    {
        await using Stage stage = await Stage.StartAsync(place);
        RequestContext.Set("tenant", "t");
        Assert.Equal("t", await stage.Front.WithTimeout(TimeSpan.FromSeconds(5)).Context(stage.Other));

        string gate = Guid.NewGuid().ToString();
        Task<string> late = stage.Front.WithTimeout(TimeSpan.FromMilliseconds(500)).Hold(stage.Other, gate);
        await Eventually.TrueAsync(() => DeskActor.IsHeld(gate), "the other turn");
        AskTimeoutException timedOut = await Assert.ThrowsAsync<AskTimeoutException>(() => late.WaitAsync(s_deadline));
        Assert.Equal(CallOutcome.MayHaveRun, timedOut.Outcome);
        DeskActor.Release(gate);
        Assert.Equal("free", await stage.Front.Ping());
    }

    [Theory]
    [InlineData(Place.AllHere)]
    [InlineData(Place.CallerElsewhere)]
    [InlineData(Place.OtherElsewhere)]
    public async Task Cancellation_reaches_the_other_actor(Place place)
    {
        await using Stage stage = await Stage.StartAsync(place);
        string gate = Guid.NewGuid().ToString();
        using var cancellation = new CancellationTokenSource();
        Task cancelled = stage.Front.HoldUntilCancelled(stage.Other, gate, cancellation.Token).AsTask();
        await Eventually.TrueAsync(() => DeskActor.IsHeld(gate), "the other turn");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(s_deadline));
        await Eventually.TrueAsync(() => !DeskActor.IsHeld(gate), "its cancellation there");
    }

    [Fact]
    public async Task A_forwarded_tell_is_not_answered_and_its_actor_is_free()
    {
        await using Stage stage = await Stage.StartAsync(Place.CallerElsewhere);
        string gate = Guid.NewGuid().ToString();
        await stage.Front.Tell().Hold(stage.Other, gate);
        await Eventually.TrueAsync(() => DeskActor.IsHeld(gate), "the other turn");
        Assert.Equal("free", await stage.Front.Ping());
        DeskActor.Release(gate);
    }

    [Fact]
    public async Task Many_forwarded_asks_each_get_their_own_answer()
    {
        await using Stage stage = await Stage.StartAsync(Place.OtherElsewhere);
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 2000).Select(number => stage.Front.Repeat(stage.Other, $"{number}").AsTask())).WaitAsync(s_deadline);
        Assert.Equal(Enumerable.Range(0, 2000).Select(number => $"{number} by {stage.Other}"), answers);
    }

    [Fact]
    public async Task A_result_of_another_type_and_a_call_outside_of_a_turn_are_refused()
    {
        await using Stage stage = await Stage.StartAsync(Place.AllHere);
        InvalidOperationException wrong = await Assert.ThrowsAsync<InvalidOperationException>(async () => await stage.Front.Misuse(stage.Other));
        Assert.Contains("cannot be a result of this type", wrong.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await stage.Front.MisuseOutside(stage.Other));
        Assert.Equal("free", await stage.Front.Ping());
    }

    [Theory]
    [InlineData(Place.AllHere)]
    [InlineData(Place.CallerElsewhere)]
    public async Task An_ask_that_something_awaits_already_cannot_be_forwarded_and_that_is_the_callers_failure(Place place)
    {
        await using Stage stage = await Stage.StartAsync(place);
        string gate = Guid.NewGuid().ToString();
        Task<string> forwarded = stage.Front.AwaitedTwice(stage.Other, gate).AsTask();
        InvalidOperationException wrong = await Assert.ThrowsAsync<InvalidOperationException>(() => forwarded.WaitAsync(s_deadline));
        Assert.Contains("awaited twice", wrong.Message, StringComparison.Ordinal);
        await stage.Front.Tell().AwaitedTwice(stage.Other, gate);
        Assert.Equal("free", await stage.Front.Ping().AsTask().WaitAsync(s_deadline));
        await Eventually.TrueAsync(() => DeskActor.IsHeld(gate), "the other turn");
        DeskActor.Release(gate);
    }

    /// <summary>Who is where.</summary>
    private sealed class Stage(TestCluster cluster, IDesk front, string other) : IAsyncDisposable
    {
        public IDesk Front => front;

        public string Other => other;

        public static async Task<Stage> StartAsync(Place place)
        {
            TestCluster cluster = await TestCluster.StartAsync(nodes: place == Place.OtherElsewhere ? 2 : 1, clients: 1);
            string[] keys = [.. Enumerable.Range(0, 200).Select(static number => $"k{number}")];
            bool IsOnFirst(string key) => Diagnostics.TraceOfTurn.IsHere(cluster.Nodes[0].Get<IDesk>(key));
            string front = keys.First(IsOnFirst);
            string other = place == Place.OtherElsewhere ? keys.First(key => !IsOnFirst(key)) : keys.Where(IsOnFirst).ElementAt(1);
            ActorNode caller = place == Place.AllHere ? cluster.Nodes[0] : cluster.Clients[0];
            return new Stage(cluster, caller.Get<IDesk>(front), other);
        }

        public ValueTask DisposeAsync() => cluster.DisposeAsync();
    }
}

public interface IDesk : IGrainWithStringKey
{
    Task<string> Hold(string other, string gate);

    ValueTask<string> HeldHere(string gate);

    ValueTask<string> AwaitedTwice(string other, string gate);

    ValueTask<string> Ping();

    ValueTask<string> Repeat(string other, string text);

    ValueTask<string> Say(string text);

    ValueTask Fail(string other, string kind);

    ValueTask Throw(string kind);

    Task<string> Context(string other);

    Task<string> ContextHere();

    ValueTask HoldUntilCancelled(string other, string gate, CancellationToken cancellation);

    ValueTask CancelledHere(string gate, CancellationToken cancellation);

    ValueTask<string> Unmade();

    ValueTask<string> Misuse(string other);

    Task<string> MisuseOutside(string other);
}

public sealed class DeskActor : Actor, IDesk
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> s_held = new();

    public static bool IsHeld(string gate) => s_held.ContainsKey(gate);

    public static void Release(string gate) => s_held[gate].SetResult();

    public Task<string> Hold(string other, string gate) => Forward(Other(other).HeldHere(gate).AsTask());

    public async ValueTask<string> HeldHere(string gate)
    {
        TaskCompletionSource held = s_held.GetOrAdd(gate, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await held.Task;
        return $"{gate} by {Key}";
    }

    public ValueTask<string> AwaitedTwice(string other, string gate)
    {
        ValueTask<string> ask = Other(other).HeldHere(gate);
        _ = ask.AsTask();
        return Forward(ask);
    }

    public ValueTask<string> Ping() => new("free");

    public ValueTask<string> Repeat(string other, string text) => Forward(Other(other).Say(text));

    public async ValueTask<string> Say(string text)
    {
        await Task.Yield();
        return $"{text} by {Key}";
    }

    public ValueTask Fail(string other, string kind) => Forward(Other(other).Throw(kind));

    public ValueTask Throw(string kind) => Fail(kind);

    public new Task<string> Context(string other) => Forward(Other(other).ContextHere());

    public Task<string> ContextHere() => Task.FromResult($"{RequestContext.Get("tenant")}");

    public ValueTask HoldUntilCancelled(string other, string gate, CancellationToken cancellation) => Forward(Other(other).CancelledHere(gate, cancellation));

    public async ValueTask CancelledHere(string gate, CancellationToken cancellation)
    {
        s_held[gate] = new TaskCompletionSource();
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        finally
        {
            s_held.TryRemove(gate, out _);
        }
    }

    public ValueTask<string> Unmade() => Forward(Actors.Get<IUnmade>("x").Say());

    public ValueTask<string> Misuse(string other)
    {
        Forward(Other(other).CancelledHere("misuse", new CancellationToken(canceled: true)));
        return new("never");
    }

    public Task<string> MisuseOutside(string other) => Task.Run(async () => await Forward(Other(other).Ping()));

    private static ValueTask Fail(string kind) => throw (kind == "argument" ? new ArgumentException("no") : new Kameo.Actors.Tests.Actors.UnheardOfException(kind));

    private IDesk Other(string key) => Actors.Get<IDesk>(key);
}

public interface IUnmade : IGrainWithStringKey
{
    ValueTask<string> Say();
}

public sealed class UnmadeActor : Actor, IUnmade
{
    public UnmadeActor() => throw new InvalidOperationException("never made");

    public ValueTask<string> Say() => new("never");
}
