using System.Diagnostics;
using System.Text.Json;
using Kameo.Actors.Transport.Tests;
using Kameo.Actors.Transport.Tests.Discovery;

namespace Kameo.Actors.EndToEnd.Tests;

/// <summary>Server and client on two hosts: network namespaces joined by a virtual cable.</summary>
public sealed class TwoHostTests
{
    [RequiresFact("linux", "root", "netns", "ip")]
    public async Task The_client_finds_the_server_by_mdns_in_under_a_second_and_a_second_run_continues_the_count()
    {
        using TwoHosts hosts = TwoHosts.Create();
        await using SampleProcess server = SampleProcess.Server(hosts.First, "--json");
        JsonElement ready = server.ReadJson();
        for (int run = 1; run <= 2; run++)
        {
            await using SampleProcess client = SampleProcess.Client(hosts.Second, "--delay", "0", "--json");
            JsonElement report = client.ReadJson();
            Assert.Equal(0, await client.ExitAsync());
            Assert.Equal(100, report.GetProperty("pings").GetInt64());
            Assert.Equal(100 * run, report.GetProperty("server_count").GetInt64());
            Assert.Equal("mdns", report.GetProperty("found_by").GetString());
            Assert.Equal(ready.GetProperty("server_id").GetString(), report.GetProperty("server_id").GetString());
            Assert.InRange(report.GetProperty("find_ms").GetDouble(), 0, 1000);
        }
    }

    [RequiresFact("linux", "root", "netns", "ip")]
    public async Task The_client_reaches_an_unannounced_server_by_its_address()
    {
        using TwoHosts hosts = TwoHosts.Create();
        await using SampleProcess server = SampleProcess.Server(hosts.First, "--json", "--no-mdns");
        string port = server.ReadJson().GetProperty("port").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture);
        await using SampleProcess blind = SampleProcess.Client(hosts.Second, "--timeout", "1s");
        await using SampleProcess client = SampleProcess.Client(hosts.Second, "--server-ip", TwoHosts.FirstAddress, "--port", port, "--delay", "0", "--json");
        Assert.Equal(100, client.ReadJson().GetProperty("pings").GetInt64());
        Assert.Equal(0, await client.ExitAsync());
        Assert.Equal(1, await blind.ExitAsync());
        Assert.Contains("No server found by mDNS", blind.Errors, StringComparison.Ordinal);
    }

    [RequiresFact("linux", "root", "netns", "ip")]
    public async Task With_loopback_alone_the_client_still_finds_its_own_server()
    {
        string host = $"kameo-lo-{Guid.NewGuid().ToString("n")[..8]}";
        TwoHosts.Run("ip", "netns", "add", host);
        try
        {
            TwoHosts.Run("ip", "-n", host, "link", "set", "lo", "up");
            await using SampleProcess client = SampleProcess.Client(host, "--with-server", "--delay", "0", "--json");
            Assert.Equal(100, client.ReadJson().GetProperty("pings").GetInt64());
            Assert.Equal(0, await client.ExitAsync());
        }
        finally
        {
            TwoHosts.Run("ip", "netns", "delete", host);
        }
    }

    [RequiresFact("linux", "root", "netns", "ip", "avahi-daemon", "avahi-browse", "dbus-daemon")]
    public async Task Avahi_on_another_host_sees_the_server_and_who_it_is()
    {
        await using AvahiNetwork network = await AvahiNetwork.StartAsync();
        Process browse = network.StartBrowsing("_kameo._tcp");
        await using SampleProcess server = SampleProcess.Server(null, "--json", "--listen", network.Address);
        JsonElement ready = server.ReadJson();
        string id = ready.GetProperty("server_id").GetString()!;
        string line = await AvahiNetwork.ReadUntilAsync(browse, line => line.StartsWith('=') && line.Contains(id, StringComparison.Ordinal));
        Assert.Contains(network.Address, line, StringComparison.Ordinal);
        Assert.Contains(ready.GetProperty("port").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture), line, StringComparison.Ordinal);
        server.Interrupt();
        Assert.Equal(0, await server.ExitAsync());
        await AvahiNetwork.ReadUntilAsync(browse, line => line.StartsWith('-') && line.Contains($"kameo-{id[..10]}", StringComparison.Ordinal));
    }
}
