using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Discovery.Mdns;

/// <summary>The announcing half of multicast DNS: one service, its name, and a <see cref="LinkResponder"/> for each link that has an address to announce.</summary>
internal sealed class MdnsResponder(MdnsOutbox outbox, Random random)
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private readonly Dictionary<int, LinkResponder> _responders = [];

    /// <summary>Every address of this node on any link, shared with the responders, which read it.</summary>
    private readonly HashSet<IPAddress> _ownAddresses = [];
    private PublishedInstance? _service;
    private IPAddress? _listening;
    private int _conflicts;
    private TimeSpan _lastConflictAt;
    private int _unicasts;
    private TimeSpan _unicastsSince;

    /// <summary>The instance name as it is answered for on at least one link; null before that.</summary>
    public string? AnnouncedName => _responders.Values.Any(responder => responder.IsAnswering) ? _service?.InstanceName : null;

    /// <summary>Whether there is a link that the service is, or will be, announced on.</summary>
    public bool HasLinks => _responders.Count > 0;

    public TimeSpan NextDeadline => _responders.Values.Aggregate(
        MdnsLimits.Never, (earliest, responder) => responder.NextDeadline < earliest ? responder.NextDeadline : earliest);

    /// <summary>Announces a service in place of the former one.</summary>
    /// <param name="now">The time.</param>
    /// <param name="service">The service.</param>
    /// <param name="listening">The address it listens on; null or IPv6's unspecified address for all, IPv4's for all of IPv4.</param>
    /// <param name="links">The links there are.</param>
    /// <exception cref="ArgumentException">A name or a text cannot be put into a record.</exception>
    public void Announce(TimeSpan now, ServiceInstance service, IPAddress? listening, IReadOnlyCollection<MdnsLink> links)
    {
        PublishedInstance published = new(service);
        Withdraw();
        _service = published;
        _listening = listening;
        StartAll(now, links);
    }

    /// <summary>Says goodbye on every link.</summary>
    public void Withdraw()
    {
        foreach (LinkResponder responder in _responders.Values)
            responder.Withdraw();
        _responders.Clear();
        _service = null;
    }

    /// <summary>Follows interfaces that came, went or changed their addresses.</summary>
    public void SetLinks(TimeSpan now, IReadOnlyCollection<MdnsLink> links, IReadOnlyCollection<int> changed)
    {
        _ownAddresses.Clear();
        _ownAddresses.UnionWith(links.SelectMany(link => link.Networks).Select(network => network.Address));
        if (_service is null)
            return;
        foreach (int gone in _responders.Keys.Where(index => links.All(link => link.Index != index)).ToArray())
            _responders.Remove(gone);
        foreach (MdnsLink link in links.Where(link => changed.Contains(link.Index)))
        {
            _responders.Remove(link.Index, out LinkResponder? former);
            LinkResponder? responder = Add(link);
            if (former is null)
                responder?.StartProbing(now, TimeSpan.Zero);
            else if (responder is null)
                former.Withdraw();
            else
                responder.Continue(now, former);
        }
    }

    public void HandleDeadline(TimeSpan now)
    {
        foreach (LinkResponder responder in _responders.Values)
            responder.HandleDeadline(now);
    }

    public void HandleQuery(TimeSpan now, DnsMessage query, in MdnsSource source, bool isOneShot)
    {
        if (!_responders.TryGetValue(source.LinkIndex, out LinkResponder? responder))
            return;
        if (now - _unicastsSince >= s_second)
        {
            _unicastsSince = now;
            _unicasts = 0;
        }
        if (responder.HandleQuery(now, query, source, isOneShot, unicastAllowed: _unicasts < MdnsLimits.UnicastsPerSecondMax))
            _unicasts++;
    }

    public void HandleResponse(TimeSpan now, DnsMessage response, int linkIndex, IReadOnlyCollection<MdnsLink> links)
    {
        if (!_responders.TryGetValue(linkIndex, out LinkResponder? responder) || !responder.HandleResponse(now, response))
            return;
        TimeSpan pause = CountConflict(now);
        if (responder.IsVerified)
        {
            // RFC 6762, 9: ours until now. Ask again; whoever answers keeps the name.
            responder.StartProbing(now, pause);
            return;
        }
        // No goodbye: the pointer to the name we leave is also that of its owner.
        _service = _service!.Renamed();
        _responders.Clear();
        StartAll(now, links, pause);
    }

    private void StartAll(TimeSpan now, IReadOnlyCollection<MdnsLink> links, TimeSpan delay = default)
    {
        foreach (MdnsLink link in links)
            Add(link)?.StartProbing(now, delay);
    }

    private LinkResponder? Add(MdnsLink link)
    {
        IPAddress[] addresses = [.. link.Networks.Select(network => network.Address).Where(IsListening)];
        if (addresses.Length == 0)
            return null;
        LinkResponder responder = new(link, _service!, addresses, _ownAddresses, outbox, random);
        _responders.Add(link.Index, responder);
        return responder;
    }

    private bool IsListening(IPAddress address)
    {
        if (_listening is null || _listening.Equals(IPAddress.IPv6Any))
            return true;
        if (_listening.Equals(IPAddress.Any))
            return address.AddressFamily == AddressFamily.InterNetwork;
        // A link-local address is compared without its scope.
        return address.GetAddressBytes().AsSpan().SequenceEqual(_listening.GetAddressBytes());
    }

    private TimeSpan CountConflict(TimeSpan now)
    {
        if (now - _lastConflictAt > MdnsLimits.ConflictWindow)
            _conflicts = 0;
        _lastConflictAt = now;
        return ++_conflicts > MdnsLimits.ConflictsMax ? MdnsLimits.ConflictPause : TimeSpan.Zero;
    }
}
