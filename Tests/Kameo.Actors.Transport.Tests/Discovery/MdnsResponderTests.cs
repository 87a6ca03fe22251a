using System.Net;
using Kameo.Actors.Transport.Discovery.Mdns;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Tests.Discovery;

/// <summary>Announcing, in virtual time.</summary>
public sealed class MdnsResponderTests
{
    private static readonly DnsName s_instance = VirtualLan.Name("peer._kameo._tcp.local");
    private static readonly DnsName s_host = VirtualLan.Name("peer.local");

    [Fact]
    public void Three_probes_a_quarter_second_apart_then_announcements_that_claim_the_name()
    {
        VirtualLan lan = new();
        VirtualHost host = lan.AddAnnouncer("10.0.0.1");
        TimeSpan answering = lan.RunUntil(() => host.Core.AnnouncedName is not null, 1);
        Assert.InRange(answering.TotalMilliseconds, 250, 300);
        lan.Run(10);

        Crossing[] probes = [.. lan.Log.Where(crossing => !crossing.Message.IsResponse)];
        Assert.Equal(3, probes.Length);
        Assert.All(probes, probe => Assert.Equal(
            [new DnsQuestion(s_instance, DnsType.Any), new DnsQuestion(s_host, DnsType.Any)], probe.Message.Questions));
        Assert.Equal([DnsType.Srv, DnsType.Txt, DnsType.A], probes[0].Message.Authorities.Select(record => record.Type));
        Assert.Equal(MdnsLimits.ProbeInterval, probes[1].At - probes[0].At);
        Assert.Equal(MdnsLimits.ProbeInterval, probes[2].At - probes[1].At);

        Crossing[] announcements = [.. lan.Log.Where(crossing => crossing.Message.IsResponse)];
        Assert.Equal([1d, 2d], announcements.Zip(announcements.Skip(1), (first, second) => (second.At - first.At).TotalSeconds));
        // Only after all probes is the name claimed.
        Assert.DoesNotContain(announcements[0].Message.Answers, record => record.CacheFlush);
        Assert.Equal([false, false, true, true, true], announcements[1].Message.Answers.Select(record => record.CacheFlush));
        Assert.Equal([4500u, 4500u, 120u, 4500u, 120u], announcements[1].Message.Answers.Select(record => record.TtlSeconds));
    }

    [Fact]
    public void A_taken_name_is_left_to_its_owner()
    {
        VirtualLan lan = new();
        VirtualHost owner = lan.AddAnnouncer("10.0.0.1", port: 1);
        lan.Run(5);
        VirtualHost second = lan.AddAnnouncer("10.0.0.2", port: 2);
        VirtualHost browser = lan.AddBrowser("10.0.0.3");
        lan.Run(5);
        Assert.Equal("peer", owner.Core.AnnouncedName);
        Assert.Equal("peer (2)", second.Core.AnnouncedName);
        Assert.Equal(
            [("peer", 1, "10.0.0.1"), ("peer (2)", 2, "10.0.0.2")],
            browser.Found.Select(found => (found.InstanceName, (int)found.Port, found.Addresses.Single().ToString())).Order());
        // And the host name, which must not be shared either.
        Assert.Contains(lan.Log, crossing => crossing.Message.Answers.Exists(record => record.Name.Equals(VirtualLan.Name("peer-2.local"))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Of_simultaneous_probes_one_keeps_the_name(int seed)
    {
        VirtualLan lan = new(seed);
        VirtualHost low = lan.AddAnnouncer("10.0.0.1", port: 1);
        VirtualHost high = lan.AddAnnouncer("10.0.0.2", port: 2);
        lan.Run(10);
        // The lexicographically later record wins: the higher port.
        Assert.Equal(("peer (2)", "peer"), (low.Core.AnnouncedName, high.Core.AnnouncedName));
    }

    [Fact]
    public void A_later_conflict_is_probed_and_the_name_kept_if_nobody_answers()
    {
        VirtualLan lan = new();
        VirtualHost host = lan.AddAnnouncer("10.0.0.1");
        lan.Run(5);
        lan.Log.Clear();
        lan.Inject(Response(DnsRecord.Srv(s_instance, VirtualLan.Name("other.local"), 9, 120)), "10.0.0.9");
        lan.Run(0.01);
        Assert.Null(host.Core.AnnouncedName);
        lan.Run(5);
        Assert.Equal("peer", host.Core.AnnouncedName);
        Assert.Equal(3, lan.Log.Count(crossing => !crossing.Message.IsResponse));
    }

    [Fact]
    public void Our_own_packets_and_our_addresses_on_other_links_are_no_conflict()
    {
        VirtualLan lan = new();
        VirtualHost host = lan.AddHost("10.0.0.1");
        MdnsLink other = new(VirtualLan.LinkIndex + 1, "wlan", false, [new LinkAddress(IPAddress.Parse("10.0.0.77"), 24)]);
        host.Core.SetLinks(lan.Now, [host.Link, other]);
        host.Core.Announce(lan.Now, VirtualLan.Service(), null);
        lan.Run(2);
        lan.Inject(Response(DnsRecord.AddressOf(s_host, IPAddress.Parse("10.0.0.77"), 120).With(120, cacheFlush: true)), "10.0.0.77");
        lan.Run(0.01);
        Assert.Equal("peer", host.Core.AnnouncedName);
        lan.Inject(Response(DnsRecord.AddressOf(s_host, IPAddress.Parse("10.0.0.78"), 120).With(120, cacheFlush: true)), "10.0.0.78");
        lan.Inject(Response(DnsRecord.AddressOf(s_host, IPAddress.Parse("10.0.0.78"), 120).With(120, cacheFlush: true)), "10.0.0.78");
        lan.Run(0.01);
        Assert.NotEqual("peer", host.Core.AnnouncedName);
    }

    [Fact]
    public void A_storm_of_conflicts_slows_probing_down()
    {
        VirtualLan lan = new();
        VirtualHost host = lan.AddAnnouncer("10.0.0.1");
        TimeSpan end = TimeSpan.FromSeconds(60);
        // A bully that owns every name asked for.
        for (int seen = 0; lan.Now < end; lan.Run(0.005))
        {
            for (; seen < lan.Log.Count; seen++)
            {
                if (!lan.Log[seen].Message.IsResponse)
                    lan.Inject(Response(DnsRecord.Srv(lan.Log[seen].Message.Questions[0].Name, VirtualLan.Name("bully.local"), 9, 120)), "10.0.0.9");
            }
        }
        int probes = lan.Log.Count(crossing => !crossing.Message.IsResponse);
        Assert.InRange(probes, MdnsLimits.ConflictsMax, MdnsLimits.ConflictsMax + 14);
        Assert.Null(host.Core.AnnouncedName);
    }

    [Fact]
    public void An_answer_waits_a_random_while_and_brings_what_is_asked_next()
    {
        VirtualLan lan = Settled(out _);
        TimeSpan asked = lan.Now;
        lan.Inject(Query(new DnsQuestion(VirtualLan.Type, DnsType.Ptr)), "10.0.0.9");
        lan.Run(1);
        Crossing answer = Assert.Single(lan.Log);
        Assert.Null(answer.Destination);
        Assert.InRange((answer.At - asked).TotalMilliseconds, 20, 122);
        Assert.Equal([DnsType.Ptr], answer.Message.Answers.Select(record => record.Type));
        Assert.Equal([DnsType.Srv, DnsType.Txt, DnsType.A], answer.Message.Additionals.Select(record => record.Type));
    }

    [Fact]
    public void A_question_for_what_only_we_have_is_answered_at_once()
    {
        VirtualLan lan = Settled(out _);
        TimeSpan asked = lan.Now;
        lan.Inject(Query(new DnsQuestion(s_instance, DnsType.Srv)), "10.0.0.9");
        lan.Run(1);
        Assert.InRange((Assert.Single(lan.Log).At - asked).TotalMilliseconds, 0, 5);
    }

    [Fact]
    public void No_record_is_multicast_twice_in_a_second()
    {
        VirtualLan lan = Settled(out _);
        for (int i = 0; i < 100; i++)
        {
            lan.Inject(Query(new DnsQuestion(VirtualLan.Type, DnsType.Ptr), new DnsQuestion(s_instance, DnsType.Any)), "10.0.0.9");
            lan.Run(0.1);
        }
        Assert.InRange(lan.Log.Count(crossing => crossing.Message.Answers.Exists(record => record.Type == DnsType.Ptr)), 8, 11);
        foreach (DnsType type in (ReadOnlySpan<DnsType>)[DnsType.Ptr, DnsType.Srv, DnsType.Txt, DnsType.A])
        {
            TimeSpan[] times = [.. lan.Log.Where(crossing =>
                crossing.Message.Answers.Concat(crossing.Message.Additionals).Any(record => record.Type == type)).Select(crossing => crossing.At)];
            Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First >= MdnsLimits.MulticastInterval, $"{type}"));
        }
    }

    [Theory]
    [InlineData(4500, 0)]
    [InlineData(2250, 0)]
    [InlineData(2249, 1)]
    public void A_known_answer_is_not_told_while_half_its_life_is_left(int ttlSeconds, int answers)
    {
        VirtualLan lan = Settled(out _);
        DnsMessage query = Query(new DnsQuestion(VirtualLan.Type, DnsType.Ptr));
        query.Answers.Add(DnsRecord.Ptr(VirtualLan.Type, s_instance, (uint)ttlSeconds));
        lan.Inject(query, "10.0.0.9");
        lan.Run(1);
        Assert.Equal(answers, lan.Log.Count);
    }

    [Fact]
    public void Known_answers_in_a_further_packet_count_too()
    {
        VirtualLan lan = Settled(out _);
        DnsMessage first = new() { IsTruncated = true };
        first.Questions.Add(new DnsQuestion(VirtualLan.Type, DnsType.Ptr));
        DnsMessage further = new();
        further.Answers.Add(DnsRecord.Ptr(VirtualLan.Type, s_instance, 4500));
        lan.Inject(first, "10.0.0.9");
        lan.Run(0.3);
        lan.Inject(further, "10.0.0.9");
        lan.Run(2);
        Assert.Empty(lan.Log);

        lan.Inject(first, "10.0.0.9");
        lan.Inject(further, "10.0.0.8");
        lan.Run(0.35);
        Assert.Empty(lan.Log);
        lan.Run(0.2);
        Assert.Single(lan.Log);
    }

    [Fact]
    public void The_unicast_bit_gives_a_unicast_answer_unless_others_have_not_heard_it_for_long()
    {
        VirtualLan lan = Settled(out _);
        lan.Inject(Query(new DnsQuestion(VirtualLan.Type, DnsType.Ptr, UnicastResponse: true)), "10.0.0.9");
        lan.Run(1);
        Assert.Equal("10.0.0.9", Assert.Single(lan.Log).Destination!.Address.ToString());
        lan.Run(4500 / 4);
        lan.Log.Clear();
        lan.Inject(Query(new DnsQuestion(VirtualLan.Type, DnsType.Ptr, UnicastResponse: true)), "10.0.0.9");
        lan.Run(1);
        Assert.Null(Assert.Single(lan.Log).Destination);
    }

    [Fact]
    public void A_one_shot_query_is_answered_in_its_own_form()
    {
        VirtualLan lan = Settled(out _);
        DnsMessage query = new() { Id = 0x1234 };
        query.Questions.Add(new DnsQuestion(VirtualLan.Type, DnsType.Ptr));
        lan.Inject(query, "10.0.0.9", port: 50_000);
        lan.Run(0.01);
        Crossing answer = Assert.Single(lan.Log);
        Assert.Equal(IPEndPoint.Parse("10.0.0.9:50000"), answer.Destination);
        Assert.Equal(query.Id, answer.Message.Id);
        Assert.Equal(query.Questions, answer.Message.Questions);
        Assert.All(answer.Message.Answers.Concat(answer.Message.Additionals), record => Assert.True(record is { TtlSeconds: <= 10, CacheFlush: false }));
    }

    [Fact]
    public void Types_can_be_listed_and_missing_types_are_denied()
    {
        VirtualLan lan = Settled(out _);
        lan.Inject(Query(new DnsQuestion(VirtualLan.Name("_services._dns-sd._udp.local"), DnsType.Ptr)), "10.0.0.9");
        lan.Run(1);
        Assert.Equal(VirtualLan.Type, Assert.Single(Assert.Single(lan.Log).Message.Answers).Target);
        lan.Log.Clear();
        DnsMessage query = new() { Id = 1 };
        query.Questions.Add(new DnsQuestion(s_host, DnsType.Aaaa));
        VirtualHost host = lan.AddHost("10.0.0.9");
        lan.Inject(query, "10.0.0.9", port: 50_000);
        lan.Run(0.01);
        // NSEC is not read by our reader: the answer section is there and holds nothing it knows.
        Assert.Empty(Assert.Single(lan.Log).Message.Answers);
        Assert.Empty(host.Found);
    }

    [Fact]
    public void Leaving_takes_everything_back()
    {
        VirtualLan lan = Settled(out VirtualHost host);
        host.Core.Withdraw();
        lan.Run(1);
        Crossing goodbye = Assert.Single(lan.Log);
        Assert.Equal([DnsType.Ptr, DnsType.Srv, DnsType.Txt, DnsType.A], goodbye.Message.Answers.Select(record => record.Type));
        Assert.All(goodbye.Message.Answers, record => Assert.Equal(0u, record.TtlSeconds));
        Assert.Null(host.Core.AnnouncedName);
    }

    [Fact]
    public void A_foreign_goodbye_for_our_record_is_answered_by_telling_it_again()
    {
        VirtualLan lan = Settled(out _);
        lan.Inject(Response(DnsRecord.Ptr(VirtualLan.Type, s_instance, 0)), "10.0.0.9");
        lan.Run(0.5);
        Assert.Contains(Assert.Single(lan.Log).Message.Answers, record => record is { Type: DnsType.Ptr, TtlSeconds: 4500 });
    }

    [Fact]
    public void Nobody_can_have_more_than_a_hundred_unicast_answers_a_second_sent()
    {
        VirtualLan lan = Settled(out _);
        for (int i = 0; i < 5000; i++)
            lan.Inject(Query(new DnsQuestion(VirtualLan.Type, DnsType.Ptr, UnicastResponse: i % 2 == 0)), $"10.0.0.{1 + i % 250}", port: i % 2 == 0 ? 5353 : 50_000);
        lan.Run(0.9);
        Assert.InRange(lan.Log.Count, 50, MdnsLimits.UnicastsPerSecondMax);
    }

    [Fact]
    public void A_unicast_query_counts_only_from_the_link()
    {
        VirtualLan lan = Settled(out VirtualHost host);
        lan.Inject(Query(new DnsQuestion(s_instance, DnsType.Srv)), "192.168.7.7", to: host);
        lan.Run(1);
        Assert.Empty(lan.Log);
        lan.Inject(Query(new DnsQuestion(s_instance, DnsType.Srv)), "10.0.0.9", to: host);
        lan.Run(1);
        Assert.NotNull(Assert.Single(lan.Log).Destination);
    }

    [Theory]
    [InlineData(null, "10.0.0.1 10.0.5.5 fe80::5")]
    [InlineData("::", "10.0.0.1 10.0.5.5 fe80::5")]
    [InlineData("0.0.0.0", "10.0.0.1 10.0.5.5")]
    [InlineData("10.0.5.5", "10.0.5.5")]
    [InlineData("127.0.0.1", "")]
    public void Only_addresses_that_the_service_listens_on_are_announced(string? listening, string announced)
    {
        VirtualLan lan = new();
        VirtualHost host = lan.AddHost("10.0.0.1", false, new LinkAddress(IPAddress.Parse("10.0.5.5"), 24), new LinkAddress(IPAddress.Parse("fe80::5"), 64));
        host.Core.Announce(lan.Now, VirtualLan.Service(), listening is null ? null : IPAddress.Parse(listening));
        lan.Run(2);
        IEnumerable<string> addresses = lan.Log.Where(crossing => crossing.Message.IsResponse).SelectMany(crossing => crossing.Message.Answers)
            .Where(record => record.Type is DnsType.A or DnsType.Aaaa).Select(record => record.Address.ToString()).Distinct();
        Assert.Equal(announced, string.Join(' ', addresses));
        Assert.Equal(announced.Length > 0, host.Core.IsAnnouncing);
    }

    [Fact]
    public void A_changed_address_is_announced_without_new_probes()
    {
        VirtualLan lan = Settled(out VirtualHost host);
        host.Core.SetLinks(lan.Now, [host.Link with { Networks = [new LinkAddress(IPAddress.Parse("10.0.0.50"), 24)] }]);
        lan.Run(0.5);
        Assert.Equal("peer", host.Core.AnnouncedName);
        Assert.Equal(0u, lan.Log[0].Message.Answers.Single(record => record.Type == DnsType.A).TtlSeconds);
        Assert.Equal("10.0.0.50", lan.Log[1].Message.Answers.Single(record => record.Type == DnsType.A).Address.ToString());
        Assert.DoesNotContain(lan.Log, crossing => !crossing.Message.IsResponse);
    }

    [Fact]
    public void A_long_name_is_shortened_for_its_number()
    {
        VirtualLan lan = new();
        string name = new('ä', 31);
        lan.AddAnnouncer("10.0.0.1", name);
        lan.Run(2);
        VirtualHost second = lan.AddAnnouncer("10.0.0.2", name);
        lan.Run(2);
        Assert.Equal(new string('ä', 29) + " (2)", second.Core.AnnouncedName);
    }

    private static VirtualLan Settled(out VirtualHost host)
    {
        VirtualLan lan = new();
        host = lan.AddAnnouncer("10.0.0.1");
        lan.Run(10);
        lan.Log.Clear();
        return lan;
    }

    private static DnsMessage Query(params DnsQuestion[] questions)
    {
        DnsMessage query = new();
        query.Questions.AddRange(questions);
        return query;
    }

    private static DnsMessage Response(DnsRecord record)
    {
        DnsMessage response = new() { IsResponse = true };
        response.Answers.Add(record);
        return response;
    }
}
