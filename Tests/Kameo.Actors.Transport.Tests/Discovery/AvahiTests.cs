using System.Diagnostics;
using System.Net;
using Kameo.Actors.Transport.Discovery;

namespace Kameo.Actors.Transport.Tests.Discovery;

/// <summary>An independent implementation of multicast DNS on the other end of a cable.</summary>
public sealed class AvahiTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [RequiresFact("linux", "root", "netns", "ip", "avahi-daemon", "avahi-browse", "avahi-publish-service", "dbus-daemon")]
    public async Task Avahi_finds_us_we_find_it_and_both_hear_goodbyes()
    {
        await using AvahiNetwork network = await AvahiNetwork.StartAsync();
        await using MulticastDns dns = MulticastDns.Start(new MulticastDnsOptions { Interfaces = candidate => candidate.Name == network.Interface });
        Assert.True(dns.IsAvailable);

        // It sees us: interface;protocol;name;type;domain, and when resolved: host;address;port;text.
        await dns.AnnounceAsync(VirtualLan.Service("we"), default).WaitAsync(s_deadline);
        Process browsing = network.StartBrowsing(VirtualLan.ServiceType);
        string resolved = await AvahiNetwork.ReadUntilAsync(
            browsing, line => line.StartsWith('=') && line.Contains(";IPv4;we;_kameo._tcp;local;we.local;", StringComparison.Ordinal));
        Assert.Contains($";{network.Address};4711;", resolved);
        foreach (string pair in (string[])["\"id=abc\"", "\"cluster=default\"", "\"v=1\""])
            Assert.Contains(pair, resolved);
        await dns.WithdrawAsync();
        await AvahiNetwork.ReadUntilAsync(browsing, static line => line.StartsWith('-') && line.Contains(";we;", StringComparison.Ordinal));

        // We see it.
        TaskCompletionSource<ServiceInstance> found = new();
        TaskCompletionSource<ServiceInstance> lost = new();
        Process publishing = network.StartPublishing("it", VirtualLan.ServiceType, 815, "id=xyz");
        await AvahiNetwork.ReadUntilAsync(browsing, static line => line.StartsWith('=') && line.Contains(";it;", StringComparison.Ordinal));
        using IDisposable search = dns.Browse(VirtualLan.ServiceType, instance => found.TrySetResult(instance), instance => lost.TrySetResult(instance));
        ServiceInstance seen = await found.Task.WaitAsync(s_deadline);
        Assert.Equal(("it", 815, "xyz"), (seen.InstanceName, seen.Port, seen.Text["id"]));
        Assert.Contains(IPAddress.Parse(network.Address[..^1] + "2"), seen.Addresses);

        // One of the two gives way (RFC 6762, 9). Avahi does not repeat within half a second what it said: if it lets all our probes pass, the conflict shows
        // when both have announced, and then it may be Avahi that takes another name.
        await dns.AnnounceAsync(VirtualLan.Service("it"), default).WaitAsync(s_deadline);
        string second = await AvahiNetwork.ReadUntilAsync(browsing, static line => line.StartsWith('=')
            && (line.Contains(";it\\032\\0402\\041;", StringComparison.Ordinal) || line.Contains(";it\\032\\0352;", StringComparison.Ordinal)));
        bool avahiGaveWay = second.Contains("id=xyz", StringComparison.Ordinal);
        await Eventually.TrueAsync(() => dns.AnnouncedName is "it (2)" || (avahiGaveWay && dns.AnnouncedName is "it"), "a name that is not Avahi's"); // Both may have given way.
        if (avahiGaveWay)
            return;

        publishing.Kill();
        Assert.Equal("it", (await lost.Task.WaitAsync(s_deadline)).InstanceName);
    }
}
