using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Discovery.Mdns;

/// <summary>Every bound and interval of multicast DNS here, with where it came from.</summary>
internal static class MdnsLimits
{
    /// <summary>The domain of everything multicast (RFC 6762, 3).</summary>
    public const string Domain = "local";

    /// <summary>The port of multicast DNS (RFC 6762, 3).</summary>
    public const int Port = 5353;

    /// <summary>Interfaces taken part in; further ones are left out. Below Linux' 20 memberships a socket (<c>igmp_max_memberships</c>).</summary>
    public const int LinksMax = 16;

    /// <summary>Own addresses announced on one link.</summary>
    public const int OwnAddressesMax = 8;

    /// <summary>Service types browsed at the same time; a further one is an <see cref="InvalidOperationException"/>.</summary>
    public const int BrowsedTypesMax = 8;

    /// <summary>Instances of one type kept of one link; further ones are not taken in until others expire.</summary>
    public const int InstancesMax = 256;

    /// <summary>Service or text records kept of one instance and link; beyond, the oldest makes room. More than one is a conflict or a restart.</summary>
    public const int VersionsMax = 2;

    /// <summary>Addresses kept of one host and link; beyond, the oldest makes room.</summary>
    public const int AddressesMax = 8;

    /// <summary>Records kept in all, about 1 MiB at worst; further ones are not taken in.</summary>
    public const int CachedRecordsMax = 2048;

    /// <summary>A foreign lifetime is cut to this: a day.</summary>
    public const uint TtlSecondsMax = 86_400;

    /// <summary>Known answers put into one packet of a query, so that it fits an Ethernet frame.</summary>
    public const int KnownAnswersPerPacket = 16;

    /// <summary>Packets of known answers of one query; more answers are left out, and may be told again.</summary>
    public const int KnownAnswerPacketsMax = 8;

    /// <summary>Questions put into one packet when several are due at once.</summary>
    public const int QuestionsPerPacket = 16;

    /// <summary>Delayed answers to single askers on one link; a further asker is answered at once.</summary>
    public const int DelayedUnicastsMax = 8;

    /// <summary>Answers sent to single askers in one second; further ones are dropped, so that nobody can use this node to flood another.</summary>
    public const int UnicastsPerSecondMax = 100;

    /// <summary>Lifetime of records that name a host, and of all others (RFC 6762, 10).</summary>
    public const uint HostTtlSeconds = 120, OtherTtlSeconds = 4500;

    /// <summary>The longest lifetime told to a one-shot asker, who will not hear updates (RFC 6762, 6.7).</summary>
    public const uint OneShotTtlSeconds = 10;

    /// <summary>Probes for a name and the pause after each (RFC 6762, 8.1).</summary>
    public const int Probes = 3;

    /// <summary>Unsolicited announcements; the pauses between them double (RFC 6762, 8.3: two to eight).</summary>
    public const int Announcements = 3;

    public static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>The first probe waits a random part of this. RFC 6762, 8.1 has 250 ms for hosts that wake together; names here hold a part of
    /// a public key, so that a quick start is worth more.</summary>
    public static readonly TimeSpan ProbeSpread = TimeSpan.FromMilliseconds(50);

    /// <summary>How long the loser of simultaneous probes stays away (RFC 6762, 8.2).</summary>
    public static readonly TimeSpan DeferAfterLostTieBreak = TimeSpan.FromSeconds(1);

    /// <summary>Fifteen conflicts within ten seconds slow down probing to one attempt in five seconds (RFC 6762, 8.1).</summary>
    public const int ConflictsMax = 15;
    public static readonly TimeSpan ConflictWindow = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan ConflictPause = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan AnnounceInterval = TimeSpan.FromSeconds(1);

    /// <summary>No record is multicast on a link more often than this (RFC 6762, 6), save to defend it against a probe.</summary>
    public static readonly TimeSpan MulticastInterval = TimeSpan.FromSeconds(1);

    /// <summary>Random delay of answers that others may give too, and of queries that a packet triggered (RFC 6762, 6).</summary>
    public static readonly TimeSpan AnswerDelayMin = TimeSpan.FromMilliseconds(20), AnswerDelayMax = TimeSpan.FromMilliseconds(120);

    /// <summary>Random delay of answers to a query whose known answers go on in a further packet (RFC 6762, 7.2).</summary>
    public static readonly TimeSpan TruncatedDelayMin = TimeSpan.FromMilliseconds(400), TruncatedDelayMax = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a record lives on after a goodbye or a cache flush (RFC 6762, 10.1 and 10.2).</summary>
    public static readonly TimeSpan ExpiryGrace = TimeSpan.FromSeconds(1);

    /// <summary>Pauses between queries start here and double (RFC 6762, 5.2) up to the longest, which that section leaves open up to an hour.</summary>
    public static readonly TimeSpan QueryIntervalMin = TimeSpan.FromSeconds(1), QueryIntervalMax = TimeSpan.FromSeconds(60);

    /// <summary>The largest packet sent: what fits is decided by the counts above, this is the buffer.</summary>
    public const int PacketBytesMax = DnsLimits.MessageBytesMax;

    /// <summary>No deadline.</summary>
    public static readonly TimeSpan Never = TimeSpan.MaxValue;

    /// <summary>A random span between two bounds.</summary>
    public static TimeSpan Between(Random random, TimeSpan min, TimeSpan max) => min + (max - min) * random.NextDouble();
}
