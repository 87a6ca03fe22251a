using System.Net;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Discovery.Mdns;

/// <summary>Answers that wait for their random delay, to be sent together.</summary>
/// <param name="Destination">The one who asked, or null for everyone.</param>
/// <param name="TruncatedFrom">Whose further known answers are being waited for, or null.</param>
internal sealed record PendingAnswer(IPEndPoint? Destination, IPEndPoint? TruncatedFrom)
{
    public HashSet<OwnRecord> Records { get; } = [];

    public TimeSpan SendAt { get; set; } = MdnsLimits.Never;

    /// <summary>Whether it defends a name against a probe, which may be done four times a second.</summary>
    public bool IsDefence { get; set; }

    /// <summary>Takes out what the asker, or everyone, has just been told by another (RFC 6762, 7.2 and 7.4).</summary>
    public void Suppress(IEnumerable<DnsRecord> known, bool sharedOnly = false) =>
        Records.RemoveWhere(own => (own.IsShared || !sharedOnly) && known.Any(record => Suppresses(record, own.Record)));

    /// <summary>A known answer counts while at least half of its lifetime is left (RFC 6762, 7.1).</summary>
    public static bool Suppresses(DnsRecord known, DnsRecord own) => known.SameAs(own) && known.TtlSeconds >= own.TtlSeconds / 2;
}
