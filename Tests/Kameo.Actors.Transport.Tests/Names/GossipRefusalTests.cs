using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Names.Clients;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Registry.Wire;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Tests.Nodes;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Tests.Names;

/// <summary>What others may say of names: members what they like, strangers nothing, and nobody nonsense.</summary>
public sealed class GossipRefusalTests
{
    [Fact]
    public async Task A_strangers_gossip_is_left_out()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        TransportNode stranger = await cluster.AddAsync();
        View theirs = cluster.MakeView(0, 1, 2);
        NameCluster.NamesOf(stranger).OnView(NameCluster.IdOf(stranger), theirs); // It takes itself for a member; nobody else does.
        using NameRegistration false_ = stranger.Register("false", ClusterNameTests.Echo, priority: RegistrationPriority.Immediate);
        await Eventually.TrueAsync(() => NameCluster.NamesOf(cluster[0]).Counters.MessagesOfStrangers > 0, "the stranger to speak");
        Assert.Null(cluster[0].Lookup("false"));
        Assert.True(cluster[0].FindPeer(stranger.Id)!.IsConnected);

        NameCluster.NamesOf(cluster[0]).OnView(NameCluster.IdOf(cluster[0]), theirs);
        await cluster.FoundAsync("false", stranger.Id, 0); // Now it counts.
    }

    [Fact]
    public async Task Another_life_of_a_member_is_a_stranger()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        using NameRegistration name = cluster[1].Register("name", ClusterNameTests.Echo);
        await name.VisibleAsync(TwoNodes.Deadline);
        long before = NameCluster.NamesOf(cluster[0]).Counters.MessagesOfStrangers;
        var message = new Acknowledgement((ulong)cluster.View.Epoch, cluster[0].Incarnation, 0);
        Assert.Null(NameCluster.NamesOf(cluster[0]).Handle(cluster[1].Id, cluster[1].Incarnation + 1, Encode(message)));
        Assert.Equal(before + 1, NameCluster.NamesOf(cluster[0]).Counters.MessagesOfStrangers);
    }

    [Theory]
    [InlineData(new byte[] { 0x93, 0x04, 0x01 })] // Deltas, cut off.
    [InlineData(new byte[] { 0xc0 })] // No array.
    [InlineData(new byte[0])]
    public async Task Malformed_gossip_closes_its_connection_and_no_other(byte[] payload)
    {
        await using NameCluster cluster = await NameCluster.StartAsync(3, static options => options.Limits = new TransportLimits { RedialFirst = TimeSpan.FromHours(1), RedialMax = TimeSpan.FromHours(1) });
        Connection bad = cluster[1].FindPeer(cluster[0].Id)!.Connection!;
        bad.PutOwn(FrameKind.Gossip, payload);
        await bad.Finished.WaitAsync(TwoNodes.Deadline);
        Assert.Equal(CloseReason.ProtocolViolation, bad.CloseReason);
        Assert.Equal(1, NameCluster.NamesOf(cluster[0]).Counters.MessagesRefused);
        Assert.True(cluster[0].FindPeer(cluster[2].Id)!.IsConnected);
    }

    [Fact]
    public async Task An_acknowledgement_of_what_was_never_written_closes()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        Connection bad = cluster[1].FindPeer(cluster[0].Id)!.Connection!;
        bad.PutOwn(FrameKind.Gossip, Encode(new Acknowledgement((ulong)cluster.View.Epoch, cluster[0].Incarnation, 1_000)));
        await bad.Finished.WaitAsync(TwoNodes.Deadline);
        Assert.Equal(CloseReason.ProtocolViolation, bad.CloseReason);
    }

    [Fact]
    public async Task A_node_without_membership_and_a_member_leave_each_others_names_out()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(1);
        await using TransportNode plain = await TransportNode.StartAsync(TwoNodes.ClientOptions());
        using NameRegistration theirs = plain.Register("theirs", ClusterNameTests.Echo);
        Peer member = await plain.ConnectAsync(cluster[0].LocalEndPoint!).WaitAsync(TwoNodes.Deadline);
        using NameRegistration ours = cluster[0].Register("ours", ClusterNameTests.Echo);
        await AnsweredAsync(member.Connection!); // So all before it was read.
        Assert.Null(cluster[0].Lookup("theirs"));
        Assert.Null(plain.Lookup("ours"));
        Assert.True(member.IsConnected);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0x96, 0x01, 0xa0 })]
    [InlineData(new byte[] { 0x96, 0x63, 0xa1, 0x61, 0x00, 0xc4, 0x00, 0x00, 0x00 })] // An order that a later version has.
    public async Task A_malformed_order_is_answered_as_that(byte[] payload)
    {
        await using NameCluster cluster = await NameCluster.StartAsync(1);
        TransportNode client = await cluster.AddClientAsync(0);
        cluster.Follow(client: 1, member: 0);
        NameOrderAnswer answer = await OrderAsync(client, cluster[0], payload);
        Assert.Equal(NameOrderOutcome.Malformed, answer.Outcome);
    }

    [Fact]
    public async Task A_peer_that_is_no_client_here_registers_nothing()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        TransportNode client = await cluster.AddClientAsync(0);
        NameOrderAnswer answer = await OrderAsync(client, cluster[0], Encode(new NameOrder(NameOrderKind.Set, "name", default, default)));
        Assert.Equal(NameOrderOutcome.UnknownClient, answer.Outcome);
        Assert.Null(cluster[0].Lookup("name"));
    }

    [Fact]
    public async Task A_client_takes_back_no_name_of_another()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(1);
        TransportNode client = await cluster.AddClientAsync(0);
        cluster.Follow(client: 1, member: 0);
        using NameRegistration own = cluster[0].Register("own", ClusterNameTests.Echo);
        NameOrderAnswer answer = await OrderAsync(client, cluster[0], Encode(new NameOrder(NameOrderKind.Remove, "own", default, default)));
        Assert.Equal(NameOrderOutcome.Done, answer.Outcome); // It does not have it: what was wanted.
        Assert.Equal(cluster[0].Id, cluster[0].Lookup("own")!.Owner);
    }

    [Fact]
    public async Task Waits_of_one_client_are_bounded()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(1);
        TransportNode client = await cluster.AddClientAsync(0);
        await cluster.AddAsync(peers: []);
        cluster.Install(0, 2); // 2 hears nothing.
        cluster.Follow(client: 1, member: 0);
        Assert.Equal(NameOrderOutcome.Done, (await OrderAsync(client, cluster[0], Encode(new NameOrder(NameOrderKind.Set, "name", default, default)))).Outcome);
        byte[] wait = Encode(new NameOrder(NameOrderKind.AwaitVisible, string.Empty, default, default, 1, 3_000)); // So long that all have come before the first of them ends.
        NameOrderAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => OrderAsync(client, cluster[0], wait)));
        Assert.Equal(32, answers.Count(static answer => answer.Outcome == NameOrderOutcome.NotVisible));
        Assert.Equal(8, answers.Count(static answer => answer.Outcome == NameOrderOutcome.Full));
        Assert.Equal(NameOrderOutcome.NotVisible, (await OrderAsync(client, cluster[0], Encode(new NameOrder(NameOrderKind.AwaitVisible, string.Empty, default, default, 1, 500)))).Outcome); // Their places were given back.
        Assert.Equal(NameOrderOutcome.UnknownVersion, (await OrderAsync(client, cluster[0], Encode(new NameOrder(NameOrderKind.AwaitVisible, string.Empty, default, default, 9, 500)))).Outcome);
    }

    private static async Task<NameOrderAnswer> OrderAsync(TransportNode client, TransportNode member, byte[] payload)
    {
        NameAsk ask = NameAsk.Rent(client);
        ValueTask<NameReply> task = ask.Task;
        client.FindPeer(member.Id)!.Connection!.Ask(ask, new OutboundTarget([IdSpace.NameOrder, 0]), null, new RequestOptions(client.Clock.After(TwoNodes.Deadline)), payload);
        using NameReply reply = await task;
        return NameOrderAnswer.Decode(reply.Payload.Span);
    }

    private static async Task AnsweredAsync(Connection connection)
    {
        int pongs = connection.PongCount;
        connection.Ping();
        await Eventually.TrueAsync(() => connection.PongCount > pongs, "the ping to be answered");
    }

    private static byte[] Encode(RegistryMessage message)
    {
        var scratch = new ScratchBuffer(0, new RegistryLimits().MessageBytesMax);
        var writer = new MessagePackWriter(scratch);
        message.Encode(ref writer);
        return scratch.WrittenSpan.ToArray();
    }

    private static byte[] Encode(NameOrder order)
    {
        var scratch = new ScratchBuffer(0, 4096);
        var writer = new MessagePackWriter(scratch);
        order.Encode(ref writer);
        return scratch.WrittenSpan.ToArray();
    }
}
