using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Transport;
using Orleans;

namespace Kameo.Actors.Tests.Local;

/// <summary>How long a tell may wait for a place, and that one that has been accepted runs however long its actor takes.</summary>
public sealed class TellDeadlineTests
{
    private const int Capacity = 4;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(ActorPlacement.Hashed)]
    [InlineData(ActorPlacement.PreferLocal)]
    public async Task A_tell_that_finds_no_place_until_its_deadline_fails_and_does_not_run(ActorPlacement placement)
    {
        await using TestCluster cluster = await StartAsync(nodes: 1, placement);
        string key = Journal.NewKey();
        IStuck actor = cluster.Nodes[0].Get<IStuck>(key);
        Task waits = actor.Wait().AsTask();
        Assert.Equal("waits", await Journal.Of(key).NextAsync());
        int number = 0;
        Task sent = Task.CompletedTask;
        while (sent.IsCompleted)
        {
            await sent;
            sent = actor.Tell().Add(++number).AsTask();
        }

        Assert.InRange(number, Capacity, Capacity + 1);
        OverloadedException refused = await Assert.ThrowsAsync<OverloadedException>(() => sent.WaitAsync(s_deadline));
        Assert.Equal(CallOutcome.NotRun, refused.Outcome);
        Journal.Of(key).Gate("go").SetResult();
        await waits.WaitAsync(s_deadline);
        Assert.Equal(Enumerable.Range(1, number - 1), await actor.Read());
    }

    [Fact]
    public async Task A_tell_that_waits_for_a_place_as_its_node_stops_fails_and_was_not_told_to_have_one()
    {
        await using TestCluster cluster = await StartAsync(nodes: 1, timeout: TimeSpan.FromMinutes(10));
        ActorNode node = cluster.Nodes[0];
        string key = Journal.NewKey();
        IStuck actor = node.Get<IStuck>(key);
        Task waits = actor.Wait().AsTask();
        Assert.Equal("waits", await Journal.Of(key).NextAsync());
        Task sent = Task.CompletedTask;
        while (sent.IsCompleted)
        {
            await sent;
            sent = actor.Tell().Add(0).AsTask();
        }

        Activation activation = node.Activations.TryFind(ActorId.Of(actor))!;
        Task stopped = node.StopAsync();
        await Eventually.TrueAsync(() => EndAskedOf(activation) != 0 || activation.PendingEnd != 0, "it to be asked to end");
        Assert.False(sent.IsCompleted);
        Journal.Of(key).Gate("go").SetResult();
        NodeUnreachableException refused = await Assert.ThrowsAsync<NodeUnreachableException>(() => sent.WaitAsync(s_deadline));
        Assert.Equal(CallOutcome.NotRun, refused.Outcome);
        await stopped.WaitAsync(s_deadline);
        await waits.WaitAsync(s_deadline);
    }

    [Theory]
    [InlineData(ActorPlacement.Hashed)]
    [InlineData(ActorPlacement.PreferLocal)]
    public async Task A_turn_whose_tells_fill_its_own_mailbox_is_told_at_once(ActorPlacement placement)
    {
        await using TestCluster cluster = await StartAsync(nodes: 1, placement, TimeSpan.FromMinutes(10));
        string key = Journal.NewKey();
        Task<bool> fill = cluster.Nodes[0].Get<IStuck>(key).Fill(key).AsTask();
        Assert.Equal("waits", await Journal.Of(key).NextAsync());
        Journal.Of(key).Gate("go").SetResult();
        Assert.True(await fill.WaitAsync(s_deadline));
        Assert.Equal(Enumerable.Range(0, Capacity), await cluster.Nodes[0].Get<IStuck>(key).Read());
    }

    [Fact]
    public async Task Two_actors_with_full_mailboxes_whose_turns_tell_each_other_go_on_after_a_deadline()
    {
        await using TestCluster cluster = await StartAsync(nodes: 1);
        string[] keys = [Journal.NewKey(), Journal.NewKey()];
        Task<bool>[] fill = [.. keys.Select((key, index) => cluster.Nodes[0].Get<IStuck>(key).Fill(keys[1 - index]).AsTask())];
        foreach (string key in keys)
        {
            Assert.Equal("waits", await Journal.Of(key).NextAsync());
        }

        Array.ForEach(keys, static key => Journal.Of(key).Gate("go").SetResult());
        Assert.Contains(true, await Task.WhenAll(fill).WaitAsync(s_deadline));
        foreach (string key in keys)
        {
            Assert.NotEmpty(await cluster.Nodes[0].Get<IStuck>(key).Read().AsTask().WaitAsync(s_deadline));
        }
    }

    [Fact]
    public async Task What_another_node_has_accepted_runs_in_order_after_its_deadline()
    {
        const int Tells = 20;
        await using TestCluster cluster = await StartAsync(nodes: 2);
        ActorNode from = cluster.Nodes[0];
        string key;
        do
        {
            key = Journal.NewKey();
        }
        while (await from.Get<IStuck>(key).Where() == from.Transport.Id);

        IStuck actor = from.Get<IStuck>(key);
        Task waits = actor.Wait().AsTask();
        Assert.Equal("waits", await Journal.Of(key).NextAsync());
        for (int number = 1; number <= Tells; number++)
        {
            await actor.Tell().Add(number);
        }

        long until = from.Clock.NowMilliseconds + 1000;
        await Eventually.TrueAsync(() => from.Clock.NowMilliseconds > until, "the tells' deadline to have passed");
        Journal.Of(key).Gate("go").SetResult();
        await waits.WaitAsync(s_deadline);
        Assert.Equal(Enumerable.Range(1, Tells), await actor.Read());
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_endAsked")]
    private static extern ref byte EndAskedOf(Activation activation);

    private static Task<TestCluster> StartAsync(int nodes, ActorPlacement placement = ActorPlacement.Hashed, TimeSpan? timeout = null) => TestCluster.StartAsync(nodes, configure: options =>
    {
        options.MailboxCapacity = Capacity;
        options.TellTimeout = timeout ?? TimeSpan.FromMilliseconds(300);
        options.ClassSpecificPlacement[typeof(StuckActor)] = new(placement);
    });

    public interface IStuck : IGrainWithStringKey
    {
        /// <summary>Waits for the gate.</summary>
        ValueTask Wait();

        /// <summary>Waits for the gate, then tells another one until that has no place, or was told often enough.</summary>
        ValueTask<bool> Fill(string other);

        ValueTask Add(int number);

        ValueTask<int[]> Read();

        ValueTask<PeerId> Where();
    }

    public sealed class StuckActor(ActorNode node) : Actor, IStuck
    {
        private readonly List<int> _numbers = [];

        public async ValueTask Wait()
        {
            Journal.Of(Key.Text).Write("waits");
            await Journal.Of(Key.Text).Gate("go").Task;
        }

        public async ValueTask<bool> Fill(string other)
        {
            await Wait();
            try
            {
                for (int number = 0; number < 50; number++)
                {
                    await Actors.Get<IStuck>(other).Tell().Add(number);
                }

                return false;
            }
            catch (OverloadedException)
            {
                return true;
            }
        }

        public ValueTask Add(int number)
        {
            _numbers.Add(number);
            return default;
        }

        public ValueTask<int[]> Read() => new([.. _numbers]);

        public ValueTask<PeerId> Where() => new(node.Transport.Id);
    }
}
