using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Discovery.Mdns;

/// <summary>A record heard from another, and when it is to be asked for again and forgotten.</summary>
internal sealed class CachedRecord
{
    /// <summary>Parts of the lifetime after which it is asked for again (RFC 6762, 5.2).</summary>
    private static readonly double[] s_refreshParts = [0.80, 0.85, 0.90, 0.95];

    /// <summary>Up to this much is added to each, so that not all hosts ask at once.</summary>
    private const double RefreshSpread = 0.02;

    private int _refreshes;
    private TimeSpan _lifetime;

    public CachedRecord(TimeSpan now, DnsRecord record, Random random)
    {
        Record = record;
        Renew(now, record, random);
    }

    public DnsRecord Record { get; private set; }

    public TimeSpan ReceivedAt { get; private set; }

    public TimeSpan ExpiresAt { get; private set; }

    public TimeSpan RefreshAt { get; private set; }

    /// <summary>Of a pointer: when to ask for what its instance still lacks; <see cref="MdnsLimits.Never"/> if nothing.</summary>
    public TimeSpan ResolveAt { get; set; } = MdnsLimits.Never;

    /// <summary>The pause before the next such question.</summary>
    public TimeSpan ResolvePause { get; set; }

    public TimeSpan NextDeadline => TimeSpan.FromTicks(Math.Min(Math.Min(ExpiresAt.Ticks, RefreshAt.Ticks), ResolveAt.Ticks));

    /// <summary>Takes the lifetime of the same record heard again.</summary>
    public void Renew(TimeSpan now, DnsRecord record, Random random)
    {
        Record = record;
        ReceivedAt = now;
        _lifetime = TimeSpan.FromSeconds(Math.Min(record.TtlSeconds, MdnsLimits.TtlSecondsMax));
        ExpiresAt = now + _lifetime;
        _refreshes = 0;
        PlanRefresh(random);
    }

    /// <summary>Lets it live one more second at most: it was taken back or replaced.</summary>
    public void ExpireSoon(TimeSpan now)
    {
        RefreshAt = ResolveAt = MdnsLimits.Never;
        if (now + MdnsLimits.ExpiryGrace < ExpiresAt)
            ExpiresAt = now + MdnsLimits.ExpiryGrace;
    }

    /// <summary>Counts a question for the record and plans the next.</summary>
    public void CountRefresh(Random random)
    {
        _refreshes++;
        PlanRefresh(random);
    }

    /// <summary>Whether it is worth telling as a known answer: more than half of its lifetime is left (RFC 6762, 7.1).</summary>
    public bool IsFresh(TimeSpan now) => ExpiresAt - now > _lifetime / 2;

    private void PlanRefresh(Random random) =>
        RefreshAt = _refreshes >= s_refreshParts.Length
            ? MdnsLimits.Never
            : ReceivedAt + _lifetime * (s_refreshParts[_refreshes] + random.NextDouble() * RefreshSpread);
}
