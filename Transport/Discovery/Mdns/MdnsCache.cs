using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Discovery.Mdns;

/// <summary>What others announced, by link, name and type. Bounded in all directions; pure.</summary>
internal sealed class MdnsCache(Random random)
{
    private readonly Dictionary<Key, List<CachedRecord>> _sets = [];

    /// <summary>How many records are kept, at most <see cref="MdnsLimits.CachedRecordsMax"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Rises whenever a record came or went; not when one was merely heard again.</summary>
    public long Version { get; private set; }

    /// <summary>No later than the next time at which a record wants something done.</summary>
    public TimeSpan NextDeadline { get; private set; } = MdnsLimits.Never;

    private readonly record struct Key(int LinkIndex, DnsName Name, DnsType Type);

    /// <summary>The records of a name and type, oldest first.</summary>
    public IReadOnlyList<CachedRecord> Get(int linkIndex, DnsName name, DnsType type) =>
        _sets.TryGetValue(new Key(linkIndex, name, type), out List<CachedRecord>? set) ? set : [];

    /// <summary>All records of a link and type.</summary>
    public IEnumerable<CachedRecord> OfType(int linkIndex, DnsType type) =>
        _sets.Where(set => set.Key.LinkIndex == linkIndex && set.Key.Type == type).SelectMany(set => set.Value);

    /// <summary>Takes in a record: new, heard again, or taken back.</summary>
    /// <param name="now">The time.</param>
    /// <param name="linkIndex">Where it was heard.</param>
    /// <param name="record">The record.</param>
    /// <param name="isOneShot">Whether it answers a one-shot query; its short lifetime then never shortens a known one.</param>
    /// <returns>False if there was no room.</returns>
    public bool Add(TimeSpan now, int linkIndex, DnsRecord record, bool isOneShot)
    {
        Key key = new(linkIndex, record.Name, record.Type);
        _sets.TryGetValue(key, out List<CachedRecord>? set);
        CachedRecord? known = set?.Find(cached => cached.Record.SameAs(record));
        if (record.TtlSeconds == 0)
        {
            known?.ExpireSoon(now);
            WakeAt(known?.NextDeadline ?? MdnsLimits.Never);
            return true;
        }
        if (record.CacheFlush)
            FlushOthers(now, set, record);
        if (known is not null)
        {
            if (!isOneShot || known.ExpiresAt < now + TimeSpan.FromSeconds(record.TtlSeconds))
                known.Renew(now, record, random);
            // The newest of several versions is last, and counts.
            if (record.Type != DnsType.Ptr && set![^1] != known)
            {
                set.Remove(known);
                set.Add(known);
                Version++;
            }
            WakeAt(known.NextDeadline);
            return true;
        }
        if (!MakeRoom(set, record.Type))
            return false;
        CachedRecord added = new(now, record, random);
        if (set is null)
            _sets.Add(key, set = []);
        set.Add(added);
        Count++;
        Version++;
        WakeAt(added.NextDeadline);
        return true;
    }

    /// <summary>Forgets what expired and reports each record that wants a question asked.</summary>
    public void Sweep(TimeSpan now, Action<int, CachedRecord> due)
    {
        if (NextDeadline > now)
            return;
        NextDeadline = MdnsLimits.Never;
        foreach ((Key key, List<CachedRecord> set) in _sets)
        {
            RemoveWhere(set, cached => cached.ExpiresAt <= now);
            foreach (CachedRecord cached in set)
            {
                if (cached.NextDeadline <= now)
                    due(key.LinkIndex, cached);
                WakeAt(cached.NextDeadline);
            }
            if (set.Count == 0)
                _sets.Remove(key);
        }
    }

    /// <summary>Makes the next sweep no later than this.</summary>
    public void WakeAt(TimeSpan at)
    {
        if (at < NextDeadline)
            NextDeadline = at;
    }

    /// <summary>Forgets all of a link.</summary>
    public void RemoveLink(int linkIndex) => RemoveSets(key => key.LinkIndex == linkIndex);

    /// <summary>Forgets a service type and its instances. Their hosts' addresses expire by themselves.</summary>
    public void RemoveType(DnsName type) => RemoveSets(key => key.Name.Equals(type) || key.Name.IsChildOf(type));

    private void RemoveSets(Func<Key, bool> condition)
    {
        foreach ((Key key, List<CachedRecord> set) in _sets)
        {
            if (condition(key))
            {
                RemoveWhere(set, _ => true);
                _sets.Remove(key);
            }
        }
    }

    private void RemoveWhere(List<CachedRecord> set, Predicate<CachedRecord> condition)
    {
        int removed = set.RemoveAll(condition);
        Count -= removed;
        Version += removed;
    }

    /// <summary>The sender owns the name: what else was known of it for more than a second is wrong (RFC 6762, 10.2).</summary>
    private void FlushOthers(TimeSpan now, List<CachedRecord>? set, DnsRecord record)
    {
        foreach (CachedRecord other in set ?? [])
        {
            if (now - other.ReceivedAt > MdnsLimits.ExpiryGrace && !other.Record.SameAs(record))
            {
                other.ExpireSoon(now);
                WakeAt(other.NextDeadline);
            }
        }
    }

    private bool MakeRoom(List<CachedRecord>? set, DnsType type)
    {
        int max = type switch
        {
            DnsType.Ptr => MdnsLimits.InstancesMax,
            DnsType.A or DnsType.Aaaa => MdnsLimits.AddressesMax,
            _ => MdnsLimits.VersionsMax,
        };
        if (set is not null && set.Count >= max)
        {
            if (type == DnsType.Ptr)
                return false;
            set.RemoveAt(0);
            Count--;
            return true;
        }
        return Count < MdnsLimits.CachedRecordsMax;
    }
}
