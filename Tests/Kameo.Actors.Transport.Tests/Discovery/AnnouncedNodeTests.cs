using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport.Tests.Discovery;

/// <summary>Nodes that are found by mDNS, with what they announced.</summary>
public sealed class AnnouncedNodeTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task One_that_listens_on_all_of_IPv4_announces_no_IPv6()
    {
        string cluster = $"announced-{Guid.NewGuid():n}";
        await using TransportNode server = await TransportNode.StartAsync(Options(cluster, new IPEndPoint(IPAddress.Any, 0), isAnnounced: true));
        await using TransportNode client = await TransportNode.StartAsync(Options(cluster, null));
        using var deadline = new CancellationTokenSource(s_deadline);
        await foreach (DiscoveredNode found in client.DiscoverAllAsync(deadline.Token))
        {
            Assert.Equal(server.Id, found.Id);
            Assert.All(found.Addresses, static address => Assert.Equal(AddressFamily.InterNetwork, address.AddressFamily));
            break;
        }
    }

    [Fact]
    public async Task What_one_who_answered_said_is_told_rather_than_that_another_address_led_nowhere()
    {
        using var someoneElse = SecretKey.Generate();
        await using TransportNode server = await TransportNode.StartAsync(Options("closed", new IPEndPoint(IPAddress.Loopback, 0), trust: TrustPolicy.Peers([someoneElse.Id])));
        await using TransportNode client = await TransportNode.StartAsync(Options("closed", null));
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // Bound, not listening: refused.
        var found = new DiscoveredNode("it", "closed", server.Id, [server.LocalEndPoint!, nobody.LocalEndPoint!]);
        TransportException failure = await Assert.ThrowsAsync<TransportException>(() => client.ConnectAsync(found).WaitAsync(s_deadline));
        Assert.NotEqual(CloseReason.Unreachable, failure.Reason);
    }

    [Fact]
    public async Task One_of_another_cluster_is_given_up_after_two_refusals()
    {
        using var someoneElse = SecretKey.Generate();
        await using TransportNode server = await TransportNode.StartAsync(Options("closed", new IPEndPoint(IPAddress.Loopback, 0), trust: TrustPolicy.Peers([someoneElse.Id])));
        await using TransportNode client = await TransportNode.StartAsync(Options("closed", null));
        var dialer = new Dialer(client, [server.LocalEndPoint!], server.Id) { RefusalsMax = 2 };
        dialer.Start();
        await Eventually.TrueAsync(() => dialer.IsStopped, "the dialer has given up");
        Assert.Equal(2, dialer.FailureCount);
    }

    private static TransportOptions Options(string cluster, IPEndPoint? listen, bool isAnnounced = false, TrustPolicy? trust = null) =>
        new() { Trust = trust ?? TrustPolicy.Anyone(), ClusterName = cluster, Listen = listen, Mdns = isAnnounced };
}
