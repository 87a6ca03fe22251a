using System.Net;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Discovery.Seeds;

/// <summary>Real sockets and a real DNS server; a machine's other addresses are those of its loopback network.</summary>
public sealed class LoopbackDnsTests
{
    [RequiresFact("linux")]
    public async Task A_node_that_moves_is_reached_again_by_what_the_server_says_then()
    {
        using SecretKey key = SecretKey.Generate();
        using var dns = new LoopbackDns();
        TransportNode before = await StartAsync(key, "127.0.0.2", 0);
        int port = before.LocalEndPoint!.Port;
        dns.Answer("127.0.0.2");
        await using TransportNode dialler = await TransportNode.StartAsync(TwoNodes.ClientOptions(options =>
        {
            options.DnsResolver = dns;
            options.Limits = new TransportLimits { RedialFirst = TimeSpan.FromMilliseconds(20), RedialMax = TimeSpan.FromMilliseconds(100) };
            options.Seeds.Add($"node.kameo.test:{port}");
        }));
        await Eventually.TrueAsync(() => dialler.FindPeer(key.Id) is { IsConnected: true }, "the node to be connected");
        await before.DisposeAsync();
        dns.Answer("127.0.0.3");
        await using TransportNode after = await StartAsync(key, "127.0.0.3", port);
        await Eventually.TrueAsync(() => dialler.FindPeer(key.Id)?.RemoteEndPoint is IPEndPoint there && there.Address.ToString() == "127.0.0.3", "the node to be connected where it is now");
    }

    [Fact]
    public async Task The_systems_resolver_knows_this_machine()
    {
        await using TransportNode server = await TransportNode.StartAsync(TwoNodes.Options());
        await using TransportNode dialler = await TransportNode.StartAsync(TwoNodes.ClientOptions(options => options.Seeds.Add($"localhost:{server.LocalEndPoint!.Port}")));
        await Eventually.TrueAsync(() => dialler.FindPeer(server.Id) is { IsConnected: true }, "localhost to be connected");
    }

    private static Task<TransportNode> StartAsync(SecretKey key, string address, int port) => TransportNode.StartAsync(TwoNodes.Options(options =>
    {
        options.Key = key;
        options.Listen = new IPEndPoint(IPAddress.Parse(address), port);
    }));
}
