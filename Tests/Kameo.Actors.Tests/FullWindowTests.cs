using Kameo.Actors.Testing;
using Kameo.Actors.Transport;
using Orleans;

namespace Kameo.Actors.Tests;

/// <summary>Windows that are full in both directions, and turns that ask while they are, drain by themselves: nothing waits for its deadline.</summary>
public sealed class FullWindowTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task Both_nodes_with_full_windows_towards_each_other_go_on()
    {
        const int Calls = 1_500;
        await using TestCluster cluster = await StartAsync(nodes: 2, clients: 0);
        byte[] load = new byte[2_000];

        // Three megabytes each way against windows of 256 KiB; each call goes on to two more actors, mostly on the other node.
        Task<int>[] calls = [.. Enumerable.Range(0, Calls).SelectMany(number => new[]
        {
            cluster.Nodes[0].Get<IBouncer>(number * 10).Bounce(load, 2).AsTask(),
            cluster.Nodes[1].Get<IBouncer>((number * 10) + 5).Bounce(load, 2).AsTask(),
        })];
        Assert.All(await Task.WhenAll(calls).WaitAsync(s_deadline), static hops => Assert.Equal(2, hops));
    }

    [Fact]
    public async Task An_actor_with_a_full_mailbox_asks_back_over_the_same_connection()
    {
        const int Calls = 2_000;
        await using TestCluster cluster = await StartAsync(nodes: 2, clients: 0);
        int busy = await KeyAtAsync(cluster, cluster.Nodes[1]);
        int partner = await KeyAtAsync(cluster, cluster.Nodes[0]);
        byte[] load = new byte[2_000];
        Task<int>[] calls = [.. Enumerable.Range(0, Calls).Select(_ => cluster.Nodes[0].Get<IBouncer>(busy).AskBack(load, partner).AsTask())];
        Assert.Equal(Calls, (await Task.WhenAll(calls).WaitAsync(s_deadline)).Length);
    }

    private static async Task<int> KeyAtAsync(TestCluster cluster, ActorNode node)
    {
        // Where an actor lives is computed: the first key that the node itself runs.
        for (int key = 0; ; key++)
        {
            if (await cluster.Nodes[0].Get<IBouncer>(key).Where() == node.Transport.Id)
            {
                return key;
            }
        }
    }

    private static Task<TestCluster> StartAsync(int nodes, int clients) => TestCluster.StartAsync(nodes, clients, static options =>
    {
        options.Limits = new TransportLimits { WindowBytes = 256 * 1024 };
        options.AskTimeout = TimeSpan.FromSeconds(20);
    });

    public interface IBouncer : IGrainWithIntegerKey
    {
        ValueTask<int> Bounce(byte[] load, int hops);

        ValueTask<int> AskBack(byte[] load, int whom);

        ValueTask<PeerId> Where();
    }

    public sealed class BouncerActor(ActorNode node) : Actor, IBouncer
    {
        public async ValueTask<int> Bounce(byte[] load, int hops) => hops == 0 ? 0 : 1 + await Actors.Get<IBouncer>(Key.Integer + 1).Bounce(load, hops - 1);

        public async ValueTask<int> AskBack(byte[] load, int whom) => 1 + await Actors.Get<IBouncer>(whom).Bounce(load, 0);

        public ValueTask<PeerId> Where() => new(node.Transport.Id);
    }
}
