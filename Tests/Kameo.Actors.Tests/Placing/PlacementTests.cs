namespace Kameo.Actors.Tests.Placing;

/// <summary>Actors that are placed by choice: the owner of their slot has on record where they are.</summary>
public sealed class PlacementTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_class_that_prefers_to_be_local_runs_where_it_is_called_first()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(3);
        for (int index = 0; index < 12; index++)
        {
            ActorNode caller = cluster.Nodes[index % 3];
            Assert.Equal(caller.Id.ToString(), await caller.Get<ILocalOne>($"local-{index}").Node().AsTask().WaitAsync(s_deadline));
        }

        foreach (ActorNode node in cluster.Nodes)
        {
            Assert.Equal(cluster.Nodes[0].Id.ToString(), await node.Get<ILocalOne>("local-0").Node().AsTask().WaitAsync(s_deadline));
        }
    }

    [Fact]
    public async Task Orleans_random_placement_uses_every_node()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(3);
        var used = new HashSet<string>();
        for (int index = 0; index < 60; index++)
        {
            used.Add(await cluster.Nodes[0].Get<IRandomOne>($"random-{index}").Node().AsTask().WaitAsync(s_deadline));
        }

        Assert.Equal(3, used.Count);
    }

    [Fact]
    public async Task A_class_that_seeks_the_least_loaded_node_fills_the_one_that_has_fewer()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(2);
        for (int index = 0; index < 400; index++)
        {
            await cluster.Nodes[0].Get<ILocalOne>($"ballast-{index}").Count().AsTask().WaitAsync(s_deadline);
        }

        await Life.Eventually.TrueAsync(() => cluster.Nodes[1].Slots!.KnownLoadOf(cluster.Nodes[0].Id) >= 400, "what the other node says of its load");
        string light = cluster.Nodes[1].Id.ToString();
        int onLight = 0;
        for (int index = 0; index < 100; index++)
        {
            onLight += await cluster.Nodes[index % 2].Get<ILightOne>($"light-{index}").Node().AsTask().WaitAsync(s_deadline) == light ? 1 : 0;
        }

        Assert.Equal(100, onLight);
    }

    [Fact]
    public async Task A_pinned_class_runs_only_where_the_label_is()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(3, static (index, options) =>
        {
            if (index == 2)
            {
                options.Membership!.Labels.Add("disk=fast");
            }
        });
        for (int index = 0; index < 12; index++)
        {
            Assert.Equal(cluster.Nodes[2].Id.ToString(), await cluster.Nodes[index % 3].Get<IPinnedOne>($"pinned-{index}").Node().AsTask().WaitAsync(s_deadline));
        }
    }

    [Fact]
    public async Task A_pinned_class_without_such_a_node_is_refused_by_name()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(1);
        NodeUnreachableException told = await Assert.ThrowsAnyAsync<NodeUnreachableException>(() => cluster.Nodes[0].Get<IPinnedOne>("nowhere").Node().AsTask().WaitAsync(s_deadline));
        Assert.Equal(CallOutcome.NotRun, told.Outcome);
        Assert.Contains("disk=fast", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_actor_is_moved_by_order_and_what_waits_in_it_goes_with_it_in_order()
    {
        const int Gate = 4711;
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(3);
        ILocalOne actor = cluster.Nodes[0].Get<ILocalOne>("moved");
        Assert.Equal(cluster.Nodes[0].Id.ToString(), await actor.Node().AsTask().WaitAsync(s_deadline));
        long fence = await actor.Fence();
        Task<long> running = actor.CountAfter(Gate);
        Task<long>[] waiting = [.. Enumerable.Range(0, 20).Select(_ => actor.Count().AsTask())];
        cluster.Nodes[1].Move(actor, cluster.Nodes[2].Id);
        Gates.Of(Gate).SetResult();
        Assert.Equal(1, await running.WaitAsync(s_deadline));
        long before = 1;
        int activations = 1;
        foreach (long count in await Task.WhenAll(waiting).WaitAsync(s_deadline))
        {
            activations += count == 1 ? 1 : 0; // It goes on where it was moved to, at the beginning.
            Assert.True(count == 1 || count == before + 1, $"{count} after {before}");
            before = count;
        }

        Assert.InRange(activations, 1, 2);
        await Life.Eventually.TrueAsync(async () => await actor.Node() == cluster.Nodes[2].Id.ToString(), "the actor is where it was moved to");
        Assert.True(await actor.Fence() >= fence);
    }

    [Fact]
    public async Task An_actor_whose_place_is_computed_cannot_be_moved()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(1);
        Assert.Throws<InvalidOperationException>(() => cluster.Nodes[0].Move(cluster.Nodes[0].Get<Actors.ICounter>("fixed"), cluster.Nodes[0].Id));
    }

    [Fact]
    public async Task Records_go_with_their_slots_when_nodes_join_and_leave()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(2);
        for (int index = 0; index < 40; index++)
        {
            Assert.Equal(1, await cluster.Nodes[0].Get<ILocalOne>($"kept-{index}").Count().AsTask().WaitAsync(s_deadline));
        }

        ActorNode third = await cluster.AddAsync();
        for (int index = 0; index < 40; index++)
        {
            Assert.Equal(2, await third.Get<ILocalOne>($"kept-{index}").Count().AsTask().WaitAsync(s_deadline)); // The same activation: still at the first node.
        }

        await cluster.Nodes[1].StopAsync();
        for (int index = 0; index < 40; index++)
        {
            Assert.Equal(3, await third.Get<ILocalOne>($"kept-{index}").Count().AsTask().WaitAsync(s_deadline));
        }
    }

    [Fact]
    public async Task A_class_that_a_peer_made_up_leaves_nothing_behind()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(1);
        int known = cluster.Nodes[0].Slots!.KnownPlacements;
        for (int index = 0; index < 100; index++)
        {
            Assert.False(cluster.Nodes[0].Slots!.PlacementOf($"made up {index}").IsRecorded); // As the gate asks for each request that names one.
        }

        Assert.Equal(known, cluster.Nodes[0].Slots!.KnownPlacements);
    }
}
