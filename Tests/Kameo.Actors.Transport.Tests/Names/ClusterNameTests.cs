using System.Text;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Names;

/// <summary>Names of a cluster on real nodes: registered on one, found on all.</summary>
public sealed class ClusterNameTests
{
    public static TheoryData<RegistrationPriority> Priorities => [RegistrationPriority.Normal, RegistrationPriority.Immediate];

    internal static ValueTask Echo(NameRequest request)
    {
        request.Reply(request.Payload.Span);
        return default;
    }

    [Theory]
    [MemberData(nameof(Priorities))]
    public async Task A_name_registered_on_one_member_is_found_and_answers_on_all(RegistrationPriority priority)
    {
        await using NameCluster cluster = await NameCluster.StartAsync(3);
        using NameRegistration echo = cluster[0].Register("echo", Echo, "v1"u8.ToArray(), priority);
        for (int index = 0; index < 3; index++)
        {
            RemoteName name = await cluster.FindAsync(index, "echo");
            Assert.Equal(cluster[0].Id, name.Owner);
            Assert.Null(name.Through);
            Assert.Equal("v1"u8, name.Metadata.Span);
            using NameReply reply = await name.AskAsync("ping"u8.ToArray());
            Assert.Equal("ping", Encoding.UTF8.GetString(reply.Payload.Span));
        }
    }

    [Fact]
    public async Task A_name_registered_before_the_first_view_is_found_once_the_node_is_a_member()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        TransportNode third = await cluster.AddAsync();
        using NameRegistration early = third.Register("early", Echo);
        Assert.Null(cluster[0].Lookup("early"));
        cluster.Install(0, 1, 2);
        await cluster.FoundAsync("early", third.Id, 0, 1, 2);
    }

    [Fact]
    public async Task An_unregistered_name_is_gone_everywhere()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(3);
        NameRegistration echo = cluster[1].Register("echo", Echo);
        await cluster.FoundAsync("echo", cluster[1].Id, 0, 1, 2);
        echo.Dispose();
        Assert.Null(cluster[1].Lookup("echo"));
        await cluster.GoneAsync("echo", 0, 2);
    }

    [Fact]
    public async Task Changed_metadata_is_seen_everywhere()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(3);
        using NameRegistration echo = cluster[0].Register("echo", Echo, "old"u8.ToArray());
        await echo.VisibleAsync();
        echo.Change("new"u8.ToArray());
        await echo.VisibleAsync();
        for (int index = 0; index < 3; index++)
        {
            Assert.Equal("new"u8, cluster[index].Lookup("echo")!.Metadata.Span);
        }
    }

    [Theory]
    [MemberData(nameof(Priorities))]
    public async Task What_is_visible_is_found_on_every_member_at_once(RegistrationPriority priority)
    {
        await using NameCluster cluster = await NameCluster.StartAsync(3);
        for (int count = 0; count < 20; count++)
        {
            string name = $"name/{count}";
            NameRegistration registration = cluster[count % 3].Register(name, Echo, priority: priority);
            await registration.VisibleAsync(TwoNodes.Deadline);
            for (int index = 0; index < 3; index++)
            {
                Assert.Equal(cluster[count % 3].Id, cluster[index].Lookup(name)?.Owner);
            }
        }
    }

    [Fact]
    public async Task A_wait_ends_with_its_time_when_a_member_does_not_hear()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        await cluster.AddAsync(peers: []); // Connected to nobody.
        cluster.Install(0, 1, 2);
        using NameRegistration echo = cluster[0].Register("echo", Echo);
        await Assert.ThrowsAsync<TimeoutException>(() => echo.VisibleAsync(TimeSpan.FromMilliseconds(200)));

        Task visible = echo.VisibleAsync(TwoNodes.Deadline);
        cluster.Install(0, 1); // Who is gone is waited for no more.
        await visible;
    }

    [Fact]
    public async Task A_wait_can_be_given_up()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(1);
        await cluster.AddAsync(peers: []);
        cluster.Install(0, 1);
        using NameRegistration echo = cluster[0].Register("echo", Echo);
        using var cancel = new CancellationTokenSource();
        Task visible = echo.VisibleAsync(Timeout.InfiniteTimeSpan, cancel.Token);
        Assert.False(visible.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => visible.WaitAsync(TwoNodes.Deadline));
    }

    [Fact]
    public async Task Of_two_claims_all_find_the_older_members_and_the_other_is_told()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(3);
        var lost = new TaskCompletionSource();
        var regained = new TaskCompletionSource();
        using NameRegistration younger = cluster[2].Register("leader", Echo);
        younger.Lost += _ => lost.TrySetResult();
        younger.Regained += _ => regained.TrySetResult();
        await younger.VisibleAsync();
        NameRegistration older = cluster[1].Register("leader", Echo);
        await older.VisibleAsync();
        await lost.Task.WaitAsync(TwoNodes.Deadline);
        Assert.True(younger.IsLost);
        Assert.False(older.IsLost);
        for (int index = 0; index < 3; index++)
        {
            Assert.Equal(cluster[1].Id, cluster[index].Lookup("leader")!.Owner);
            Assert.Equal([cluster[1].Id, cluster[2].Id], cluster[index].LookupAll("leader").Select(static name => name.Owner));
        }

        older.Dispose();
        await regained.Task.WaitAsync(TwoNodes.Deadline);
        Assert.False(younger.IsLost);
        await cluster.FoundAsync("leader", cluster[2].Id, 0, 1, 2);
    }

    [Fact]
    public async Task A_snapshot_has_what_begins_so_conflicting_ones_included()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        using NameRegistration one = cluster[0].Register("shop/cart", Echo);
        using NameRegistration two = cluster[1].Register("shop/cart", Echo);
        using NameRegistration three = cluster[1].Register("shop/till", Echo);
        using NameRegistration other = cluster[1].Register("bank", Echo);
        await Task.WhenAll(one.VisibleAsync(), two.VisibleAsync(), three.VisibleAsync(), other.VisibleAsync());
        for (int index = 0; index < 2; index++)
        {
            Assert.Equal(
                [("shop/cart", cluster[0].Id), ("shop/cart", cluster[1].Id), ("shop/till", cluster[1].Id)],
                cluster[index].Snapshot("shop/").OrderBy(static name => name.Name, StringComparer.Ordinal).Select(static name => (name.Name, name.Owner)));
            Assert.Equal(4, cluster[index].Snapshot().Count);
        }
    }

    [Fact]
    public async Task When_a_life_ends_its_names_go_and_come_again_with_the_next()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(3);
        using NameRegistration echo = cluster[2].Register("echo", Echo);
        await echo.VisibleAsync();
        await cluster.AddAsync(peers: []); // A wait that cannot end otherwise.
        cluster.Install(0, 1, 2, 3);
        echo.Change("x"u8.ToArray());
        Task visible = echo.VisibleAsync(Timeout.InfiniteTimeSpan);

        cluster.Install(0, 1);
        await cluster.GoneAsync("echo", 0, 1);
        cluster.Rebear(2);
        TransportException excluded = await Assert.ThrowsAsync<TransportException>(() => visible.WaitAsync(TwoNodes.Deadline));
        Assert.Contains("excluded", excluded.Message, StringComparison.Ordinal);
        Assert.Null(cluster[2].Lookup("echo"));

        foreach (Peer peer in cluster[2].Peers)
        {
            peer.Connection?.Close(CloseReason.Shutdown, "a new life begins"); // Its hello named the one before.
        }

        cluster.Install(0, 1, 2);
        await cluster.FoundAsync("echo", cluster[2].Id, 0, 1, 2);
        await echo.VisibleAsync(TwoNodes.Deadline);
        using NameReply reply = await cluster[0].Lookup("echo")!.AskAsync("again"u8.ToArray());
        Assert.Equal("again"u8, reply.Payload.Span);
    }

    [Fact]
    public async Task What_was_missed_while_a_connection_was_cut_comes_with_the_next()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2, static options =>
        {
            options.Limits = new TransportLimits { RedialFirst = TimeSpan.FromHours(1), RedialMax = TimeSpan.FromHours(1) };
            options.RegistryTiming = new RegistryTiming { DigestInterval = TimeSpan.FromHours(1), GossipDelay = TimeSpan.FromHours(1) }; // The new connection alone is what makes them compare.
        });
        NameRegistration first = cluster[0].Register("first", Echo, priority: RegistrationPriority.Immediate);
        await first.VisibleAsync();
        cluster[1].FindPeer(cluster[0].Id)!.Connection!.Close(CloseReason.Shutdown, "cut");
        await Eventually.TrueAsync(() => !cluster[0].FindPeer(cluster[1].Id)!.IsConnected, "the connection to be cut");
        for (int number = 0; number < 500; number++)
        {
            cluster[0].Register($"many/{number}", Echo, new byte[100], RegistrationPriority.Immediate);
        }

        first.Dispose();
        Assert.True(NameCluster.NamesOf(cluster[0]).Traffic.MessagesDropped > 0);
        Assert.Empty(cluster[1].Snapshot("many/"));
        await cluster[1].ConnectAsync(cluster[0].LocalEndPoint!, cluster[0].Id).WaitAsync(TwoNodes.Deadline);
        await Eventually.TrueAsync(() => cluster[1].Snapshot("many/").Count == 500, "all names");
        await cluster.GoneAsync("first", 1);
    }

    [Fact]
    public async Task A_member_that_stops_takes_its_waits_and_lookups_along()
    {
        NameCluster cluster = await NameCluster.StartAsync(1);
        await cluster.AddAsync(peers: []);
        cluster.Install(0, 1);
        NameRegistration echo = cluster[0].Register("echo", Echo);
        Task visible = echo.VisibleAsync(Timeout.InfiniteTimeSpan);
        Task<RemoteName> found = cluster[0].LookupAsync("never", CancellationToken.None);
        await cluster.DisposeAsync();
        await Assert.ThrowsAsync<TransportException>(() => visible.WaitAsync(TwoNodes.Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => found.WaitAsync(TwoNodes.Deadline));
        echo.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cluster[0].Register("late", Echo));
    }
}
