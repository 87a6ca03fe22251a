using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Tests.Registry;

/// <summary>What users of a registry may rely on, rule by rule, in virtual time on a network of one millisecond.</summary>
public sealed class RegistryRuleTests
{
    private readonly RegistryWorld _world = new(1);

    [Fact]
    public void A_normal_name_is_found_everywhere_within_300_ms_and_a_removed_one_nowhere()
    {
        RegistryNode[] nodes = _world.Cluster(5);
        _world.Run(3);
        _world.Register(nodes[1], "echo", metadata: [7]);
        _world.RunUntil(() => nodes.All(static node => node.Core.Find("echo") is not null), 0.3);
        Registration found = nodes[4].Core.Find("echo")!.Value;
        Assert.Equal((nodes[1].Self.Id, nodes[1].Self.Incarnation, 7), (found.Owner.Id, found.Owner.Incarnation, found.Entry.Metadata.Span[0]));
        _world.Unregister(nodes[1], "echo");
        _world.RunUntil(() => nodes.All(static node => node.Core.Find("echo") is null), 0.3);
        _world.Run(5);
        Assert.All(nodes, static node => Assert.Empty(node.Core.Snapshot()));
    }

    [Fact]
    public void An_immediate_name_is_found_everywhere_after_one_message_and_takes_normal_ones_before_it_along()
    {
        RegistryNode[] nodes = _world.Cluster(5);
        _world.Run(3);
        _world.Register(nodes[0], "before");
        _world.Register(nodes[0], "now", RegistrationPriority.Immediate);
        TimeSpan took = _world.RunUntil(() => nodes.All(static node => node.Core.Find("now") is not null && node.Core.Find("before") is not null), 0.3);
        Assert.Equal(_world.DelayMax, took);
    }

    [Fact]
    public void What_gossip_loses_a_digest_finds()
    {
        RegistryNode[] nodes = _world.Cluster(2);
        _world.Run(3);
        _world.IsCut = static (_, _) => true;
        _world.Register(nodes[0], "echo", RegistrationPriority.Immediate);
        _world.Run(3);
        Assert.Null(nodes[1].Core.Find("echo"));
        _world.IsCut = null;
        _world.RunUntil(() => nodes[1].Core.Find("echo") is not null, 1.2);
    }

    [Fact]
    public void A_peer_that_can_be_reached_again_is_compared_with_at_once()
    {
        RegistryNode[] nodes = _world.Cluster(2);
        _world.Run(3);
        _world.IsCut = static (_, _) => true;
        _world.Register(nodes[0], "echo");
        _world.Run(3);
        _world.IsCut = null;
        nodes[0].Core.HandleConnected(nodes[1].Self.Id);
        nodes[0].Core.HandleConnected(RegistryWorld.Id(77)); // Nobody.
        _world.Collect(nodes[0]);
        TimeSpan took = _world.RunUntil(() => nodes[1].Core.Find("echo") is not null, 1);
        Assert.Equal(5 * _world.DelayMax, took); // Sum, rows, offer, pull, answer.
    }

    [Fact]
    public void A_gap_is_asked_for_at_once()
    {
        RegistryNode[] nodes = _world.Cluster(2);
        _world.Run(3);
        _world.IsCut = static (_, _) => true;
        for (int change = 0; change < 5; change++)
        {
            _world.Register(nodes[0], $"n{change}");
            _world.Run(0.5);
        }

        _world.IsCut = null;
        _world.Register(nodes[0], "last", RegistrationPriority.Immediate);
        TimeSpan took = _world.RunUntil(() => nodes[1].Core.EntryCount == 6, 1);
        Assert.Equal(3 * _world.DelayMax, took); // The push, the pull, its answer.
        Assert.Equal(1, nodes[1].Core.Counters.Gaps);
    }

    [Fact]
    public void The_oldest_member_has_a_name_that_several_claim_and_the_others_are_told()
    {
        RegistryNode[] nodes = _world.Cluster(3);
        _world.Register(nodes[2], "echo");
        _world.Run(1);
        Assert.Equal(nodes[2].Self.Id, nodes[0].Core.Find("echo")!.Value.Owner.Id);
        _world.Register(nodes[1], "echo");
        _world.Run(1);
        Assert.All(nodes, node => Assert.Equal([nodes[1].Self.Id, nodes[2].Self.Id], node.Core.FindAll("echo").Select(static found => found.Owner.Id)));
        RegistryEvent told = Assert.Single(nodes[2].Events);
        Assert.Equal((RegistryEventKind.Lost, nodes[1].Self.Id), (told.Kind, told.Registration.Owner.Id));
        Assert.Empty(nodes[1].Events);
        Assert.Equal(1, nodes[2].Core.Counters.NamesLost);

        _world.Unregister(nodes[1], "echo");
        _world.Run(1);
        Assert.Equal(RegistryEventKind.Regained, nodes[2].Events[^1].Kind);
        Assert.Equal(nodes[2].Self.Id, nodes[0].Core.Find("echo")!.Value.Owner.Id);
    }

    [Fact]
    public void Whoever_registers_a_name_that_an_older_member_has_is_told_at_once()
    {
        RegistryNode[] nodes = _world.Cluster(2);
        _world.Register(nodes[0], "echo", RegistrationPriority.Immediate);
        _world.Run(1);
        Assert.Equal(RegisterOutcome.Done, _world.Register(nodes[1], "echo").Outcome);
        Assert.Equal(RegistryEventKind.Lost, Assert.Single(nodes[1].Events).Kind);
    }

    [Fact]
    public void A_writer_that_is_in_the_view_no_more_is_dropped_with_all_it_wrote()
    {
        RegistryNode[] nodes = _world.Cluster(3);
        _world.Register(nodes[0], "echo");
        _world.Register(nodes[0], "more");
        _world.Register(nodes[1], "echo");
        _world.Run(1);
        nodes[2].Core.Watch("echo", isPrefix: false);
        _world.Collect(nodes[2]);
        Assert.Equal([RegistryEventKind.Added, RegistryEventKind.Added], nodes[2].Events.Select(static told => told.Kind));
        _world.Install(nodes[2], _world.Agree([], nodes[0]));
        Assert.Equal((RegistryEventKind.Removed, nodes[0].Self.Id), (nodes[2].Events[^1].Kind, nodes[2].Events[^1].Registration.Owner.Id));
        Assert.Equal(nodes[1].Self.Id, nodes[2].Core.Find("echo")!.Value.Owner.Id);
        Assert.Null(nodes[2].Core.Find("more"));
        _world.Run(5); // The other one has not heard of that view and goes on to gossip.
        Assert.Null(nodes[2].Core.Find("more"));
        Assert.Equal(1, nodes[2].Core.EntryCount);
        Assert.True(nodes[2].Core.Counters.MessagesOfStrangers > 0);
    }

    [Fact]
    public void An_evicted_node_says_and_writes_nothing_any_more()
    {
        RegistryNode[] nodes = _world.Cluster(2);
        _world.Register(nodes[1], "echo");
        _world.Run(1);
        _world.Wait(nodes[1], nodes[1].Core.Version, 100);
        _world.Install(nodes[1], _world.Agree([], nodes[1]));
        Assert.Equal(RegistryTiming.Never, nodes[1].Core.NextDeadline);
        Assert.Null(nodes[1].Core.Find("echo"));
        Assert.Equal(RegisterOutcome.Evicted, nodes[1].Core.Register(_world.Now, "more", 0, RegistrationPriority.Immediate).Outcome);
        Assert.Equal(RegisterOutcome.Evicted, nodes[1].Core.Unregister(_world.Now, "echo", RegistrationPriority.Immediate).Outcome);
    }

    [Fact]
    public void A_newcomer_learns_all_and_tells_what_it_registered_before()
    {
        RegistryNode[] nodes = _world.Cluster(4);
        for (int index = 0; index < 200; index++)
        {
            _world.Register(nodes[index % 4], $"n{index}", metadata: new byte[500]);
        }

        _world.Run(5);
        RegistryNode newcomer = _world.Start(4);
        _world.Register(newcomer, "early", RegistrationPriority.Immediate);
        Assert.Null(newcomer.Core.Find("early")); // It counts once its owner does.
        RegistryView view = _world.Agree([newcomer]);
        foreach (RegistryNode node in (RegistryNode[])[.. nodes, newcomer])
        {
            _world.Install(node, view);
        }

        TimeSpan took = _world.RunUntil(() => newcomer.Core.EntryCount == 201 && nodes.All(static node => node.Core.Find("early") is not null), 1);
        Assert.InRange(took.TotalMilliseconds, 1, 40);
    }

    [Fact]
    public void A_newcomer_that_others_do_not_know_yet_asks_again_soon_and_then_ever_less_often()
    {
        RegistryNode[] nodes = _world.Cluster(3);
        _world.Register(nodes[0], "echo");
        _world.Run(3);
        RegistryNode newcomer = _world.Start(3);
        RegistryView view = _world.Agree([newcomer]);
        _world.Install(newcomer, view);
        _world.Run(0.2);
        Array.ForEach(nodes, node => _world.Install(node, view));
        _world.RunUntil(() => newcomer.Core.Find("echo") is not null, 0.25);

        RegistryNode alone = _world.Start(4);
        _world.IsCut = (from, to) => from == alone.Self.Id;
        _world.Install(alone, _world.Agree([alone]));
        _world.Run(10);
        Assert.InRange(alone.Core.Counters.Digests, 13, 16);
    }

    [Fact]
    public void A_watch_tells_what_is_there_and_what_changes_for_a_name_or_a_prefix()
    {
        RegistryNode[] nodes = _world.Cluster(2);
        _world.Register(nodes[0], "a/1", RegistrationPriority.Immediate);
        _world.Run(1);
        int name = nodes[1].Core.Watch("a/1", isPrefix: false);
        int prefix = nodes[1].Core.Watch("a/", isPrefix: true);
        _world.Collect(nodes[1]);
        _world.Register(nodes[0], "a/2", RegistrationPriority.Immediate);
        _world.Register(nodes[0], "b", RegistrationPriority.Immediate);
        _world.Change(nodes[0], "a/1", [1]);
        _world.Run(0.01);
        _world.Unregister(nodes[0], "a/1", RegistrationPriority.Immediate);
        _world.Run(0.01);
        nodes[1].Core.Unwatch(prefix);
        _world.Unregister(nodes[0], "a/2", RegistrationPriority.Immediate);
        _world.Run(0.01);
        Assert.Equal(
            ["Added a/1", "Changed a/1", "Removed a/1"],
            nodes[1].Events.Where(told => told.WatchId == name).Select(static told => $"{told.Kind} {told.Registration.Entry.Name}"));
        Assert.Equal(
            ["Added a/1", "Added a/2", "Changed a/1", "Removed a/1"],
            nodes[1].Events.Where(told => told.WatchId == prefix).Select(static told => $"{told.Kind} {told.Registration.Entry.Name}"));
        Assert.Equal(1ul, nodes[1].Events.Single(told => told.WatchId == name && told.Kind == RegistryEventKind.Changed).Former!.Version);
    }

    [Fact]
    public void Clients_follow_and_register_through_their_member()
    {
        RegistryNode[] nodes = _world.Cluster(3);
        RegistryNode client = _world.Start(10);
        _world.Install(client, _world.View);
        _world.Register(nodes[2], "old");
        _world.Run(1);
        client.Core.SetUpstream(_world.Now, nodes[0].Self);
        Assert.True(nodes[0].Core.Attach(client.Self));
        _world.Collect(client);
        _world.RunUntil(() => client.Core.Find("old") is not null, 0.02);

        _world.Register(nodes[2], "new", RegistrationPriority.Immediate);
        _world.Register(nodes[1], "normal");
        _world.RunUntil(() => client.Core.Find("new") is not null && client.Core.Find("normal") is not null, 0.4);

        Assert.Equal(RegisterOutcome.UnknownClient, nodes[1].Core.Register(_world.Now, "client", 0, RegistrationPriority.Normal, client: client.Self.Id).Outcome);
        Assert.Equal(RegisterOutcome.Done, nodes[0].Core.Register(_world.Now, "client", 0, RegistrationPriority.Normal, client: client.Self.Id).Outcome);
        _world.Collect(nodes[0]);
        _world.RunUntil(() => nodes[2].Core.Find("client") is not null && client.Core.Find("client") is not null, 0.3);
        Assert.Equal((nodes[0].Self.Id, client.Self.Id), (nodes[2].Core.Find("client")!.Value.Owner.Id, nodes[2].Core.Find("client")!.Value.Entry.Client));
        Assert.Equal(0, client.Core.Counters.Rounds);

        nodes[0].Core.Detach(_world.Now, client.Self.Id);
        _world.Collect(nodes[0]);
        _world.Run(0.01);
        Assert.All(nodes, static node => Assert.Null(node.Core.Find("client")));
    }

    [Fact]
    public void A_client_that_becomes_a_member_follows_no_more_and_an_evicted_member_is_followed_by_nobody()
    {
        RegistryNode[] nodes = _world.Cluster(2);
        RegistryNode client = _world.Start(10);
        nodes[0].Core.Attach(client.Self);
        nodes[1].Core.Attach(new RegistrySource(RegistryWorld.Id(11), 99));
        _world.Install(nodes[0], _world.Agree([client]));
        Assert.Equal(0, nodes[0].Core.FollowerCount);
        _world.Install(nodes[1], _world.View);
        Assert.Equal(1, nodes[1].Core.FollowerCount);
        _world.Install(nodes[1], _world.Agree([], nodes[1]));
        Assert.Equal(0, nodes[1].Core.FollowerCount);
    }

    [Fact]
    public void What_another_incarnation_wrote_does_not_count()
    {
        RegistryNode[] nodes = _world.Cluster(2);
        RegistryMember other = nodes[0].Core.View.Members[1];
        var entry = new RegistryEntry("echo", 1, 0, RegistrationPriority.Normal, default, default);
        foreach (ulong incarnation in (ulong[])[other.Incarnation + 1, other.Incarnation])
        {
            var delta = new Delta { JoinIndex = other.JoinIndex, Incarnation = incarnation, From = 0, To = 1, AsOf = 1, Live = [entry] };
            byte[] bytes = new RegistryOutbox(new RegistryLimits(), new RegistryCounters()).Encode(new DeltaBatch(1, 0, 0, [delta]));
            Assert.Null(nodes[0].Core.Handle(_world.Now, nodes[1].Self, bytes));
            Assert.Equal(incarnation == other.Incarnation, nodes[0].Core.Find("echo") is not null);
        }

        Assert.Equal(1, nodes[0].Core.Counters.DeltasOfStrangers);
    }

    [Fact]
    public void A_newcomer_compares_again_and_again_until_nothing_differs()
    {
        // One digest finds 50 writers at most.
        var world = new RegistryWorld(5, new RegistryLimits { DigestBytesMax = 1000, DigestRowsMax = 10, WantsPerPullMax = 20 });
        RegistryNode[] nodes = world.Cluster(300);
        foreach (RegistryNode node in nodes)
        {
            world.Register(node, node.ToString());
        }

        world.Run(4);
        Assert.All(nodes, static node => Assert.Equal(300, node.Core.EntryCount));
        RegistryNode newcomer = world.Start(300);
        RegistryView view = world.Agree([newcomer]);
        foreach (RegistryNode node in world.Nodes)
        {
            world.Install(node, view);
        }

        world.RunUntil(() => newcomer.Core.EntryCount == 300, 1.5);
        Assert.InRange(newcomer.Core.Counters.Digests, 4, 30);
    }

    [Fact]
    public void A_message_of_somebody_who_is_neither_member_nor_client_changes_nothing()
    {
        RegistryNode[] nodes = _world.Cluster(2);
        RegistryNode stranger = _world.Start(7);
        _world.Install(stranger, new RegistryView(9, [.. _world.View.Members, new RegistryMember(stranger.Self.Id, stranger.Self.Incarnation, 77)]));
        _world.Register(stranger, "echo", RegistrationPriority.Immediate);
        _world.Run(3);
        Assert.Null(nodes[0].Core.Find("echo"));
        Assert.True(nodes[0].Core.Counters.MessagesOfStrangers > 0);
    }

    [Theory]
    [InlineData("a digest that knows more")]
    [InlineData("a pull that knows more")]
    [InlineData("an acknowledgement")]
    [InlineData("a delta")]
    [InlineData("malformed")]
    public void What_no_correct_node_says_is_named(string what)
    {
        RegistryNode[] nodes = _world.Cluster(2);
        ulong own = nodes[0].Core.View.Members[0].JoinIndex;
        RegistryMessage message = what switch
        {
            "a digest that knows more" => new Digest(1, 0, [new DigestPart(DigestPartKind.Rows, 0, 9, 0, [new DigestRow(own, 1)])]),
            "a pull that knows more" => new Pull(1, 1, [new Want(own, 1, 0)]),
            "an acknowledgement" => new Acknowledgement(1, nodes[0].Self.Incarnation, 1),
            _ => new DeltaBatch(1, 0, 0, [new Delta { JoinIndex = own, Incarnation = nodes[0].Self.Incarnation, From = 0, To = 1, AsOf = 1 }]),
        };
        byte[] bytes = new RegistryOutbox(new RegistryLimits(), new RegistryCounters()).Encode(message);
        Assert.StartsWith(what, nodes[0].Core.Handle(_world.Now, nodes[1].Self, what == "malformed" ? bytes.AsSpan(1) : bytes), StringComparison.Ordinal);
        Assert.Equal(1, nodes[0].Core.Counters.MessagesRefused);
    }

    [Fact]
    public void A_member_that_sends_whatever_it_likes_does_no_harm()
    {
        var limits = new RegistryLimits { EntriesPerNodeMax = 50, EntriesMax = 200 };
        var world = new RegistryWorld(3, limits);
        RegistryNode[] nodes = world.Cluster(4);
        var heard = new List<byte[]>();
        world.OnSend = (_, packet) => heard.Add(packet.Bytes.ToArray());
        for (int change = 0; change < 60; change++)
        {
            world.Register(nodes[change % 4], $"n{change}");
            world.Unregister(nodes[change % 3], $"n{change / 2}");
            world.Run(0.3);
        }

        RegistryNode target = nodes[0];
        target.Core.Watch("", isPrefix: true);
        var random = new Random(4);
        for (int round = 0; round < 100_000; round++)
        {
            byte[] bytes = [.. heard[random.Next(heard.Count)]];
            for (int change = random.Next(0, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            target.Core.Handle(world.Now, nodes[random.Next(1, 4)].Self, bytes);
            int replies = 0;
            while (target.Core.TryTake(out RegistryPacket packet))
            {
                Assert.InRange(packet.Bytes.Length, 1, limits.MessageBytesMax);
                replies++;
            }

            Assert.InRange(replies, 0, 3 + limits.PullsMax);
            while (target.Core.TryTake(out RegistryEvent _))
            {
                // Let go.
            }

            target.Core.HandleDeadline(world.Now + TimeSpan.FromMilliseconds(round));
        }

        Assert.InRange(target.Core.EntryCount, 0, limits.EntriesMax);
        Assert.True(target.Core.Counters.MessagesRefused > 10_000);
        Assert.True(target.Core.Counters.MessagesHandled > 10_000);
    }

    [Fact]
    public void Views_go_forward_only()
    {
        RegistryNode[] nodes = _world.Cluster(2);
        _world.Register(nodes[1], "echo", RegistrationPriority.Immediate);
        _world.Run(1);
        _world.Install(nodes[0], new RegistryView(1, []));
        _world.Install(nodes[0], new RegistryView(0, []));
        Assert.NotNull(nodes[0].Core.Find("echo"));
        Assert.Throws<ArgumentException>(() => new RegistryView(2, [new(RegistryWorld.Id(1), 1, 5), new(RegistryWorld.Id(2), 2, 5)]));
        Assert.Throws<ArgumentException>(() => new RegistryView(2, [new(RegistryWorld.Id(1), 1, 5), new(RegistryWorld.Id(1), 2, 6)]));
    }

    [Fact]
    public void With_many_writers_a_difference_is_found_by_narrowing()
    {
        RegistryNode[] nodes = _world.Cluster(200);
        _world.Run(3);
        var sent = new List<int>();
        _world.IsCut = (from, to) => to == nodes[9].Self.Id || from == nodes[9].Self.Id;
        _world.Register(nodes[150], "echo");
        _world.Run(3);
        _world.IsCut = null;
        _world.OnSend = (node, packet) => sent.Add(packet.Bytes.Length);
        _world.RunUntil(() => nodes[9].Core.Find("echo") is not null, 1.2);
        Assert.InRange(sent.Max(), 100, new RegistryLimits().DigestBytesMax);
    }
}
