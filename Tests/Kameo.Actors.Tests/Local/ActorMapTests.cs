using Kameo.Actors.Activations;
using Kameo.Actors.Catalog;
using Kameo.Actors.Testing;

namespace Kameo.Actors.Tests.Local;

/// <summary>The table of activations: what is in it is found, beside whatever comes and goes.</summary>
public sealed class ActorMapTests
{
    private static string ClassName => Class.Name;

    private static ActorClass Class => ActorCatalog.Classes.First(static one => one.Type == typeof(LocalActor));

    [Fact]
    public async Task It_holds_what_was_added_and_not_what_was_removed()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1);
        var map = new ActorMap();
        Activation[] made = [.. Enumerable.Range(0, 5000).Select(key => Get(map, cluster.Nodes[0], key))];
        Assert.Equal(made.Length, map.Count);
        Assert.All(made, one => Assert.Same(one, map.Find(one.Id)));
        Assert.Same(made[7], Get(map, cluster.Nodes[0], 7));
        Assert.Equal(made.ToHashSet(), [.. map.All]);
        Activation by = New(cluster.Nodes[0], 7);
        map.Replace(made[7], by);
        Assert.Same(by, map.Find(by.Id));
        map.Remove(made[7]); // It is not there any more.
        Assert.Equal(made.Length, map.Count);
        map.Remove(by);
        Assert.Null(map.Find(by.Id));
        foreach (Activation one in made)
        {
            map.Remove(one);
        }

        Assert.True(map.IsEmpty);
        Assert.Empty(map.All);
    }

    [Fact]
    public async Task What_stays_is_found_beside_what_comes_and_goes()
    {
        const int Stay = 500;
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1);
        ActorNode node = cluster.Nodes[0];
        var map = new ActorMap();
        Activation[] stay = [.. Enumerable.Range(0, Stay).Select(key => Get(map, node, key))];
        long end = Environment.TickCount64 + 1500;
        Task[] churn =
        [
            .. Enumerable.Range(1, 2).Select(thread => Task.Run(() =>
            {
                for (int round = 0; Environment.TickCount64 < end; round++)
                {
                    // More each round, so that stripes grow again and again.
                    Activation[] come = [.. Enumerable.Range(0, Math.Min(500 + (round * 100), 20_000)).Select(key => Get(map, node, (thread * 1_000_000) + key))];
                    foreach (Activation one in come)
                    {
                        map.Remove(one);
                    }
                }
            })),
            Task.Run(() =>
            {
                while (Environment.TickCount64 < end)
                {
                    Assert.Equal(Stay, map.All.Count(one => one.Id.Key.Integer < Stay));
                }
            }),
        ];
        Task[] look = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (int key = 0; Environment.TickCount64 < end; key = (key + 1) % Stay)
            {
                Assert.Same(stay[key], Get(map, node, key));
                Assert.Same(stay[key], map.Find(stay[key].Id));
            }
        }))];
        await Task.WhenAll([.. churn, .. look]);
        Assert.Equal(Stay, map.Count);
    }

    private static Activation Get(ActorMap map, ActorNode node, long key) =>
        map.GetOrAdd(new ActorId(ClassName, ActorKey.Of(key)), ActorMap.HashOf(Class, ActorKey.Of(key)), node, static (id, node) => New(node, id.Key.Integer));

    private static Activation New(ActorNode node, long key) =>
        new(node.Activations.TermsOf(Class), ActorKey.Of(key));
}
