using Kameo.Actors.Tests.Handoff;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Placing;

namespace Kameo.Actors.Tests.Moves;

/// <summary>A class that is pinned to a label runs where the label is and nowhere else, whoever comes and goes.</summary>
public sealed class PinnedMoveTests
{
    private const string Label = "disk=fast";
    private static readonly TimeSpan s_deadline = RealCluster.Deadline;

    [Fact]
    public async Task It_goes_with_the_label_and_is_refused_by_name_while_nobody_has_it()
    {
        bool isLabelled = false;
        await using RealCluster cluster = await RealCluster.StartAsync(2, options =>
        {
            if (isLabelled)
            {
                options.Membership!.Labels.Add(Label);
            }
        });
        ActorNode client = await cluster.AddClientAsync();
        ActorNode[] callers = [client, .. cluster.Members];
        string[] keys = [.. Enumerable.Range(0, 8).Select(static _ => Journal.NewKey())];
        await AssertRefusedAsync(callers, keys);
        isLabelled = true;
        ActorNode first = await cluster.JoinAsync();
        await AssertAtAsync(first, callers, keys);
        ActorNode second = await cluster.JoinAsync();
        await AssertAtAsync(first, callers, keys); // They are on record there.
        await cluster.LeaveAsync(first);
        await AssertAtAsync(second, callers, keys);
        Assert.Throws<ArgumentException>(() => cluster.Members[0].Move(cluster.Members[0].Get<IPinnedOne>(keys[0]), cluster.Members[1].Id));
        await cluster.LeaveAsync(second);
        await AssertRefusedAsync(callers, keys);
    }

    [Fact]
    public async Task Calls_that_wait_for_its_node_do_not_run_elsewhere_when_that_is_evicted()
    {
        int made = 0;
        await using RealCluster cluster = await RealCluster.StartAsync(2, options =>
        {
            if (made++ == 1)
            {
                options.Membership!.Labels.Add(Label);
            }
        });
        (ActorNode owner, ActorNode pinned) = (cluster.Members[0], cluster.Members[1]);
        await cluster.SettleAsync();
        string key;
        do
        {
            key = Journal.NewKey();
        }
        while (owner.Slots!.GroupOf(typeof(PinnedOneActor).FullName!)!.OwnerOf(Placement.SlotHash.SlotOf(new ActorId(typeof(PinnedOneActor).FullName!, ActorKey.Of(key)))).Peer != owner.Id);

        IPinnedOne actor = owner.Get<IPinnedOne>(key);
        Assert.Equal(pinned.Id.ToString(), await actor.Node());
        List<Task<string>> waiting = [];
        using (await SlotStall.OfAsync(owner)) // Its slots do not know the view yet that its connections are ended by.
        {
            await owner.Transport.Membership!.EvictAsync(pinned.Id);
            await Eventually.TrueAsync(() => owner.Transport.FindPeer(pinned.Id)?.Connection is null, "the connection to be ended");
            waiting.Add(actor.Node().AsTask());
            waiting.Add(owner.Get<IPinnedOne>($"{key}/new").Node().AsTask());
            Assert.DoesNotContain(waiting, static call => call.IsCompleted);
        }

        // It is evicted, and joins again as another incarnation with the same label: whoever is not refused finds it there.
        foreach (Task<string> call in waiting)
        {
            try
            {
                Assert.Equal(pinned.Id.ToString(), await call.WaitAsync(s_deadline));
            }
            catch (NodeUnreachableException refused)
            {
                Assert.Equal(CallOutcome.NotRun, refused.Outcome);
            }
        }

        Assert.DoesNotContain(owner.Activations.All, static one => one.Id.ClassName == typeof(PinnedOneActor).FullName);
    }

    private static async Task AssertAtAsync(ActorNode node, ActorNode[] callers, string[] keys)
    {
        foreach (ActorNode caller in callers)
        {
            foreach (string key in keys)
            {
                Assert.Equal(node.Id.ToString(), await caller.Get<IPinnedOne>(key).Node().AsTask().WaitAsync(s_deadline));
            }
        }
    }

    private static async Task AssertRefusedAsync(ActorNode[] callers, string[] keys)
    {
        foreach (ActorNode caller in callers)
        {
            foreach (string key in keys)
            {
                NodeUnreachableException refused = await Assert.ThrowsAsync<NodeUnreachableException>(() => caller.Get<IPinnedOne>(key).Node().AsTask().WaitAsync(s_deadline));
                Assert.Equal(CallOutcome.NotRun, refused.Outcome);
                Assert.Contains(Label, refused.Message, StringComparison.Ordinal);
            }
        }
    }
}
