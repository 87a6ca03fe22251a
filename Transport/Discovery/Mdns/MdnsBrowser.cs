using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Discovery.Mdns;

/// <summary>The asking half of multicast DNS: queries for service types, keeps the answers while they live, resolves instances.</summary>
/// <remarks>
/// The first query goes out at once and twice: to the group from port 5353, and as a one-shot query from a port of its own. Its unicast answer
/// neither waits for the second that must lie between two multicasts of a record, nor can it end at another process
/// that shares port 5353, as the answer to a question with the unicast-response bit could (RFC 6762, 15.1); that bit is therefore never set.
/// </remarks>
internal sealed class MdnsBrowser(MdnsOutbox outbox, Random random)
{
    private readonly List<BrowsedType> _types = [];
    private readonly MdnsCache _cache = new(random);
    private readonly Dictionary<int, List<DnsQuestion>> _due = [];
    private ushort _oneShotId;

    /// <summary>Rises when <see cref="Resolved"/> may have changed.</summary>
    public long Version => _cache.Version;

    /// <summary>How many foreign records are kept.</summary>
    public int CachedRecords => _cache.Count;

    public TimeSpan NextDeadline =>
        _types.Aggregate(_cache.NextDeadline, (earliest, type) => type.NextQuery < earliest ? type.NextQuery : earliest);

    private sealed class BrowsedType(string serviceType, DnsName name)
    {
        public string ServiceType { get; } = serviceType;
        public DnsName Name { get; } = name;
        public TimeSpan Interval { get; set; } = MdnsLimits.QueryIntervalMin;
        public TimeSpan NextQuery { get; set; }
    }

    /// <summary>Starts to ask for a type, at once; does nothing if it is browsed already.</summary>
    /// <exception cref="ArgumentException">It is not the name of a type.</exception>
    /// <exception cref="InvalidOperationException"><see cref="MdnsLimits.BrowsedTypesMax"/> are browsed already.</exception>
    public void Browse(TimeSpan now, string serviceType, IReadOnlyCollection<MdnsLink> links)
    {
        if (_types.Exists(type => type.ServiceType == serviceType))
            return;
        if (!DnsName.TryParse($"{serviceType}.{MdnsLimits.Domain}", out DnsName? name))
            throw new ArgumentException($"'{serviceType}' is not a service type.", nameof(serviceType));
        if (_types.Count >= MdnsLimits.BrowsedTypesMax)
            throw new InvalidOperationException($"At most {MdnsLimits.BrowsedTypesMax} service types can be browsed at the same time.");
        BrowsedType browsed = new(serviceType, name);
        _types.Add(browsed);
        foreach (MdnsLink link in links)
            AskFirst(now, link.Index, browsed);
        browsed.NextQuery = now + browsed.Interval;
    }

    /// <summary>Stops to ask for a type and forgets its instances.</summary>
    public void StopBrowsing(string serviceType)
    {
        if (_types.Find(type => type.ServiceType == serviceType) is not { } browsed)
            return;
        _types.Remove(browsed);
        _cache.RemoveType(browsed.Name);
    }

    /// <summary>Follows interfaces: a new one is asked at once, what was heard on one that is gone is forgotten.</summary>
    public void SetLinks(TimeSpan now, IEnumerable<int> added, IEnumerable<int> removed)
    {
        foreach (int linkIndex in removed)
            _cache.RemoveLink(linkIndex);
        foreach (int linkIndex in added)
        {
            foreach (BrowsedType browsed in _types)
            {
                AskFirst(now, linkIndex, browsed);
                browsed.Interval = MdnsLimits.QueryIntervalMin;
                browsed.NextQuery = now + browsed.Interval;
            }
        }
    }

    /// <summary>Takes in the records of a response that are of a browsed type; nothing else is kept.</summary>
    public void HandleResponse(TimeSpan now, DnsMessage response, MdnsLink link, bool isOneShot)
    {
        if (isOneShot && response.Id != _oneShotId)
            return;
        // Pointers make instances known, these their hosts, whatever the order within the message.
        List<DnsRecord> records = [.. response.Answers, .. response.Additionals];
        foreach (DnsRecord record in records.Where(record => record.Type == DnsType.Ptr))
        {
            if (_types.Exists(type => type.Name.Equals(record.Name)) && record.Target!.IsChildOf(record.Name))
                _cache.Add(now, link.Index, record, isOneShot);
        }
        HashSet<DnsName> instances = [.. _types.SelectMany(type => _cache.Get(link.Index, type.Name, DnsType.Ptr)).Select(cached => cached.Record.Target!)];
        foreach (DnsRecord record in records.Where(record => record.Type is DnsType.Srv or DnsType.Txt))
        {
            if (instances.Contains(record.Name) && record.Value.Length <= DnsLimits.TextBytesMax)
                _cache.Add(now, link.Index, record, isOneShot);
        }
        HashSet<DnsName> hosts = [.. _cache.OfType(link.Index, DnsType.Srv).Select(cached => cached.Record.Target!)];
        foreach (DnsRecord record in records.Where(record => record.Type is DnsType.A or DnsType.Aaaa))
        {
            if (hosts.Contains(record.Name) && IsUsable(record.Address, link))
                _cache.Add(now, link.Index, record, isOneShot);
        }
        PlanResolving(now, link.Index);
    }

    public void HandleDeadline(TimeSpan now, IReadOnlyCollection<MdnsLink> links)
    {
        foreach (BrowsedType browsed in _types.Where(type => type.NextQuery <= now))
        {
            foreach (MdnsLink link in links)
                Ask(now, link.Index, browsed);
            browsed.Interval = browsed.Interval * 2 < MdnsLimits.QueryIntervalMax ? browsed.Interval * 2 : MdnsLimits.QueryIntervalMax;
            browsed.NextQuery = now + browsed.Interval;
        }
        _cache.Sweep(now, (linkIndex, cached) => CollectDue(now, linkIndex, cached));
        foreach ((int linkIndex, List<DnsQuestion> questions) in _due)
        {
            foreach (DnsQuestion[] packet in questions.Distinct().Chunk(MdnsLimits.QuestionsPerPacket))
            {
                DnsMessage query = new();
                query.Questions.AddRange(packet);
                outbox.Add(linkIndex, query);
            }
        }
        _due.Clear();
    }

    /// <summary>Every instance of a browsed type of which port, text and at least one address are known, each once, whatever the number of links.</summary>
    public List<ServiceInstance> Resolved(string serviceType, IReadOnlyCollection<MdnsLink> links)
    {
        Dictionary<DnsName, ServiceInstance> found = [];
        if (_types.Find(type => type.ServiceType == serviceType) is not { } browsed)
            return [];
        foreach (MdnsLink link in links.OrderBy(link => !link.IsLoopback).ThenBy(link => link.Index))
        {
            foreach (CachedRecord pointer in _cache.Get(link.Index, browsed.Name, DnsType.Ptr))
            {
                DnsName name = pointer.Record.Target!;
                if (TryResolve(link, name, serviceType) is not { } instance)
                    continue;
                // The same service on a further link adds addresses; another service of that name there is left out.
                if (!found.TryGetValue(name, out ServiceInstance? known))
                    found.Add(name, instance);
                else if (known.Port == instance.Port && known.SameText(instance))
                    found[name] = known with { Addresses = [.. known.Addresses.Union(instance.Addresses)] };
            }
        }
        return [.. found.Values.Select(instance => instance with { Addresses = [.. instance.Addresses.OrderBy(Rank)] })];
    }

    private ServiceInstance? TryResolve(MdnsLink link, DnsName name, string serviceType)
    {
        if (_cache.Get(link.Index, name, DnsType.Srv) is not [.., { Record: var location }]
            || _cache.Get(link.Index, name, DnsType.Txt) is not [.., { Record: var text }])
            return null;
        List<IPAddress> addresses = [];
        foreach (CachedRecord cached in AddressesOf(link.Index, location.Target!))
        {
            IPAddress address = cached.Record.Address;
            addresses.Add(address.IsIPv6LinkLocal ? new IPAddress(address.GetAddressBytes(), link.Index) : address);
        }
        return addresses.Count == 0 ? null : new ServiceInstance(name.FirstLabel, serviceType, location.Port, addresses, text.ReadText());
    }

    private IEnumerable<CachedRecord> AddressesOf(int linkIndex, DnsName host) =>
        _cache.Get(linkIndex, host, DnsType.A).Concat(_cache.Get(linkIndex, host, DnsType.Aaaa));

    private void AskFirst(TimeSpan now, int linkIndex, BrowsedType browsed)
    {
        if (_oneShotId == 0)
            _oneShotId = (ushort)random.Next(1, ushort.MaxValue + 1);
        DnsMessage oneShot = new() { Id = _oneShotId };
        oneShot.Questions.Add(new DnsQuestion(browsed.Name, DnsType.Ptr));
        outbox.Add(linkIndex, oneShot, oneShot: true);
        Ask(now, linkIndex, browsed);
    }

    /// <summary>Asks everyone on a link, telling what is known (RFC 6762, 7.1 and 7.2).</summary>
    private void Ask(TimeSpan now, int linkIndex, BrowsedType browsed)
    {
        List<DnsRecord[]> known = [.. _cache.Get(linkIndex, browsed.Name, DnsType.Ptr)
            .Where(cached => cached.IsFresh(now))
            .Select(cached => cached.Record.With((uint)(cached.ExpiresAt - now).TotalSeconds, cacheFlush: false))
            .Chunk(MdnsLimits.KnownAnswersPerPacket).Take(MdnsLimits.KnownAnswerPacketsMax)];
        for (int i = 0; i < Math.Max(1, known.Count); i++)
        {
            DnsMessage query = new() { IsTruncated = i + 1 < known.Count };
            if (i == 0)
                query.Questions.Add(new DnsQuestion(browsed.Name, DnsType.Ptr));
            if (i < known.Count)
                query.Answers.AddRange(known[i]);
            outbox.Add(linkIndex, query);
        }
    }

    /// <summary>Plans the first question for what an instance lacks, or takes it back when nothing is lacking any more.</summary>
    private void PlanResolving(TimeSpan now, int linkIndex)
    {
        foreach (CachedRecord pointer in _types.SelectMany(type => _cache.Get(linkIndex, type.Name, DnsType.Ptr)))
        {
            if (Missing(linkIndex, pointer.Record.Target!).Count == 0)
            {
                pointer.ResolveAt = MdnsLimits.Never;
            }
            else if (pointer.ResolveAt == MdnsLimits.Never && pointer.RefreshAt != MdnsLimits.Never)
            {
                pointer.ResolvePause = MdnsLimits.QueryIntervalMin;
                pointer.ResolveAt = now + MdnsLimits.Between(random, MdnsLimits.AnswerDelayMin, MdnsLimits.AnswerDelayMax);
                _cache.WakeAt(pointer.ResolveAt);
            }
        }
    }

    private void CollectDue(TimeSpan now, int linkIndex, CachedRecord cached)
    {
        if (!_due.TryGetValue(linkIndex, out List<DnsQuestion>? questions))
            _due.Add(linkIndex, questions = []);
        if (cached.RefreshAt <= now)
        {
            questions.Add(new DnsQuestion(cached.Record.Name, cached.Record.Type));
            cached.CountRefresh(random);
        }
        if (cached.ResolveAt <= now)
        {
            List<DnsQuestion> missing = Missing(linkIndex, cached.Record.Target!);
            questions.AddRange(missing);
            cached.ResolveAt = missing.Count == 0 ? MdnsLimits.Never : now + cached.ResolvePause;
            cached.ResolvePause = cached.ResolvePause * 2 < MdnsLimits.QueryIntervalMax ? cached.ResolvePause * 2 : MdnsLimits.QueryIntervalMax;
        }
    }

    private List<DnsQuestion> Missing(int linkIndex, DnsName instance)
    {
        List<DnsQuestion> missing = [];
        if (_cache.Get(linkIndex, instance, DnsType.Txt).Count == 0)
            missing.Add(new DnsQuestion(instance, DnsType.Txt));
        if (_cache.Get(linkIndex, instance, DnsType.Srv) is not [.., { Record.Target: { } host }])
        {
            missing.Add(new DnsQuestion(instance, DnsType.Srv));
        }
        else if (!AddressesOf(linkIndex, host).Any())
        {
            missing.Add(new DnsQuestion(host, DnsType.A));
            missing.Add(new DnsQuestion(host, DnsType.Aaaa));
        }
        return missing;
    }

    /// <summary>Addresses that cannot be a peer are not kept: another machine's loopback, the unspecified, groups.</summary>
    private static bool IsUsable(IPAddress address, MdnsLink link)
    {
        if (IPAddress.IsLoopback(address))
            return link.IsLoopback;
        byte[] bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? bytes[0] is > 0 and < 224
            : !address.IsIPv6Multicast && !address.IsIPv4MappedToIPv6 && !address.Equals(IPAddress.IPv6Any);
    }

    private static int Rank(IPAddress address)
    {
        if (IPAddress.IsLoopback(address))
            return 0;
        if (address.IsIPv6LinkLocal)
            return 4;
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return 2;
        return address.GetAddressBytes() is [169, 254, ..] ? 3 : 1;
    }
}
