using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Placing;
using Microsoft.Extensions.Logging;

namespace Kameo.Actors.Tests.Calls;

/// <summary>A class says by a predicate which calls start beside its turns that wait, by looking at each call: as Orleans documents <c>[MayInterleave]</c>.</summary>
public sealed class MayInterleaveTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_predicate_allows_starts_beside_a_turn_that_waits(bool isRemote)
    {
        await using TestCluster cluster = await StartAsync();
        (IPicky actor, string gate, Task<int> waits) = await HoldAsync(cluster, isRemote);
        Assert.Equal(1, await actor.Take(new Letter("-", "beside")).AsTask().WaitAsync(s_deadline));
        await actor.Drop(new Letter(gate, "beside")); // A tell: it opens the gate.
        Assert.Equal(1, await waits.WaitAsync(s_deadline));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_it_refuses_waits_and_later_calls_that_it_allows_pass_it(bool isRemote)
    {
        await using TestCluster cluster = await StartAsync();
        (IPicky actor, string gate, Task<int> waits) = await HoldAsync(cluster, isRemote);
        Task<int> refused = actor.Take(new Letter("-", "after")).AsTask();
        Task<int> plain = actor.Plain().AsTask();
        Assert.Equal(1, await actor.Take(new Letter("-", "beside")).AsTask().WaitAsync(s_deadline));
        Assert.False(refused.IsCompleted);
        Assert.False(plain.IsCompleted);
        PickyBase.GateOf(gate).SetResult();
        Assert.Equal(0, await refused.WaitAsync(s_deadline));
        Assert.Equal(0, await plain.WaitAsync(s_deadline));
        await waits;
    }

    [Fact]
    public async Task It_sees_the_actor_the_method_and_the_arguments_once_for_each_call()
    {
        await using TestCluster cluster = await StartAsync();
        (IPicky actor, string gate, Task<int> waits) = await HoldAsync(cluster, isRemote: true);
        Task<int> refused = actor.Take(new Letter(gate, "after")).AsTask();
        for (int number = 0; number < 10; number++)
        {
            Assert.Equal(1, await actor.Take(new Letter("-", "beside")).AsTask().WaitAsync(s_deadline));
        }

        PickyBase.GateOf(gate).SetResult();
        await Task.WhenAll(refused, waits).WaitAsync(s_deadline);
        ActorId id = ActorId.Of(actor);
        Assert.Equal($"{id} {typeof(IPicky).FullName}.Take {gate} after False", Assert.Single(PickyBase.Asked, asked => asked.Contains(gate, StringComparison.Ordinal)));
        Assert.Throws<InvalidOperationException>(() => PickyBase.Kept!.MethodName); // It is over with the predicate.
    }

    [Fact]
    public async Task Without_an_open_turn_it_is_not_asked()
    {
        await using TestCluster cluster = await StartAsync();
        string key = NewName();
        foreach (ActorNode node in (ActorNode[])[cluster.Nodes[0], cluster.Clients[0]])
        {
            await node.Get<IPicky>(key).Take(new Letter(key, "throws")).AsTask().WaitAsync(s_deadline);
        }

        Assert.DoesNotContain(PickyBase.Asked, asked => asked.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_throws_lets_nothing_in_and_is_told_of_once()
    {
        using var log = new FailureLog();
        await using TestCluster cluster = await TestCluster.StartAsync(1, clients: 1, options => options.LoggerFactory = log);
        (IPicky actor, string gate, Task<int> waits) = await HoldAsync(cluster, isRemote: true);
        Task<int>[] refused = [.. Enumerable.Range(0, 3).Select(_ => actor.Take(new Letter("-", "throws")).AsTask())];
        Assert.Equal(1, await actor.Take(new Letter("-", "beside")).AsTask().WaitAsync(s_deadline));
        Assert.DoesNotContain(refused, static task => task.IsCompleted);
        PickyBase.GateOf(gate).SetResult();
        Assert.Equal((int[])[0, 0, 0], await Task.WhenAll(refused).WaitAsync(s_deadline));
        await waits;
        Assert.Equal("undecided", Assert.Single(log.Failures).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_looked_at_before_its_turn_is_whole_in_it(bool isRemote)
    {
        await using TestCluster cluster = await StartAsync();
        (IPicky actor, string gate, Task<int> waits) = await HoldAsync(cluster, isRemote);
        Assert.Equal(6, await actor.Weigh("beside", Payload.Copy<int>([1, 2, 3])).AsTask().WaitAsync(s_deadline));
        Assert.Equal(100_000, await actor.Measure("beside", new MemoryStream(new byte[100_000])).AsTask().WaitAsync(s_deadline));
        Task<int> weighed = actor.Weigh("after", Payload.Copy<int>([4, 5, 6])).AsTask();
        Task<int> measured = actor.Measure("after", new MemoryStream(new byte[50_000])).AsTask();
        Assert.Equal(1, await actor.Take(new Letter("-", "beside")).AsTask().WaitAsync(s_deadline));
        Assert.False(weighed.IsCompleted || measured.IsCompleted);
        PickyBase.GateOf(gate).SetResult();
        Assert.Equal(15, await weighed.WaitAsync(s_deadline));
        Assert.Equal(50_000, await measured.WaitAsync(s_deadline));
        await waits;
    }

    [Fact]
    public async Task What_was_looked_at_goes_whole_to_where_the_actor_moves_to()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(3, static (_, options) => options.ClassSpecificPlacement[typeof(PickyActor)] = new(ActorPlacement.PreferLocal));
        IPicky actor = cluster.Nodes[1].Get<IPicky>(NewName());
        await actor.Plain().AsTask().WaitAsync(s_deadline); // It is there.
        string gate = NewName();
        Task<int> waits = actor.Wait(new Letter(gate, "-"));
        while (await actor.Take(new Letter("-", "beside")).AsTask().WaitAsync(s_deadline) != 1)
        {
            await Task.Yield(); // It has not begun.
        }

        IPicky remote = cluster.Nodes[0].Get<IPicky>(ActorId.Of(actor).Key.Text);
        Task<int> weighed = remote.Weigh("after", Payload.Copy<int>([4, 5, 6])).AsTask();
        Task<int> measured = remote.Measure("after", new MemoryStream(new byte[50_000])).AsTask();
        Assert.Equal(1, await remote.Take(new Letter("-", "beside")).AsTask().WaitAsync(s_deadline)); // Behind them: they were looked at.
        cluster.Nodes[0].Move(actor, cluster.Nodes[2].Id);
        await Life.Eventually.TrueAsync(() => cluster.Nodes[1].Activations.TryFind(ActorId.Of(actor)) is { EndReason: DeactivationReason.Moved }, "it is asked to end");
        Assert.False(weighed.IsCompleted || measured.IsCompleted);
        PickyBase.GateOf(gate).SetResult();
        Assert.Equal(1, await waits.WaitAsync(s_deadline));
        Assert.Equal(15, await weighed.WaitAsync(s_deadline));
        Assert.Equal(50_000, await measured.WaitAsync(s_deadline));
        await Life.Eventually.TrueAsync(() => cluster.Nodes[2].Activations.TryFind(ActorId.Of(actor)) is not null, "it has moved");
    }

    [Fact]
    public async Task A_call_chain_that_it_lets_back_in_is_no_deadlock()
    {
        await using TestCluster cluster = await StartAsync();
        IPicky actor = cluster.Clients[0].Get<IPicky>(NewName());
        Assert.Equal(0, await actor.AskThrough(NewName(), new Letter("-", "beside")).WaitAsync(s_deadline));
        ActorFaultException told = await Assert.ThrowsAsync<ActorFaultException>(() => actor.AskThrough(NewName(), new Letter("-", "after")).WaitAsync(s_deadline));
        Assert.Contains(nameof(ActorDeadlockException), told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tick_of_a_timer_is_no_call_to_be_asked_about()
    {
        await using TestCluster cluster = await StartAsync();
        IPicky actor = cluster.Nodes[0].Get<IPicky>(NewName());
        string gate = NewName();
        string ticked = NewName();
        await actor.StartTimer(ticked);
        Task<int> waits = actor.Wait(new Letter(gate, "-"));
        Assert.Equal(1, await actor.Take(new Letter("-", "beside")).AsTask().WaitAsync(s_deadline));
        PickyBase.GateOf(gate).SetResult();
        await waits.WaitAsync(s_deadline);
        await PickyBase.GateOf(ticked).Task.WaitAsync(s_deadline);
    }

    private static Task<TestCluster> StartAsync() => TestCluster.StartAsync(1, clients: 1, static options => options.AskTimeout = s_deadline);

    private static string NewName() => Guid.NewGuid().ToString("n");

    /// <summary>An actor in a turn that waits for a gate; called from its own node, or from another one.</summary>
    private static async Task<(IPicky Actor, string Gate, Task<int> Waits)> HoldAsync(TestCluster cluster, bool isRemote)
    {
        IPicky actor = (isRemote ? cluster.Clients[0] : cluster.Nodes[0]).Get<IPicky>(NewName());
        await actor.Plain();
        string gate = NewName();
        Task<int> waits = actor.Wait(new Letter(gate, "-"));
        Assert.Equal(1, await actor.Take(new Letter("-", "beside")).AsTask().WaitAsync(s_deadline)); // It is open now.
        return (actor, gate, waits);
    }

    private sealed class FailureLog : ILoggerFactory, ILogger
    {
        private readonly Lock _lock = new();

        public List<Exception> Failures { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 245)
            {
                lock (_lock)
                {
                    Failures.Add(exception!);
                }
            }
        }

        public void Dispose()
        {
        }
    }
}
