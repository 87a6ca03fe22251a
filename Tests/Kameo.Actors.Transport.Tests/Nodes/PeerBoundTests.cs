namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>A node remembers so many peers that are gone, and no more: identities may be fresh at each start, so there is no end to them.</summary>
public sealed class PeerBoundTests
{
    private const int KeptMax = 3;

    [Fact]
    public async Task Of_peers_that_came_and_went_the_last_are_remembered()
    {
        await using TransportNode server = await StartAsync();
        using var known = new CountedMetric(server, "kameo.transport.peers");
        await using TransportNode staying = await ConnectAsync(server, null);
        var gone = new List<PeerId>();
        for (int count = 0; count < KeptMax + 2; count++)
        {
            gone.Add(await ComeAndGoAsync(server, null));
        }

        await Eventually.TrueAsync(() => server.Peers.Count == KeptMax + 1, "those that are remembered");
        Assert.Equal(KeptMax + 1, known.Now);
        Assert.True(server.FindPeer(staying.Id)!.IsConnected);
        Assert.Null(server.FindPeer(gone[0]));
        Assert.Null(server.FindPeer(gone[1]));
        Assert.All(gone[2..], id => Assert.NotNull(server.FindPeer(id)));
    }

    [Fact]
    public async Task Who_is_named_and_never_connects_counts_as_well()
    {
        await using TransportNode server = await StartAsync();
        for (int count = 0; count < 10; count++)
        {
            using SecretKey key = SecretKey.Generate();
            server.PeerOf(key.Id);
        }

        Assert.Equal(KeptMax, server.Peers.Count);
    }

    [Fact]
    public async Task Whoever_holds_a_peer_that_was_forgotten_finds_it_connected_when_it_is_back()
    {
        await using TransportNode server = await StartAsync();
        using SecretKey key = SecretKey.Generate();
        PeerId id = await ComeAndGoAsync(server, key);
        Peer held = server.FindPeer(id)!;
        for (int count = 0; count < KeptMax; count++)
        {
            await ComeAndGoAsync(server, null);
        }

        await Eventually.TrueAsync(() => server.FindPeer(id) is null, "it to be forgotten");
        Assert.False(held.IsConnected);
        await using TransportNode back = await ConnectAsync(server, key);
        Assert.True(held.IsConnected);
        Assert.NotNull(held.RemoteEndPoint);
        Assert.Same(server.FindPeer(id)!.Connection, held.Connection);
    }

    [Fact]
    public async Task A_node_that_remembers_nobody_still_knows_who_is_connected()
    {
        await using TransportNode server = await TransportNode.StartAsync(TwoNodes.Options(static options => options.Limits = new TransportLimits { PeersKeptMax = 0 }));
        await using TransportNode client = await ConnectAsync(server, null);
        Assert.True(server.FindPeer(client.Id)!.IsConnected);
        await ComeAndGoAsync(server, null);
        await Eventually.TrueAsync(() => server.Peers.Count == 1, "the other one to be forgotten");
    }

    private static Task<TransportNode> StartAsync() => TransportNode.StartAsync(TwoNodes.Options(static options => options.Limits = new TransportLimits { PeersKeptMax = KeptMax }));

    private static async Task<TransportNode> ConnectAsync(TransportNode server, SecretKey? key)
    {
        TransportNode client = await TransportNode.StartAsync(TwoNodes.ClientOptions(options => options.Key = key));
        await client.ConnectAsync(server.LocalEndPoint!).WaitAsync(TwoNodes.Deadline);
        await Eventually.TrueAsync(() => server.FindPeer(client.Id) is { IsConnected: true }, "the client");
        return client;
    }

    private static async Task<PeerId> ComeAndGoAsync(TransportNode server, SecretKey? key)
    {
        TransportNode client = await ConnectAsync(server, key);
        int standing = server.ConnectionCount;
        await client.DisposeAsync();
        await Eventually.TrueAsync(() => server.ConnectionCount < standing && server.FindPeer(client.Id) is not { HasConnection: true }, "its end");
        return client.Id;
    }
}
