using Kameo.Actors.Transport.Control;
using Kameo.Actors.Transport.Tests.Membership;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Control;

/// <summary>Nobody whom the trust policy admits can take the control lane of a node from its members.</summary>
public sealed class ControlBoundTests
{
    [Fact]
    public async Task Of_a_client_one_connection_stands_the_newest()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(1);
        using var refused = new CountedMetric(cluster[0], "kameo.cluster.control_refused");
        using var peer = new ControlPeer(cluster[0], isClient: true);
        var connections = new List<ControlConnection>();
        for (int count = 0; count < 6; count++)
        {
            connections.Add(await peer.ConnectAsync());
        }

        await Eventually.TrueAsync(() => connections[..^1].TrueForAll(static one => !one.IsUp), "the older ones to be closed");
        Assert.True(connections[^1].IsUp);
        Assert.Equal(5, refused.Now);
        await Eventually.TrueAsync(() => cluster[0].Control!.ConnectionCount == 1, "one connection");
    }

    [Fact]
    public async Task Of_one_node_two_connections_stand_the_newest()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(1);
        using var peer = new ControlPeer(cluster[0], isClient: false);
        var connections = new List<ControlConnection>();
        for (int count = 0; count < 6; count++)
        {
            connections.Add(await peer.ConnectAsync());
        }

        await Eventually.TrueAsync(() => connections[..^2].TrueForAll(static one => !one.IsUp), "the older ones to be closed");
        Assert.All(connections[^2..], static one => Assert.True(one.IsUp));
    }

    [Fact]
    public async Task The_last_quarter_of_the_connections_is_for_members()
    {
        var log = new CapturedLog();
        using SecretKey key = SecretKey.Generate();
        await using SmallCluster cluster = await SmallCluster.StartAsync(1, options =>
        {
            options.Limits = new TransportLimits { ControlConnectionsMax = 20 };
            options.LoggerFactory = log;
        });
        TransportNode member = await cluster.AddAsync(options => options.Key = key);
        await cluster.OneViewAsync();
        using var refused = new CountedMetric(cluster[0], "kameo.cluster.control_refused");
        ControlPeer[] strangers = [.. Enumerable.Range(0, 20).Select(_ => new ControlPeer(cluster[0], isClient: true))];
        try
        {
            ControlConnection[] tried = await Task.WhenAll(strangers.Select(static one => one.ConnectAsync()));
            await Eventually.TrueAsync(() => tried.Count(static one => one.IsUp) <= 15, "those beyond to be closed");
            Assert.True(refused.Now > 0);
            await Eventually.TrueAsync(() => log.Lines.Any(static line => line.Contains("control connection of", StringComparison.Ordinal)), "a line that says so");

            using var reconnecting = new ControlPeer(cluster[0], isClient: false, key, member.Incarnation);
            ControlConnection own = await reconnecting.ConnectAsync();
            Assert.True(own.IsUp);
            Assert.True(cluster[0].Membership!.IsServing);
        }
        finally
        {
            Array.ForEach(strangers, static one => one.Dispose());
        }
    }

    [Fact]
    public async Task More_clients_than_the_limit_are_sent_away()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(1, static options => options.Limits = new TransportLimits { ClientsMax = 2 });
        using var refused = new CountedMetric(cluster[0], "kameo.cluster.control_refused");
        ControlPeer[] clients = [.. Enumerable.Range(0, 3).Select(_ => new ControlPeer(cluster[0], isClient: true))];
        ControlConnection[] connections = [await clients[0].ConnectAsync(), await clients[1].ConnectAsync(), await clients[2].ConnectAsync()];
        await Eventually.TrueAsync(() => !connections[2].IsUp, "the third to be sent away");
        Assert.True(connections[0].IsUp && connections[1].IsUp);
        Assert.Equal(1, refused.Now);
        Array.ForEach(clients, static one => one.Dispose());
    }

    [Fact]
    public async Task A_clients_frames_are_small()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(1);
        using var client = new ControlPeer(cluster[0], isClient: true);
        using var other = new ControlPeer(cluster[0], isClient: false);
        ControlConnection ofClient = await client.ConnectAsync();
        ControlConnection ofOther = await other.ConnectAsync();
        byte[] payload = new byte[ControlConnection.SmallFrameBytesMax + 1];
        const ControlKind Unknown = (ControlKind)200;
        client.Send(ofClient, Unknown, payload);
        other.Send(ofOther, Unknown, payload);
        await Eventually.TrueAsync(() => !ofClient.IsUp, "the client to be closed");
        Assert.True(ofOther.IsUp);
    }
}
