namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>Connections come, go, and come twice.</summary>
public sealed class ConnectionTests
{
    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Two_nodes_that_dial_each_other_keep_one_connection_and_lose_no_request(TransportLoop loop)
    {
        await using TransportNode one = await TransportNode.StartAsync(TwoNodes.Options(options => options.Loop = loop));
        await using TransportNode two = await TransportNode.StartAsync(TwoNodes.Options(options => options.Loop = loop));
        await one.ConnectAsync(two.LocalEndPoint!).WaitAsync(TwoNodes.Deadline);
        using NameRegistration echo = two.Register("echo", TwoNodes.Echo);
        using var timeout = new CancellationTokenSource(TwoNodes.Deadline);
        RemoteName name = await one.LookupAsync("echo", timeout.Token);
        using var stop = new CancellationTokenSource();
        Task<int>[] callers = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            int answered = 0;
            while (!stop.IsCancellationRequested)
            {
                using NameReply reply = await name.AskAsync(BitConverter.GetBytes(answered));
                Assert.Equal(answered, BitConverter.ToInt32(reply.Payload.Span));
                answered++;
            }

            return answered;
        }))];

        // Each further dial, from either side, makes a second connection: one of the two is left in good order while requests go on.
        for (int round = 0; round < 10; round++)
        {
            await Task.WhenAll(
                one.ConnectAsync(two.LocalEndPoint!),
                two.ConnectAsync(one.LocalEndPoint!)).WaitAsync(TwoNodes.Deadline);
        }

        await Eventually.TrueAsync(() => one.ConnectionCount == 1 && two.ConnectionCount == 1, "one connection to be left");
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(callers).WaitAsync(TwoNodes.Deadline), static answered => Assert.True(answered > 0));
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_node_that_comes_back_is_connected_again_by_itself(TransportLoop loop)
    {
        using SecretKey key = SecretKey.Generate();
        TransportNode server = await TransportNode.StartAsync(TwoNodes.Options(options =>
        {
            options.Loop = loop;
            options.Key = key;
        }));
        int port = server.LocalEndPoint!.Port;
        await using TransportNode client = await TransportNode.StartAsync(TwoNodes.ClientOptions(options => options.Loop = loop));
        Peer peer = await client.ConnectAsync(server.LocalEndPoint).WaitAsync(TwoNodes.Deadline);
        await server.DisposeAsync();
        await Eventually.TrueAsync(() => !peer.IsConnected, "the loss to be noticed");
        await using TransportNode again = await TransportNode.StartAsync(TwoNodes.Options(options =>
        {
            options.Loop = loop;
            options.Key = key;
            options.Listen = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port);
        }));
        await Eventually.TrueAsync(() => peer.IsConnected, "the peer to be connected again");
        Assert.Equal(key.Id, peer.Id);
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Another_node_at_the_address_of_a_known_one_is_not_taken_for_it(TransportLoop loop)
    {
        TransportNode server = await TransportNode.StartAsync(TwoNodes.Options(options => options.Loop = loop));
        int port = server.LocalEndPoint!.Port;
        var log = new CapturedLog();
        await using TransportNode client = await TransportNode.StartAsync(TwoNodes.ClientOptions(options =>
        {
            options.Loop = loop;
            options.LoggerFactory = log;
        }));
        Peer peer = await client.ConnectAsync(server.LocalEndPoint).WaitAsync(TwoNodes.Deadline);
        await server.DisposeAsync();
        await using TransportNode other = await TransportNode.StartAsync(TwoNodes.Options(options => options.Listen = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port)));
        await Eventually.TrueAsync(() => log.Lines.Any(static line => line.Contains(nameof(CloseReason.WrongPeer), StringComparison.Ordinal)), "the redial to be refused");
        Assert.False(peer.IsConnected);
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_node_that_dials_itself_is_told_so(TransportLoop loop)
    {
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.Options(options => options.Loop = loop));
        TransportException refused = await Assert.ThrowsAsync<TransportException>(() => node.ConnectAsync(node.LocalEndPoint!).WaitAsync(TwoNodes.Deadline));
        Assert.Equal(CloseReason.Self, refused.Reason);
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task More_connections_than_the_limit_are_closed_and_those_that_stand_go_on(TransportLoop loop)
    {
        await using TransportNode server = await TransportNode.StartAsync(TwoNodes.Options(options =>
        {
            options.Loop = loop;
            options.Limits = new TransportLimits { ConnectionsMax = 2 };
        }));
        var clients = new List<TransportNode>();
        try
        {
            for (int count = 0; count < 3; count++)
            {
                clients.Add(await TransportNode.StartAsync(TwoNodes.ClientOptions(options =>
                {
                    options.Loop = loop;
                    options.Limits = new TransportLimits { HandshakeTimeout = TimeSpan.FromMinutes(2) }; // Who is refused is to hear of it, not to wait.
                })));
            }

            await clients[0].ConnectAsync(server.LocalEndPoint!).WaitAsync(TwoNodes.Deadline);
            Peer second = await clients[1].ConnectAsync(server.LocalEndPoint!).WaitAsync(TwoNodes.Deadline);
            await Assert.ThrowsAsync<TransportException>(() => clients[2].ConnectAsync(server.LocalEndPoint!).WaitAsync(TwoNodes.Deadline));
            Assert.True(second.IsConnected);
        }
        finally
        {
            foreach (TransportNode client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_dial_that_ends_when_its_node_has_stopped_says_so(TransportLoop loop)
    {
        await using TransportNode server = await TransportNode.StartAsync(TwoNodes.Options(options => options.Loop = loop));
        TransportNode client = await TransportNode.StartAsync(TwoNodes.ClientOptions(options => options.Loop = loop));
        await client.DisposeAsync();
        TransportException refused = await Assert.ThrowsAsync<TransportException>(() => client.DialAsync(server.LocalEndPoint!, null, CancellationToken.None).WaitAsync(TwoNodes.Deadline));
        Assert.Equal(CloseReason.Shutdown, refused.Reason);
        await Eventually.TrueAsync(() => server.ConnectionCount == 0, "the server to see it close");
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Asks_under_way_when_the_peer_is_gone_fail_and_say_that_they_may_have_run(TransportLoop loop)
    {
        var never = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration slow = nodes.Server.Register("slow", _ =>
        {
            begun.TrySetResult();
            return new ValueTask(never.Task);
        });
        RemoteName name = await nodes.FindAsync("slow");
        Task<NameReply> ask = name.AskAsync(default).AsTask();
        await begun.Task.WaitAsync(TwoNodes.Deadline);
        await nodes.Server.DisposeAsync();
        TransportException lost = await Assert.ThrowsAsync<TransportException>(() => ask.WaitAsync(TwoNodes.Deadline));
        Assert.True(lost.MayHaveRun);
        TransportException unsent = await Assert.ThrowsAsync<TransportException>(async () => (await name.AskAsync(default)).Dispose());
        Assert.False(unsent.MayHaveRun);
        never.SetResult();
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Requests_beyond_the_window_wait_and_none_is_lost(TransportLoop loop)
    {
        const int Count = 2_000;
        var open = new TaskCompletionSource();
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop, static options => options.Limits = new TransportLimits { WindowBytes = 256 * 1024 });
        int handled = 0;
        using NameRegistration slow = nodes.Server.Register("slow", async request =>
        {
            await open.Task;
            handled++;
        });
        RemoteName name = await nodes.FindAsync("slow");
        Task[] tells = [.. Enumerable.Range(0, Count).Select(_ => name.TellAsync(new byte[500]).AsTask())];
        await Eventually.TrueAsync(() => tells.Count(static tell => tell.IsCompleted) > 50, "some tells to be sent");
        Assert.True(tells.Count(static tell => tell.IsCompleted) < 600, "the window holds the others back");
        open.SetResult();
        await Task.WhenAll(tells).WaitAsync(TwoNodes.Deadline);
        await Eventually.TrueAsync(() => Volatile.Read(ref handled) == Count, "all to be handled");
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task An_end_that_comes_together_with_data_is_seen(TransportLoop loop)
    {
        using var arrived = new ManualResetEventSlim();
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.Options(options =>
        {
            options.Loop = loop;
            options.Limits = new TransportLimits { PingInterval = TimeSpan.FromMinutes(10), PingTimeout = TimeSpan.FromMinutes(20) }; // Nothing is sent that would meet the end.
            options.PeerConnected = _ => arrived.Wait(TwoNodes.Deadline); // Holds the loop up until both are there.
        }));
        using RawPeer peer = await RawPeer.ConnectAsync(node, andLeaves: arrived.Set); // Its socket stays open: what is closed would be reset, and met that way.
        await Eventually.TrueAsync(() => node.ConnectionCount == 0, "the end to be seen");
    }
}
