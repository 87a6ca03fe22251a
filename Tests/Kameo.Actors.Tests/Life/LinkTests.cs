using Kameo.Actors.Supervision;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Calls;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Tests.Life;

/// <summary>Links: Kameo's, between actors that are always addressable; the same on one node and across nodes.</summary>
public sealed class LinkTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    public enum Where
    {
        OneNode,
        TwoNodes,
    }

    [Theory]
    [InlineData(Where.OneNode)]
    [InlineData(Where.TwoNodes)]
    public async Task Each_end_of_a_link_hears_of_the_death_of_the_other_once(Where where)
    {
        await using TestCluster cluster = await StartAsync(where);
        for (int round = 0; round < 2; round++)
        {
            (string a, string b) = Keys(cluster, where);
            await Get(cluster, a).Link(b);
            await (round == 0 ? Get(cluster, a) : Get(cluster, b)).Leave();
            (string dead, string alive) = round == 0 ? (a, b) : (b, a);
            Assert.Equal("deactivated: Requested", await Journal.Of(dead).NextAsync());
            Assert.Equal($"died: {dead}, Requested", await Journal.Of(alive).NextAsync());

            // The link is over: neither a second death of it, nor that of the other, is told.
            await Get(cluster, dead).Leave();
            Assert.Equal("deactivated: Requested", await Journal.Of(dead).NextAsync());
            await Get(cluster, alive).Leave();
            Assert.Equal("deactivated: Requested", await Journal.Of(alive).NextAsync());
            await QuietAsync(cluster);
            Assert.Empty(Journal.Of(dead).Rest());
            Assert.Empty(Journal.Of(alive).Rest());
        }
    }

    [Theory]
    [InlineData(Where.OneNode)]
    [InlineData(Where.TwoNodes)]
    public async Task The_notice_says_of_which_exception_an_actor_died(Where where)
    {
        await using TestCluster cluster = await StartAsync(where);
        (string a, string b) = Keys(cluster, where);
        await Get(cluster, a).Link(b);
        await Assert.ThrowsAsync<ActorFaultException>(async () => await Get(cluster, b).Fail());
        Assert.Equal($"died: {b}, Restarted, {typeof(UnlinkedException).FullName}: it fails", await Journal.Of(a).NextAsync());
    }

    [Theory]
    [InlineData(Where.OneNode, 10, " of 7")]
    [InlineData(Where.TwoNodes, 10, " of 7")]
    [InlineData(Where.OneNode, 2000, "")]
    [InlineData(Where.TwoNodes, 2000, "")]
    public async Task An_exception_that_travels_is_itself_in_the_notice_if_what_it_holds_is_short(Where where, int hintLength, string missing)
    {
        await using TestCluster cluster = await StartAsync(where);
        (string a, string b) = Keys(cluster, where);
        await Get(cluster, a).Link(b);
        await Assert.ThrowsAsync<OverdrawnException>(async () => await Get(cluster, b).FailOverdrawn(7, new string('h', hintLength)));
        Assert.Equal($"died: {b}, Restarted, {typeof(OverdrawnException).FullName}: it fails{missing}", await Journal.Of(a).NextAsync());
    }

    [Theory]
    [InlineData(Where.OneNode)]
    [InlineData(Where.TwoNodes)]
    public async Task An_unlinked_actor_hears_nothing(Where where)
    {
        await using TestCluster cluster = await StartAsync(where);
        (string a, string b) = Keys(cluster, where);
        await Get(cluster, a).Link(b);
        await Get(cluster, b).Link(a); // Again, from the other end: the same link.
        await Get(cluster, a).Unlink(b);
        await QuietAsync(cluster);
        await Get(cluster, b).Leave();
        Assert.Equal("deactivated: Requested", await Journal.Of(b).NextAsync());
        await Get(cluster, a).Leave();
        Assert.Equal("deactivated: Requested", await Journal.Of(a).NextAsync());
        await QuietAsync(cluster);
        Assert.Empty(Journal.Of(a).Rest());
        Assert.Empty(Journal.Of(b).Rest());
    }

    [Theory]
    [InlineData(Where.OneNode)]
    [InlineData(Where.TwoNodes)]
    public async Task A_notice_is_a_turn_in_line_and_its_failure_is_the_actors(Where where)
    {
        await using TestCluster cluster = await StartAsync(where);
        (string a, string b) = Keys(cluster, where);
        await Get(cluster, a).Link(b);
        await Get(cluster, a).OnDeath("fail");
        Task held = Get(cluster, a).Hold("hold");
        Assert.Equal("held", await Journal.Of(a).NextAsync());
        await Get(cluster, b).Leave();
        Assert.Equal("deactivated: Requested", await Journal.Of(b).NextAsync());
        Assert.Empty(Journal.Of(a).Rest());
        Journal.Of(a).Gate("hold").SetResult();
        await held.WaitAsync(s_deadline);
        Assert.Equal($"died: {b}, Requested", await Journal.Of(a).NextAsync());
        Assert.Equal("deactivated: Restarted", await Journal.Of(a).NextAsync());
    }

    [Theory]
    [InlineData(Where.OneNode)]
    [InlineData(Where.TwoNodes)]
    public async Task Death_spreads_along_links_where_actors_choose_to_die_with_others(Where where)
    {
        await using TestCluster cluster = await StartAsync(where);
        (string a, string b) = Keys(cluster, where);
        (string c, string d) = Keys(cluster, where);
        await Get(cluster, a).LinkMany([b, c]);
        await Get(cluster, c).Link(d);
        foreach (string key in new[] { a, c })
        {
            await Get(cluster, key).OnDeath("leave");
        }

        await Get(cluster, b).Leave();
        Assert.Equal($"died: {b}, Requested", await Journal.Of(a).NextAsync());
        Assert.Equal("deactivated: Requested", await Journal.Of(a).NextAsync());
        Assert.Equal($"died: {a}, Requested", await Journal.Of(c).NextAsync());
        Assert.Equal("deactivated: Requested", await Journal.Of(c).NextAsync());
        Assert.Equal($"died: {c}, Requested", await Journal.Of(d).NextAsync());
    }

    [Theory]
    [InlineData(Where.OneNode)]
    [InlineData(Where.TwoNodes)]
    public async Task A_link_can_be_made_again_in_the_notice(Where where)
    {
        await using TestCluster cluster = await StartAsync(where);
        (string a, string b) = Keys(cluster, where);
        await Get(cluster, a).Link(b);
        await Get(cluster, a).OnDeath("again");
        for (int death = 0; death < 3; death++)
        {
            await Get(cluster, b).Leave();
            Assert.Equal($"died: {b}, Requested", await Journal.Of(a).NextAsync());
            await Get(cluster, a).Touch(); // Behind the notice: linked again.
        }
    }

    [Fact]
    public async Task A_link_outlives_being_collected_and_its_notice_activates_the_actor()
    {
        var time = new FakeTime();
        await using TimedCluster cluster = await TimedCluster.StartAsync(time);
        (string a, string b) = (Journal.NewKey(), Journal.NewKey());
        await Get(cluster, a).Link(b);
        await Get(cluster, b).Touch();
        await Eventually.TrueAsync(() => cluster.Nodes[0].Activations.All.All(static one => one.IsUnused(0)), "the turns to have ended");
        time.Advance(TimeSpan.FromMinutes(1.5));
        Assert.Equal("deactivated: Idle", await Journal.Of(a).NextAsync());
        Assert.Equal("deactivated: Idle", await Journal.Of(b).NextAsync());
        await Eventually.TrueAsync(() => cluster.Nodes[0].ActivationCount == 0, "both to be gone");
        Assert.Equal(2, cluster.Nodes[0].Links.Count);
        await Get(cluster, b).Leave();
        Assert.Equal("deactivated: Requested", await Journal.Of(b).NextAsync());
        Assert.Equal($"died: {b}, Requested", await Journal.Of(a).NextAsync());
        Assert.Equal(0, cluster.Nodes[0].Links.Count);
    }

    [Fact]
    public async Task The_end_of_a_node_is_the_death_of_its_actors()
    {
        await using TestCluster cluster = await StartAsync(Where.TwoNodes);
        (string a, string b) = Keys(cluster, Where.TwoNodes);
        await Get(cluster, a).Link(b);
        ActorNode node = NodeOf(cluster, b)!;

        // Cut, so that it cannot say anything any more.
        foreach (Transport.Peer peer in node.Transport.Peers)
        {
            peer.Connection?.Close(Transport.CloseReason.Shutdown, "cut by a test");
        }

        Assert.Equal($"died: {b}, NodeLost", await Journal.Of(a).NextAsync());
        Assert.Equal($"died: {a}, NodeLost", await Journal.Of(b).NextAsync());
        Assert.All(cluster.Nodes, static one => Assert.Equal(0, one.Links.Count));
    }

    [Fact]
    public async Task A_node_that_stops_says_so_for_its_actors()
    {
        await using TestCluster cluster = await StartAsync(Where.TwoNodes);
        (string a, string b) = Keys(cluster, Where.TwoNodes);
        await Get(cluster, b).Touch();
        await Get(cluster, a).Link(b);
        var id = ActorId.Of(Get(cluster, b));
        ActorNode left = NodeOf(cluster, a)!;
        await cluster.StopAsync(NodeOf(cluster, b)!);
        Assert.Equal($"died: {b}, ShuttingDown", await Journal.Of(a).NextAsync());
        await Eventually.TrueAsync(() => Placement.ActorRoute.Find(left.Hosts.Current, id) is { Host.IsLocal: true }, "the node to be seen as gone");
        await Get(cluster, a).Touch();
        Assert.Empty(Journal.Of(a).Rest());
    }

    [Fact]
    public async Task A_death_counts_only_from_the_node_that_the_link_was_made_with()
    {
        await using TestCluster cluster = await StartAsync(Where.TwoNodes);
        (string a, string b) = Keys(cluster, Where.TwoNodes);
        await Get(cluster, a).Link(b);
        ActorNode here = NodeOf(cluster, a)!;
        var death = new LinkMessage(LinkMessageKind.Died, ActorId.Of(Get(cluster, b)), ActorId.Of(Get(cluster, a)), DeactivationReason.Failed);
        here.Links.Deliver(death, here.Id);
        await Get(cluster, a).Touch();
        Assert.Empty(Journal.Of(a).Rest());
        here.Links.Deliver(death, NodeOf(cluster, b)!.Id);
        Assert.Equal($"died: {b}, Failed", await Journal.Of(a).NextAsync());
        here.Links.Deliver(death, NodeOf(cluster, b)!.Id);
        await Get(cluster, a).Touch();
        Assert.Empty(Journal.Of(a).Rest());
    }

    [Theory]
    [InlineData(Where.OneNode)]
    [InlineData(Where.TwoNodes)]
    public async Task An_actor_has_so_many_links_and_no_more_and_none_to_itself(Where where)
    {
        await using TestCluster cluster = await StartAsync(where);
        (string a, string b) = Keys(cluster, where);
        await Assert.ThrowsAsync<ArgumentException>(async () => await Get(cluster, a).LinkItself());
        await Get(cluster, a).LinkMany([.. Enumerable.Range(0, Actor.LinksMax).Select(_ => Journal.NewKey())]);
        await Assert.ThrowsAsync<ActorFaultException>(async () => await Get(cluster, a).Link(b));
        await Assert.ThrowsAsync<ActorFaultException>(async () => await Get(cluster, b).Link(a)); // The other end is full.
        Assert.Equal(2 * Actor.LinksMax, cluster.Nodes.Sum(static node => node.Links.Count));
    }

    /// <summary>An actor may link itself outside of its turns, so while it or the other one ends: the link is made before the death, and over with it, or after it. Never is there only one end.</summary>
    [Theory]
    [InlineData(Where.OneNode)]
    [InlineData(Where.TwoNodes)]
    public async Task A_link_has_both_ends_or_none_whoever_dies_meanwhile(Where where)
    {
        await using TestCluster cluster = await StartAsync(where);
        for (int round = 0; round < 400; round++)
        {
            (string keyA, string keyB) = Keys(cluster, where);
            (ActorId a, ActorId b) = (ActorId.Of(Get(cluster, keyA)), ActorId.Of(Get(cluster, keyB)));
            (ActorLinks ofA, ActorLinks ofB) = (NodeOf(cluster, keyA)!.Links, NodeOf(cluster, keyB)!.Links);
            using var start = new Barrier(2);
            Task linking = Task.Run(async () =>
            {
                start.SignalAndWait();
                await ofA.LinkAsync(a, b, CancellationToken.None);
            });
            start.SignalAndWait();
            if (round % 4 < 2)
            {
                ofA.OnEnded(a, DeactivationReason.Requested, null);
            }
            else
            {
                ofB.OnEnded(b, DeactivationReason.Requested, null);
            }

            await linking.WaitAsync(s_deadline);
            await QuietAsync(cluster);
            Assert.True(cluster.Nodes.Sum(static node => node.Links.Count) is 0 or 2, "a link has one end");
            ofA.OnEnded(a, DeactivationReason.Requested, null);
            await Eventually.TrueAsync(() => cluster.Nodes.Sum(static node => node.Links.Count) == 0, "the link to be over");
        }
    }

    [Fact]
    public async Task A_node_keeps_so_many_ends_and_no_more()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: static options => options.LinksMax = 3);
        (string a, string b) = Keys(cluster, Where.OneNode);
        await Get(cluster, a).Link(b);
        await Assert.ThrowsAsync<ActorFaultException>(async () => await Get(cluster, a).Link(Journal.NewKey()));
        Assert.Equal(2, cluster.Nodes[0].Links.Count);
    }

    [Fact]
    public void A_message_about_a_link_is_these_bytes_and_a_malformed_one_is_refused()
    {
        var message = new LinkMessage(
            LinkMessageKind.Died, new ActorId("A", ActorKey.Of("x")), new ActorId("B", ActorKey.Of(7)), DeactivationReason.Failed, new Fault(FaultCode.Exception, "T", "m", "s"));
        ScratchBuffer scratch = ScratchBuffer.Rent();
        var writer = new MessagePackWriter(scratch);
        message.Encode(ref writer);
        Assert.Equal("9503C4060201010041" + "78" + "C40D020301004200000000000000070594" + "01A154A16DA173", Convert.ToHexString(scratch.WrittenSpan));
        byte[] bytes = scratch.WrittenSpan.ToArray();
        ScratchBuffer.Return(scratch);
        var reader = new MessagePackReader(bytes);
        Assert.Equal(message, LinkMessage.Decode(ref reader));
        bytes[1] = 9;
        Assert.Throws<MessagePackException>(() =>
        {
            var wrong = new MessagePackReader(bytes);
            LinkMessage.Decode(ref wrong);
        });
    }

    private static Task<TestCluster> StartAsync(Where where) => TestCluster.StartAsync(nodes: where == Where.OneNode ? 1 : 2);

    /// <summary>Keys of two actors, on different nodes if there are two.</summary>
    private static (string A, string B) Keys(TestCluster cluster, Where where)
    {
        string a = Journal.NewKey();
        string b = Journal.NewKey();
        while (where == Where.TwoNodes && NodeOf(cluster, a) == NodeOf(cluster, b))
        {
            b = Journal.NewKey();
        }

        return (a, b);
    }

    private static ActorNode? NodeOf(TestCluster cluster, string key)
    {
        var id = ActorId.Of(cluster.Nodes[0].Get<ILinked>(key));
        return cluster.Nodes.FirstOrDefault(node => Placement.ActorRoute.Find(node.Hosts.Current, id) is { Host.IsLocal: true });
    }

    private static ILinked Get(TimedCluster cluster, string key) => cluster.Nodes[0].Get<ILinked>(key);

    private static ILinked Get(TestCluster cluster, string key) => cluster.Nodes[0].Get<ILinked>(key);

    /// <summary>Whatever nodes have told each other until now has arrived: calls go the same way.</summary>
    private static async Task QuietAsync(TestCluster cluster)
    {
        foreach (ActorNode node in cluster.Nodes)
        {
            for (int call = 0; call < 20; call++)
            {
                await node.Get<ILinked>(Journal.NewKey()).Touch();
            }
        }
    }
}
