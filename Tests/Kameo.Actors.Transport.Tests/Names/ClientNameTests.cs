using System.Text;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Names;

/// <summary>Clients see all names, register theirs through their member, and are reached through it.</summary>
public sealed class ClientNameTests
{
    [Fact]
    public async Task A_client_finds_names_and_its_own_are_found_and_answer_everywhere()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        using NameRegistration server = cluster[1].Register("server", ClusterNameTests.Echo);
        TransportNode client = await cluster.AddClientAsync(0); // Connected to its member only.
        cluster.Follow(client: 2, member: 0);
        await cluster.FoundAsync("server", cluster[1].Id, 2);

        using NameRegistration own = client.Register("client", ClusterNameTests.Echo, "here"u8.ToArray());
        await own.VisibleAsync(TwoNodes.Deadline);
        for (int index = 0; index < 2; index++)
        {
            RemoteName name = cluster[index].Lookup("client")!;
            Assert.Equal(client.Id, name.Owner);
            Assert.Equal(cluster[0].Id, name.Through);
            Assert.Equal("here"u8, name.Metadata.Span);
            using NameReply reply = await name.AskAsync(Encoding.UTF8.GetBytes($"from {index}")); // From 1 it goes through 0.
            Assert.Equal($"from {index}", Encoding.UTF8.GetString(reply.Payload.Span));
        }
    }

    [Fact]
    public async Task Requests_that_pass_through_the_member_keep_their_order_and_faults()
    {
        const int Count = 5_000;
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        TransportNode client = await cluster.AddClientAsync(0);
        cluster.Follow(client: 2, member: 0);
        var received = new List<int>();
        using NameRegistration sink = client.Register("sink", request =>
        {
            if (request.IsAsk)
            {
                throw new InvalidOperationException("no such luck");
            }

            received.Add(BitConverter.ToInt32(request.Payload.Span));
            return default;
        });
        await sink.VisibleAsync(TwoNodes.Deadline);
        RemoteName name = cluster[1].Lookup("sink")!;
        for (int number = 0; number < Count; number++)
        {
            await name.TellAsync(BitConverter.GetBytes(number));
        }

        RemoteFaultException fault = await Assert.ThrowsAsync<RemoteFaultException>(async () => (await name.AskAsync(default)).Dispose());
        Assert.Contains("no such luck", fault.Message, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, Count), received);
    }

    [Fact]
    public async Task Streams_and_large_payloads_pass_through_the_member_too()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        TransportNode client = await cluster.AddClientAsync(0);
        cluster.Follow(client: 2, member: 0);
        using NameRegistration echo = client.Register("echo", static async request =>
        {
            var copy = new MemoryStream();
            await request.Stream!.CopyToAsync(copy);
            copy.Position = 0;
            request.Reply(request.Payload.Span, copy);
        });
        await echo.VisibleAsync(TwoNodes.Deadline);
        byte[] payload = new byte[300_000];
        byte[] streamed = new byte[400_000];
        new Random(1).NextBytes(payload);
        new Random(2).NextBytes(streamed);
        using NameReply reply = await cluster[1].Lookup("echo")!.AskAsync(payload, new MemoryStream(streamed), TwoNodes.Deadline);
        var back = new MemoryStream();
        await reply.Stream!.CopyToAsync(back);
        Assert.True(reply.Payload.Span.SequenceEqual(payload));
        Assert.True(back.ToArray().AsSpan().SequenceEqual(streamed));
    }

    [Fact]
    public async Task A_clients_changes_and_removals_are_seen()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        TransportNode client = await cluster.AddClientAsync(0);
        cluster.Follow(client: 2, member: 0);
        NameRegistration own = client.Register("client", ClusterNameTests.Echo, "old"u8.ToArray());
        own.Change("new"u8.ToArray());
        await own.VisibleAsync(TwoNodes.Deadline);
        Assert.Equal("new"u8, cluster[1].Lookup("client")!.Metadata.Span);
        own.Dispose();
        await cluster.GoneAsync("client", 0, 1, 2);
        using NameRegistration again = client.Register("client", ClusterNameTests.Echo);
        await again.VisibleAsync(TwoNodes.Deadline);
        using NameReply reply = await cluster[1].Lookup("client")!.AskAsync("x"u8.ToArray());
        Assert.Equal("x"u8, reply.Payload.Span);
    }

    [Fact]
    public async Task A_client_that_moves_to_another_member_is_found_through_that()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(3);
        TransportNode client = await cluster.AddClientAsync(0, 1);
        using NameRegistration own = client.Register("client", ClusterNameTests.Echo); // Before it follows anybody.
        cluster.Follow(client: 3, member: 0);
        await own.VisibleAsync(TwoNodes.Deadline);
        Assert.Equal(cluster[0].Id, cluster[2].Lookup("client")!.Through);

        NameCluster.NamesOf(cluster[0]).OnClientDetached(client.Id);
        await cluster.GoneAsync("client", 0, 2);
        cluster.Follow(client: 3, member: 1);
        await own.VisibleAsync(TwoNodes.Deadline);
        for (int index = 0; index < 3; index++)
        {
            RemoteName name = cluster[index].Lookup("client")!;
            Assert.Equal((client.Id, cluster[1].Id), (name.Owner, name.Through!.Value));
            using NameReply reply = await name.AskAsync("x"u8.ToArray());
            Assert.Equal("x"u8, reply.Payload.Span);
        }
    }

    [Fact]
    public async Task A_detached_clients_names_are_removed_and_its_orders_refused_until_it_is_attached()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        TransportNode client = await cluster.AddClientAsync(0);
        NameCluster.NamesOf(client).OnFollowing(cluster[0].Id, cluster[0].Incarnation, NameCluster.IdOf(client), cluster.View); // The member does not know it yet.
        using NameRegistration own = client.Register("client", ClusterNameTests.Echo);
        await Assert.ThrowsAsync<TimeoutException>(() => own.VisibleAsync(TimeSpan.FromMilliseconds(200)));
        Assert.Null(cluster[0].Lookup("client"));
        NameCluster.NamesOf(cluster[0]).OnClientAttached(client.Id, client.Incarnation);
        await own.VisibleAsync(TwoNodes.Deadline);
        NameCluster.NamesOf(cluster[0]).OnClientDetached(client.Id);
        await cluster.GoneAsync("client", 0);
        await cluster.GoneAsync("client", 1);
    }

    [Fact]
    public async Task A_client_that_its_member_took_for_gone_is_registered_again()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        TransportNode client = await cluster.AddClientAsync(0);
        cluster.Follow(client: 2, member: 0);
        using NameRegistration own = client.Register("client", ClusterNameTests.Echo);
        await own.VisibleAsync(TwoNodes.Deadline);
        NameCluster.NamesOf(cluster[0]).OnClientDetached(client.Id);
        await cluster.GoneAsync("client", 0);
        NameCluster.NamesOf(cluster[0]).OnClientAttached(client.Id, client.Incarnation); // The client has noticed nothing.
        await cluster.FoundAsync("client", client.Id, 0, 1, 2);
    }

    [Fact]
    public async Task Another_life_of_a_client_does_not_inherit_the_names_of_the_one_before()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        TransportNode client = await cluster.AddClientAsync(0);
        cluster.Follow(client: 2, member: 0);
        using NameRegistration own = client.Register("client", ClusterNameTests.Echo);
        await own.VisibleAsync(TwoNodes.Deadline);
        NameCluster.NamesOf(cluster[0]).OnClientAttached(client.Id, client.Incarnation + 1);
        await cluster.GoneAsync("client", 0, 1);
    }

    [Fact]
    public async Task A_name_that_the_member_has_is_refused_to_its_client_and_taken_once_it_is_free()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        TransportNode client = await cluster.AddClientAsync(0);
        cluster.Follow(client: 2, member: 0);
        NameRegistration taken = cluster[0].Register("name", ClusterNameTests.Echo);
        using NameRegistration own = client.Register("name", ClusterNameTests.Echo);
        TransportException refused = await Assert.ThrowsAsync<TransportException>(async () =>
        {
            while (true)
            {
                await own.VisibleAsync(TwoNodes.Deadline); // It is not known at once that it is refused.
            }
        });
        Assert.Contains("has that name", refused.Message, StringComparison.Ordinal);
        taken.Dispose();
        await cluster.FoundAsync("name", client.Id, 0, 1, 2);
        await own.VisibleAsync(TwoNodes.Deadline);
    }

    [Fact]
    public async Task A_client_is_told_when_it_loses_its_name_to_an_older_members()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        TransportNode client = await cluster.AddClientAsync(1);
        cluster.Follow(client: 2, member: 1);
        using NameRegistration own = client.Register("name", ClusterNameTests.Echo);
        await own.VisibleAsync(TwoNodes.Deadline);
        NameRegistration older = cluster[0].Register("name", ClusterNameTests.Echo);
        await Eventually.TrueAsync(() => own.IsLost, "the name to be lost");
        Assert.Equal(cluster[0].Id, client.Lookup("name")!.Owner);
        older.Dispose();
        await Eventually.TrueAsync(() => !own.IsLost, "the name to be regained");
    }

    [Fact]
    public async Task A_client_registers_no_more_names_than_its_member_allows()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(1, static options => options.Limits = new TransportLimits { NamesPerClientMax = 2 });
        TransportNode client = await cluster.AddClientAsync(0);
        cluster.Follow(client: 1, member: 0);
        using NameRegistration one = client.Register("1", ClusterNameTests.Echo);
        using NameRegistration two = client.Register("2", ClusterNameTests.Echo);
        await two.VisibleAsync(TwoNodes.Deadline);
        using NameRegistration three = client.Register("3", ClusterNameTests.Echo);
        TransportException refused = await Assert.ThrowsAsync<TransportException>(() => three.VisibleAsync(TwoNodes.Deadline));
        Assert.Contains("no room", refused.Message, StringComparison.Ordinal);
        Assert.Null(cluster[0].Lookup("3"));
        Assert.True(NameCluster.NamesOf(cluster[0]).Counters.RefusedByLimit > 0);
    }
}
