using System.Net;
using Kameo.Actors.Transport.Discovery;
using Kameo.Actors.Transport.Discovery.Mdns;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Tests.Discovery;

/// <summary>Browsing, in virtual time.</summary>
public sealed class MdnsBrowserTests
{
    [Theory]
    [InlineData(0.31)]
    [InlineData(0.7)]
    [InlineData(1.3)]
    [InlineData(2.5)]
    [InlineData(1000)]
    public void An_announced_service_is_found_at_once_however_lately_it_was_announced(double announcedForSeconds)
    {
        VirtualLan lan = new();
        lan.AddAnnouncer("10.0.0.1");
        lan.Run(announcedForSeconds);
        VirtualHost browser = lan.AddBrowser("10.0.0.2");
        TimeSpan taken = lan.RunUntil(() => browser.Found.Length == 1, 1);
        Assert.InRange(taken.TotalMilliseconds, 0, 10);
        ServiceInstance found = browser.Found[0];
        Assert.Equal(("peer", 4711, "10.0.0.1", "abc"), (found.InstanceName, found.Port, found.Addresses.Single().ToString(), found.Text["id"]));
    }

    [Fact]
    public void Even_without_the_one_shot_answer_it_is_found_soon()
    {
        VirtualLan lan = new();
        VirtualHost host = lan.AddAnnouncer("10.0.0.1");
        lan.Run(5);
        VirtualHost browser = lan.AddBrowser("10.0.0.2");
        lan.Log.Clear();
        // The one-shot answer is lost: only what is multicast is injected again.
        host.Core.HandleDeadline(lan.Now);
        lan.RunUntil(() => lan.Log.Exists(crossing => crossing.From == host && crossing.Destination is null), 0.2);
        Assert.Single(lan.Log, crossing => crossing.From == host && crossing.Destination is null);
        Assert.Single(browser.Found);
    }

    [Fact]
    public void A_service_that_starts_later_is_found_by_its_announcement()
    {
        VirtualLan lan = new();
        VirtualHost browser = lan.AddBrowser("10.0.0.2");
        lan.Run(100);
        lan.AddAnnouncer("10.0.0.1");
        Assert.InRange(lan.RunUntil(() => browser.Found.Length == 1, 1).TotalMilliseconds, 250, 310);
    }

    [Fact]
    public void Queries_back_off_to_one_a_minute()
    {
        VirtualLan lan = new();
        lan.AddBrowser("10.0.0.2");
        lan.Run(250);
        Assert.Equal([0d, 1, 3, 7, 15, 31, 63, 123, 183, 243], lan.Log.Where(crossing => !crossing.OneShot).Select(crossing => crossing.At.TotalSeconds));
        Assert.Single(lan.Log, crossing => crossing.OneShot);
    }

    [Fact]
    public void A_goodbye_loses_the_service_within_a_second()
    {
        VirtualLan lan = new();
        VirtualHost host = lan.AddAnnouncer("10.0.0.1");
        VirtualHost browser = lan.AddBrowser("10.0.0.2");
        lan.Run(5);
        Assert.Single(browser.Found);
        host.Core.Withdraw();
        Assert.InRange(lan.RunUntil(() => browser.Found.Length == 0, 2).TotalSeconds, 0.9, 1.1);
        Assert.Equal(0, browser.Core.CachedRecords);
    }

    [Fact]
    public void A_silent_service_is_asked_four_times_and_then_lost()
    {
        VirtualLan lan = new();
        VirtualHost host = lan.AddAnnouncer("10.0.0.1");
        VirtualHost browser = lan.AddBrowser("10.0.0.2");
        lan.Run(10);
        TimeSpan heard = lan.Log.Last(crossing => crossing.From == host && crossing.Destination is null).At;
        host.IsAlive = false;
        lan.Log.Clear();
        lan.RunUntil(() => browser.Found.Length == 0, 130);
        Assert.InRange((lan.Now - heard).TotalSeconds, 119.9, 120.1);
        double[] parts = [.. lan.Log.Where(crossing => crossing.Message.Questions.Exists(question => question.Type == DnsType.Srv))
            .Select(crossing => (crossing.At - heard).TotalSeconds / 120)];
        Assert.Equal(4, parts.Length);
        Assert.All(parts.Zip((double[])[0.80, 0.85, 0.90, 0.95]), pair => Assert.InRange(pair.First, pair.Second, pair.Second + 0.021));
    }

    [Fact]
    public void A_living_service_stays_known()
    {
        VirtualLan lan = new();
        lan.AddAnnouncer("10.0.0.1");
        VirtualHost browser = lan.AddBrowser("10.0.0.2");
        lan.Run(5);
        for (int i = 0; i < 2000; i++)
        {
            lan.Run(5);
            Assert.Single(browser.Found);
        }
    }

    [Fact]
    public void A_restart_on_another_port_is_seen_at_once_and_the_old_port_flushed()
    {
        VirtualLan lan = new();
        VirtualHost host = lan.AddAnnouncer("10.0.0.1", port: 1);
        VirtualHost browser = lan.AddBrowser("10.0.0.2");
        lan.Run(10);
        host.IsAlive = false;
        lan.AddAnnouncer("10.0.0.1", port: 2);
        lan.RunUntil(() => browser.Found is [{ Port: 2 }], 0.4);
        lan.Run(4);
        Assert.Equal(2, Assert.Single(browser.Found).Port);
        // Pointer, location, text and address: of the old location nothing is left.
        Assert.Equal(4, browser.Core.CachedRecords);
    }

    [Fact]
    public void What_a_response_lacks_is_asked_for()
    {
        VirtualLan lan = new();
        VirtualHost browser = lan.AddBrowser("10.0.0.2");
        lan.Run(1.5);
        lan.AddAnnouncer("10.0.0.1");
        lan.Run(3.2);
        lan.AddHost("10.0.0.3");
        VirtualHost late = lan.AddHost("10.0.0.4");
        late.Core.Browse(lan.Now, VirtualLan.ServiceType);
        while (late.Core.TryTake(out _))
        {
        }
        DnsMessage pointer = new() { IsResponse = true };
        pointer.Answers.Add(DnsRecord.Ptr(VirtualLan.Type, VirtualLan.Name("peer._kameo._tcp.local"), 4500));
        lan.Inject(pointer, "10.0.0.1", to: late);
        lan.RunUntil(() => late.Found.Length == 1, 1.5);
        Assert.Contains(lan.Log, crossing => crossing.From == late && crossing.Message.Questions.Exists(question => question.Type == DnsType.Txt));
        Assert.Single(browser.Found);
    }

    [Fact]
    public void No_peer_can_make_it_remember_more_than_its_limits()
    {
        VirtualLan lan = new();
        VirtualHost browser = lan.AddBrowser("10.0.0.2");
        for (int i = 0; i < 3000; i++)
        {
            DnsName instance = VirtualLan.Name($"fake{i}._kameo._tcp.local");
            DnsName host = VirtualLan.Name($"fake{i}.local");
            DnsMessage response = new() { IsResponse = true };
            response.Answers.Add(DnsRecord.Ptr(VirtualLan.Type, instance, 4500));
            response.Answers.Add(DnsRecord.Ptr(VirtualLan.Name("_other._tcp.local"), instance, 4500));
            for (int version = 0; version < 4; version++)
                response.Answers.Add(DnsRecord.Srv(instance, host, (ushort)(1 + version), 4500));
            response.Answers.Add(DnsRecord.Txt(instance, new Dictionary<string, string>(), 4500));
            for (int address = 1; address < 20; address++)
                response.Answers.Add(DnsRecord.AddressOf(host, new IPAddress([10, 1, (byte)i, (byte)address]), 4500));
            lan.Inject(response, "10.0.0.66");
            lan.Run(0.01);
            Assert.InRange(browser.Core.CachedRecords, 1, MdnsLimits.CachedRecordsMax);
        }
        Assert.Equal(MdnsLimits.CachedRecordsMax, browser.Core.CachedRecords);
        Assert.InRange(browser.Found.Length, 100, MdnsLimits.InstancesMax);
        Assert.All(browser.Found, found => Assert.InRange(found.Addresses.Count, 1, MdnsLimits.AddressesMax));
        // And it stays quiet: what it lacks of the fakes is asked in few packets.
        lan.Log.Clear();
        lan.Run(60);
        Assert.InRange(lan.Log.Count, 0, 400);
        lan.Run(5000);
        Assert.Equal(0, browser.Core.CachedRecords);
    }

    [Fact]
    public void Only_what_is_browsed_is_remembered()
    {
        VirtualLan lan = new();
        VirtualHost browser = lan.AddBrowser("10.0.0.2");
        DnsMessage response = new() { IsResponse = true };
        response.Answers.Add(DnsRecord.Ptr(VirtualLan.Name("_http._tcp.local"), VirtualLan.Name("a._http._tcp.local"), 4500));
        response.Answers.Add(DnsRecord.Ptr(VirtualLan.Type, VirtualLan.Name("a._http._tcp.local"), 4500));
        response.Answers.Add(DnsRecord.Srv(VirtualLan.Name("b._kameo._tcp.local"), VirtualLan.Name("b.local"), 1, 4500));
        response.Answers.Add(DnsRecord.AddressOf(VirtualLan.Name("b.local"), IPAddress.Parse("10.0.0.7"), 4500));
        lan.Inject(response, "10.0.0.66");
        lan.Run(1);
        Assert.Equal(0, browser.Core.CachedRecords);
    }

    [Fact]
    public void Forged_responses_are_not_believed()
    {
        VirtualLan lan = new();
        VirtualHost browser = lan.AddBrowser("10.0.0.2");
        // Not from port 5353; by unicast from off the link; to the one-shot socket with an id that was not asked with.
        lan.Inject(Whole("10.0.0.66"), "10.0.0.66", port: 5354);
        lan.Inject(Whole("10.0.0.66"), "192.168.0.66", to: browser);
        lan.Run(1);
        byte[] buffer = new byte[DnsLimits.MessageBytesMax];
        Assert.True(Whole("10.0.0.66").TryWrite(buffer, out int bytesWritten));
        browser.Core.Handle(lan.Now, buffer.AsSpan(0, bytesWritten), new MdnsSource(VirtualLan.LinkIndex, IPEndPoint.Parse("10.0.0.66:5353"), false, OneShot: true));
        Assert.Equal(0, browser.Core.CachedRecords);
        lan.Inject(Whole("10.0.0.66"), "10.0.0.66");
        lan.Run(0.01);
        Assert.Single(browser.Found);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.251")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:10.0.0.1")]
    public void Addresses_that_cannot_be_a_peer_are_left_out(string address)
    {
        VirtualLan lan = new();
        VirtualHost browser = lan.AddBrowser("10.0.0.2");
        lan.Inject(Whole(address), "10.0.0.66");
        lan.Run(1);
        Assert.Empty(browser.Found);
    }

    [Fact]
    public void Links_are_merged_loopback_first_and_link_local_addresses_get_their_scope()
    {
        MdnsCore core = new(new Random(1));
        MdnsLink loopback = new(1, "lo", true, [new LinkAddress(IPAddress.Loopback, 8)]);
        MdnsLink lan = new(7, "eth0", false, [new LinkAddress(IPAddress.Parse("10.0.0.1"), 24)]);
        core.SetLinks(TimeSpan.Zero, [lan, loopback]);
        core.Browse(TimeSpan.Zero, VirtualLan.ServiceType);
        byte[] buffer = new byte[DnsLimits.MessageBytesMax];
        foreach ((int link, string[] addresses) in new[] { (7, new[] { "fe80::9", "169.254.1.1", "2001:db8::1", "10.0.0.5" }), (1, ["127.0.0.1"]) })
        {
            Assert.True(Whole(addresses).TryWrite(buffer, out int bytesWritten));
            core.Handle(TimeSpan.Zero, buffer.AsSpan(0, bytesWritten), new MdnsSource(link, IPEndPoint.Parse("10.0.0.5:5353"), true));
        }
        ServiceInstance found = Assert.Single(core.Resolved(VirtualLan.ServiceType));
        Assert.Equal(["127.0.0.1", "10.0.0.5", "2001:db8::1", "169.254.1.1", "fe80::9%7"], found.Addresses.Select(address => address.ToString()));
        // A link that goes takes what was heard on it along.
        core.SetLinks(TimeSpan.Zero, [loopback]);
        Assert.Equal(["127.0.0.1"], Assert.Single(core.Resolved(VirtualLan.ServiceType)).Addresses.Select(address => address.ToString()));
    }

    [Fact]
    public void Many_known_answers_are_told_in_several_packets_and_not_answered_again()
    {
        VirtualLan lan = new();
        for (int i = 1; i <= 40; i++)
            lan.AddAnnouncer($"10.0.0.{i}", $"peer{i}");
        VirtualHost browser = lan.AddBrowser("10.0.0.99");
        lan.RunUntil(() => browser.Found.Length == 40, 2);
        lan.Run(10);
        lan.Log.Clear();
        lan.Run(40);
        Crossing[] queries = [.. lan.Log.Where(crossing => crossing.From == browser && crossing.Message.Answers.Count > 0)];
        Assert.Equal([16, 16, 8], queries.Take(3).Select(query => query.Message.Answers.Count));
        Assert.Equal([true, true, false], queries.Take(3).Select(query => query.Message.IsTruncated));
        Assert.Equal([1, 0, 0], queries.Take(3).Select(query => query.Message.Questions.Count));
        Assert.DoesNotContain(lan.Log, crossing => crossing.Message.IsResponse);
    }

    [Fact]
    public void Browsing_has_a_limit_and_bad_types_are_refused()
    {
        MdnsCore core = new(new Random(1));
        for (int i = 0; i < MdnsLimits.BrowsedTypesMax; i++)
            core.Browse(TimeSpan.Zero, $"_t{i}._tcp");
        Assert.Throws<InvalidOperationException>(() => core.Browse(TimeSpan.Zero, "_more._tcp"));
        core.StopBrowsing("_t0._tcp");
        Assert.Throws<ArgumentException>(() => core.Browse(TimeSpan.Zero, "_a.._tcp"));
        core.Browse(TimeSpan.Zero, "_more._tcp");
    }

    private static DnsMessage Whole(params string[] addresses)
    {
        DnsName instance = VirtualLan.Name("x._kameo._tcp.local");
        DnsMessage response = new() { IsResponse = true };
        response.Answers.Add(DnsRecord.Ptr(VirtualLan.Type, instance, 4500));
        response.Additionals.Add(DnsRecord.Srv(instance, VirtualLan.Name("x.local"), 1, 120));
        response.Additionals.Add(DnsRecord.Txt(instance, new Dictionary<string, string>(), 4500));
        foreach (string address in addresses)
            response.Additionals.Add(DnsRecord.AddressOf(VirtualLan.Name("x.local"), IPAddress.Parse(address), 120));
        return response;
    }
}
