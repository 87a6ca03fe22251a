using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport.Tests;
using Kameo.Actors.Transport.Tests.Discovery;
using Xunit.Abstractions;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>Members that are found: names whose address changes, and nothing but the local network.</summary>
[Collection(ClusterCollection.Name)]
public sealed class DiscoveryTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_member_whose_name_leads_elsewhere_after_a_restart_is_found_again_by_the_others()
    {
        using var dns = new ScriptedDns();
        await using var cluster = new ProcessCluster(output);
        string key = Path.Combine(cluster.Folder, "moving.pem");
        dns.Answer("moving.test", "127.0.0.2");

        // The one that moves knows nobody. The others know where it is first, and learn its name from it.
        string port = FreePort().ToString(CultureInfo.InvariantCulture);
        string[] known = ["--advertise", $"moving.test:{port}", "--key", key, "--dns-server", dns.EndPoint];
        NodeProcess moving = await cluster.AddAsync(["--listen", $"127.0.0.2:{port}", .. known]);
        string seed = $"127.0.0.2:{port}";
        await cluster.AddAsync("--seed", seed, "--dns-server", dns.EndPoint);
        await cluster.AddAsync("--seed", seed, "--dns-server", dns.EndPoint);
        await ProcessCluster.StewardsAsync(cluster.Nodes);
        await cluster[1].WaitForStatusAsync(static status => status.GetProperty("connected").GetInt32() == 2);

        NodeProcess[] others = [cluster[1], cluster[2]];
        double killedAt = cluster.Kill(moving);
        await ProcessCluster.GoneAsync(others, moving, killedAt);
        dns.Answer("moving.test", "127.0.0.3");
        NodeProcess moved = await cluster.AddAsync(["--listen", $"127.0.0.3:{port}", .. known]);
        Assert.Equal(moving.Id, moved.Id);
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        await ProcessCluster.ServingAsync(cluster.Nodes);
        cluster.Print("a node that was killed is a member again at another address behind the same name after", SharedClock.Now - killedAt);
        foreach (NodeProcess node in cluster.Nodes)
        {
            await node.WaitForStatusAsync(static status => status.GetProperty("connected").GetInt32() == 2);
        }
    }

    [RequiresFact("linux", "root", "netns", "ip")]
    public async Task Nodes_on_two_hosts_that_know_nothing_of_each_other_are_one_cluster_and_part_in_good_order()
    {
        using BridgedHosts hosts = BridgedHosts.Create(near: 1, far: 1);
        await using var cluster = new ProcessCluster(output);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(index => cluster.AddAsync(hosts[index], ["--mdns", "--listen", $"{BridgedHosts.Address(index)}:0"])));
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        NodeProcess leaving = cluster[1];
        cluster.Forget(leaving);
        await leaving.LeaveAsync();
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        Assert.DoesNotContain(cluster[0].Events, static one => one.Name == "life-ended" && one.Text("reason") != "Dissolved");
    }

    [RequiresFact("linux", "root", "netns", "ip", "avahi-daemon", "avahi-browse", "dbus-daemon")]
    public async Task Avahi_sees_the_members_and_their_goodbye()
    {
        await using AvahiNetwork network = await AvahiNetwork.StartAsync();
        await using var cluster = new ProcessCluster(output);
        Process browse = network.StartBrowsing("_kameo._tcp");
        NodeProcess first = await cluster.AddAsync("--mdns", "--listen", $"{network.Address}:0");
        await AvahiNetwork.ReadUntilAsync(browse, line => line.StartsWith('=') && line.Contains(first.Id, StringComparison.Ordinal));
        NodeProcess second = await cluster.AddAsync("--mdns", "--listen", $"{network.Address}:0");
        string line = await AvahiNetwork.ReadUntilAsync(browse, line => line.StartsWith('=') && line.Contains(second.Id, StringComparison.Ordinal));
        Assert.Contains($";{network.Address};{second.Port.ToString(CultureInfo.InvariantCulture)};", line, StringComparison.Ordinal);
        await ProcessCluster.OneViewAsync(cluster.Nodes);
        cluster.Forget(second);
        await second.LeaveAsync();
        await AvahiNetwork.ReadUntilAsync(browse, line => line.StartsWith('-') && line.Contains($"kameo-{second.Id[..10]}", StringComparison.Ordinal));
        await ProcessCluster.OneViewAsync(cluster.Nodes);
    }

    private static int FreePort()
    {
        using var taken = new TcpListener(IPAddress.Parse("127.0.0.2"), 0);
        taken.Start();
        return ((IPEndPoint)taken.LocalEndpoint).Port;
    }
}
