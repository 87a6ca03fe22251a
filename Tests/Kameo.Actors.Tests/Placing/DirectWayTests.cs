using Kameo.Actors.Placement;
using Kameo.Actors.Slots.Direct;
using Kameo.Actors.Tests.Life;

namespace Kameo.Actors.Tests.Placing;

/// <summary>Who calls an actor that is on record elsewhere than at the owner of its slot learns where, and calls it there.</summary>
public sealed class DirectWayTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_second_call_does_not_pass_through_the_owner()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(3);
        (IRandomOne actor, ActorNode caller, ActorNode owner, ActorNode host) = await FindAsync(cluster, "second");
        await OpensAsync(caller, actor, host);
        long passed = owner.Slots!.PassedByRecord;
        for (int count = 0; count < 50; count++)
        {
            Assert.Equal(host.Id.ToString(), await actor.Node().AsTask().WaitAsync(s_deadline));
            await actor.Tell().Count();
        }

        Assert.Equal(51, await actor.Count().AsTask().WaitAsync(s_deadline));
        Assert.Equal(passed, owner.Slots.PassedByRecord);
        Assert.Equal(0, caller.Slots!.Held);
    }

    [Fact]
    public async Task An_actor_on_the_callers_own_node_is_called_there()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(3);
        for (int number = 0; ; number++)
        {
            ILocalOne actor = cluster.Nodes[0].Get<ILocalOne>($"own{number}");
            ActorNode owner = OwnerOf(cluster, ActorId.Of(actor));
            if (owner == cluster.Nodes[0])
            {
                continue;
            }

            await actor.Count().AsTask().WaitAsync(s_deadline);
            await Eventually.TrueAsync(() => cluster.Nodes[0].Slots!.WayOf(ActorId.Of(actor))?.State == DirectWayState.Here, "the way is known");
            long passed = owner.Slots!.PassedByRecord;
            for (int count = 2; count < 50; count++)
            {
                Assert.Equal(count, await actor.Count().AsTask().WaitAsync(s_deadline));
            }

            Assert.Equal(passed, owner.Slots.PassedByRecord);
            return;
        }
    }

    [Fact]
    public async Task After_a_move_one_call_is_passed_on_and_then_calls_go_to_the_new_place()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(4);
        (IRandomOne actor, ActorNode caller, ActorNode owner, ActorNode host) = await FindAsync(cluster, "moved");
        await OpensAsync(caller, actor, host);
        ActorNode other = cluster.Nodes.First(node => node != caller && node != owner && node != host);
        owner.Move(actor, other.Id);
        await Eventually.TrueAsync(() => host.Activations.TryFind(ActorId.Of(actor)) is null, "the actor has ended where it was");
        long passed = owner.Slots!.PassedByRecord;
        Assert.Equal(other.Id.ToString(), await actor.Node().AsTask().WaitAsync(s_deadline)); // By the old place and the owner.
        int more = await OpensAsync(caller, actor, other);
        Assert.InRange(owner.Slots.PassedByRecord, passed + 1, passed + 1 + more);
        passed = owner.Slots.PassedByRecord;
        for (int count = 0; count < 50; count++)
        {
            Assert.Equal(other.Id.ToString(), await actor.Node().AsTask().WaitAsync(s_deadline));
        }

        Assert.Equal(passed, owner.Slots.PassedByRecord);
    }

    [Fact]
    public async Task Beyond_the_bound_calls_go_by_the_owner()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(3);
        cluster.Nodes[0].Slots!.DirectWaysLimit = 1;
        (IRandomOne first, ActorNode caller, _, ActorNode host) = await FindAsync(cluster, "bounded");
        await Eventually.TrueAsync(() => caller.Slots!.DirectWays == 1, "one way");
        (IRandomOne second, _, ActorNode owner, ActorNode other) = await FindAsync(cluster, "beyond");
        long passed = owner.Slots!.PassedByRecord;
        for (int count = 0; count < 20; count++)
        {
            Assert.Equal(host.Id.ToString(), await first.Node().AsTask().WaitAsync(s_deadline));
            Assert.Equal(other.Id.ToString(), await second.Node().AsTask().WaitAsync(s_deadline));
        }

        Assert.Null(caller.Slots!.WayOf(ActorId.Of(second)));
        Assert.Equal(1, caller.Slots.DirectWays);
        Assert.InRange(owner.Slots.PassedByRecord, passed + 20, passed + 40);
    }

    [Fact]
    public async Task A_way_to_a_node_that_leaves_is_left()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(3);
        ActorNode caller = cluster.Nodes[0];
        List<IRandomOne> actors = [];
        for (int number = 0; number < 40; number++)
        {
            actors.Add(caller.Get<IRandomOne>($"leaves{number}"));
            await actors[^1].Count().AsTask().WaitAsync(s_deadline);
        }

        ActorNode leaver = cluster.Nodes[2];
        await Eventually.TrueAsync(() => actors.Exists(actor => caller.Slots!.WayOf(ActorId.Of(actor)) is { State: DirectWayState.Open } way && way.Host.Peer == leaver.Id), "a way to it");
        await leaver.StopAsync().WaitAsync(s_deadline);
        foreach (IRandomOne actor in actors)
        {
            Assert.NotEqual(leaver.Id.ToString(), await actor.Node().AsTask().WaitAsync(s_deadline));
            Assert.True(caller.Slots!.WayOf(ActorId.Of(actor)) is not { State: DirectWayState.Open } way || way.Host.Peer != leaver.Id);
        }
    }

    /// <summary>An actor that was called once, whose caller, slot and place are on three nodes.</summary>
    private static async Task<(IRandomOne Actor, ActorNode Caller, ActorNode Owner, ActorNode Host)> FindAsync(PlacementCluster cluster, string name)
    {
        for (int number = 0; ; number++)
        {
            ActorNode caller = cluster.Nodes[0];
            IRandomOne actor = caller.Get<IRandomOne>($"{name}{number}");
            string at = await actor.Node().AsTask().WaitAsync(s_deadline);
            ActorNode host = cluster.Nodes.Single(node => node.Id.ToString() == at);
            ActorNode owner = OwnerOf(cluster, ActorId.Of(actor));
            if (host != owner && host != caller && owner != caller)
            {
                return (actor, caller, owner, host);
            }
        }
    }

    private static ActorNode OwnerOf(PlacementCluster cluster, ActorId id) =>
        cluster.Nodes.Single(node => node.Id == cluster.Nodes[0].Slots!.GroupOf(id.ClassName)!.OwnerOf(SlotHash.SlotOf(id)).Peer);

    /// <summary>Waits until the caller's calls go straight to the actor. A question that is not answered in time is asked again for the next call only, so after a while there is one.</summary>
    /// <returns>How many there were.</returns>
    private static async Task<int> OpensAsync(ActorNode caller, IRandomOne actor, ActorNode host)
    {
        int calls = 0;
        long begun = Environment.TickCount64;
        while (caller.Slots!.WayOf(ActorId.Of(actor)) is not { State: DirectWayState.Open } way || way.Host.Peer != host.Id)
        {
            long waited = Environment.TickCount64 - begun;
            Assert.True(waited < s_deadline.TotalMilliseconds, $"the way has not opened: {caller.Slots}");
            if (waited > (calls + 1) * 1000)
            {
                calls++;
                await actor.Node().AsTask().WaitAsync(s_deadline);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }

        return calls;
    }
}
