using System.Collections.Concurrent;
using Kameo.Actors.Placement;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Handoff;
using Orleans;

namespace Kameo.Actors.Tests.Life;

/// <summary>What an actor sees as it is activated: the request context of the call that it is activated for, and a token that says when its node needs it no more.</summary>
public sealed class BeginningTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_has_the_request_context_of_the_first_call(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IBeginner actor = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IBeginner>(Journal.NewKey());
        RequestContext.Set("tenant", "blue");
        Assert.Equal("blue", await actor.SeenAtBegin());
        RequestContext.Clear();
        Assert.Equal("blue", await actor.SeenAtBegin());
        Assert.Null(await (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IBeginner>(Journal.NewKey()).SeenAtBegin());
    }

    [Fact]
    public async Task A_node_that_leaves_does_not_cut_activations_short()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(2);
        (ActorNode stays, ActorNode goes) = (cluster.Members[0], cluster.Members[1]);
        string key = KeyAt(stays, goes) + "waits";
        Task<string?> asked = stays.Get<IBeginner>(key).SeenAtBegin().AsTask();
        Assert.Equal("begins", await Journal.Of(key).NextAsync());
        Task leaving = cluster.LeaveAsync(goes);
        await Eventually.TrueAsync(() => goes.Stopping.IsCancellationRequested, "the leave to have begun");
        Journal.Of(key).Gate("go").SetResult();
        Assert.Null(await asked.WaitAsync(s_deadline));
        await leaving.WaitAsync(s_deadline);
    }

    [Fact]
    public async Task One_that_takes_too_long_is_told_and_its_calls_go_to_where_the_actor_is_then()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1, static options => options.DrainTimeout = TimeSpan.FromMilliseconds(300));
        string[] keys = [.. Enumerable.Range(0, 12).Select(static _ => Journal.NewKey() + "waits")];
        Task<string?>[] asked = [.. keys.Select(key => cluster.Members[0].Get<IBeginner>(key).SeenAtBegin().AsTask())];
        foreach (string key in keys)
        {
            Assert.Equal("begins", await Journal.Of(key).NextAsync());
        }

        Task joined = cluster.JoinAsync();
        string moved = await await Task.WhenAny(keys.Select(static async key =>
        {
            Assert.Equal("told", await Journal.Of(key).NextAsync());
            return key;
        }));
        Assert.Equal("begins", await Journal.Of(moved).NextAsync()); // At the other node.
        Array.ForEach(keys, static key => Journal.Of(key).Gate("go").SetResult());
        Assert.All(await Task.WhenAll(asked).WaitAsync(s_deadline), Assert.Null);
        await joined.WaitAsync(s_deadline);
    }

    [Fact]
    public async Task One_that_the_end_of_its_node_cuts_short_has_not_failed()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: static options => options.DrainTimeout = TimeSpan.FromMilliseconds(300));
        string key = Journal.NewKey() + "waits";
        Task<string?> asked = cluster.Nodes[0].Get<IBeginner>(key).SeenAtBegin().AsTask();
        Assert.Equal("begins", await Journal.Of(key).NextAsync());
        await cluster.Nodes[0].StopAsync().WaitAsync(s_deadline);
        NodeUnreachableException refused = await Assert.ThrowsAsync<NodeUnreachableException>(() => asked.WaitAsync(s_deadline));
        Assert.Equal(CallOutcome.NotRun, refused.Outcome);
        Assert.Equal("told", await Journal.Of(key).NextAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_takes_longer_than_it_may_fails_its_calls_and_the_next_begins_anew(bool heeds)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1, static options =>
        {
            options.ActivationTimeout = TimeSpan.FromMilliseconds(200);
            options.DeactivationTimeout = TimeSpan.FromMilliseconds(200);
            options.AskTimeout = s_deadline;
        });
        string key = Journal.NewKey() + (heeds ? "waits" : "deaf");
        foreach (ActorNode from in new[] { cluster.Nodes[0], cluster.Clients[0] })
        {
            Task<string?> asked = from.Get<IBeginner>(key).SeenAtBegin().AsTask();
            Assert.Equal("begins", await Journal.Of(key).NextAsync());
            Assert.Equal("told", await Journal.Of(key).NextAsync());
            ActorActivationException failed = await Assert.ThrowsAsync<ActorActivationException>(() => asked.WaitAsync(s_deadline));
            Assert.Contains("did not end within 00:00:00.2", failed.Message, StringComparison.Ordinal);
        }

        Task<string?> last = cluster.Clients[0].Get<IBeginner>(key).SeenAtBegin().AsTask();
        Journal.Of(key).Gate("go").SetResult(); // Who was left behind could go on now; but is not entered.
        Assert.Null(await last.WaitAsync(s_deadline));
        Assert.DoesNotContain("goes on", Journal.Of(key).Rest().SkipLast(1));
    }

    [Fact]
    public async Task One_that_ends_just_as_its_time_is_over_has_not_failed()
    {
        var time = new FakeTime();
        await using TimedCluster cluster = await TimedCluster.StartAsync(time, configure: static options => options.AskTimeout = TimeSpan.FromHours(1));
        string key = Journal.NewKey() + "leaves";
        Task<string?> asked = cluster.Nodes[0].Get<IBeginner>(key).SeenAtBegin().AsTask();
        Assert.Equal("begins", await Journal.Of(key).NextAsync());
        using var busy = new ManualResetEventSlim();
        BeginnerActor.Contexts[key].Post(
            _ =>
            {
                Journal.Of(key).Write("busy");
                busy.Wait(s_deadline);
            },
            null);
        Assert.Equal("busy", await Journal.Of(key).NextAsync());
        time.Advance(new ActorNodeOptions().ActivationTimeout); // That is seen in the executor.
        Journal.Of(key).Gate("go").SetResult();
        Assert.Equal("ends", await Journal.Of(key).NextAsync());
        await Eventually.TrueAsync(() => BeginnerActor.Beginnings[key].IsCompleted, "its beginning to be over");
        busy.Set();
        Assert.Null(await asked.WaitAsync(s_deadline));
    }

    private static string KeyAt(ActorNode from, ActorNode at)
    {
        while (true)
        {
            string key = Journal.NewKey();
            ActorId id = ActorId.Of(from.Get<IBeginner>(key + "waits"));
            if (from.Slots!.GroupOf(id.ClassName)!.OwnerOf(SlotHash.SlotOf(id)).Peer == at.Id)
            {
                return key;
            }
        }
    }

    public interface IBeginner : IGrainWithStringKey
    {
        ValueTask<string?> SeenAtBegin();
    }

    public sealed class BeginnerActor : Actor, IBeginner
    {
        private string? _seen;

        public static ConcurrentDictionary<string, SynchronizationContext> Contexts { get; } = new();

        public static ConcurrentDictionary<string, Task> Beginnings { get; } = new();

        public override ValueTask OnActivateAsync(CancellationToken cancellation) =>
            Key.Text.EndsWith("leaves", StringComparison.Ordinal) ? new ValueTask(Beginnings[Key.Text] = LeaveAsync()) : BeginAsync(cancellation);

        /// <summary>Leaves its turn, and ends outside of it.</summary>
        private async Task LeaveAsync()
        {
            Contexts[Key.Text] = SynchronizationContext.Current!;
            Journal.Of(Key.Text).Write("begins");
            await Journal.Of(Key.Text).Gate("go").Task.ConfigureAwait(false);
            Journal.Of(Key.Text).Write("ends");
        }

        private async ValueTask BeginAsync(CancellationToken cancellation)
        {
            _seen = RequestContext.Get("tenant") as string;
            bool isDeaf = Key.Text.EndsWith("deaf", StringComparison.Ordinal);
            if (!isDeaf && !Key.Text.EndsWith("waits", StringComparison.Ordinal))
            {
                return;
            }

            Journal.Of(Key.Text).Write("begins");
            if (isDeaf)
            {
                await using CancellationTokenRegistration told = cancellation.UnsafeRegister(static key => Journal.Of((string)key!).Write("told"), Key.Text);
                await Journal.Of(Key.Text).Gate("go").Task;
                Journal.Of(Key.Text).Write("goes on");
                return;
            }

            try
            {
                await Journal.Of(Key.Text).Gate("go").Task.WaitAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                Journal.Of(Key.Text).Write("told");
                throw;
            }
        }

        public ValueTask<string?> SeenAtBegin() => new(_seen);
    }
}
