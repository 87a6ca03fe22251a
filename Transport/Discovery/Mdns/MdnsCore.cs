using System.Diagnostics.CodeAnalysis;
using System.Net;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Discovery.Mdns;

/// <summary>
/// Multicast DNS service discovery (RFC 6762, 6763) without I/O: packets, links and the time come in, packets and what is known
/// come out. After every call the packets are to be taken and the deadline is to be read again.
/// </summary>
/// <remarks>No concurrency: one caller at a time. Times are spans since any fixed moment and never go back.</remarks>
internal sealed class MdnsCore
{
    private readonly int _port;
    private readonly MdnsOutbox _outbox = new();
    private readonly Dictionary<int, MdnsLink> _links = [];
    private readonly MdnsResponder _responder;
    private readonly MdnsBrowser _browser;

    /// <param name="random">Source of delays and of the id of one-shot queries.</param>
    /// <param name="port">The port of multicast DNS; a query from another one is a one-shot query (RFC 6762, 6.7).</param>
    public MdnsCore(Random random, int port = MdnsLimits.Port)
    {
        _port = port;
        _responder = new MdnsResponder(_outbox, random);
        _browser = new MdnsBrowser(_outbox, random);
    }

    /// <summary>The name under which the service is answered for; null before its first announcement and after its withdrawal.</summary>
    public string? AnnouncedName => _responder.AnnouncedName;

    /// <summary>Whether there is a link on which the service is, or will be, announced.</summary>
    public bool IsAnnouncing => _responder.HasLinks;

    /// <summary>Rises when <see cref="Resolved"/> may have changed.</summary>
    public long ResolvedVersion => _browser.Version;

    /// <summary>How many foreign records are kept, at most <see cref="MdnsLimits.CachedRecordsMax"/>.</summary>
    public int CachedRecords => _browser.CachedRecords;

    /// <summary>When <see cref="HandleDeadline"/> is to be called; <see cref="MdnsLimits.Never"/> if nothing is planned.</summary>
    public TimeSpan NextDeadline => _responder.NextDeadline < _browser.NextDeadline ? _responder.NextDeadline : _browser.NextDeadline;

    /// <summary>Takes the next packet to send.</summary>
    public bool TryTake([NotNullWhen(true)] out MdnsPacket? packet) => _outbox.TryTake(out packet);

    /// <summary>Says what links there are, at most <see cref="MdnsLimits.LinksMax"/>; later ones are left out.</summary>
    public void SetLinks(TimeSpan now, IEnumerable<MdnsLink> links)
    {
        Dictionary<int, MdnsLink> wanted = links.Take(MdnsLimits.LinksMax).ToDictionary(link => link.Index);
        int[] removed = [.. _links.Keys.Where(index => !wanted.ContainsKey(index))];
        int[] added = [.. wanted.Keys.Where(index => !_links.ContainsKey(index))];
        int[] changed = [.. wanted.Values.Where(link => !_links.TryGetValue(link.Index, out MdnsLink? former) || !former.SameAs(link)).Select(link => link.Index)];
        if (removed.Length == 0 && changed.Length == 0)
            return;
        _links.Clear();
        foreach (MdnsLink link in wanted.Values)
            _links.Add(link.Index, link);
        _responder.SetLinks(now, _links.Values, changed);
        _browser.SetLinks(now, added, removed);
    }

    /// <summary>Announces a service in place of the former one.</summary>
    /// <param name="now">The time.</param>
    /// <param name="service">The service.</param>
    /// <param name="listening">The address it listens on; null or an unspecified one for all.</param>
    /// <exception cref="ArgumentException">A name or a text cannot be put into a record.</exception>
    public void Announce(TimeSpan now, ServiceInstance service, IPAddress? listening) =>
        _responder.Announce(now, service, listening, _links.Values);

    /// <summary>Says goodbye for the service.</summary>
    public void Withdraw() => _responder.Withdraw();

    /// <summary>Starts to look for a type of service.</summary>
    /// <exception cref="ArgumentException">It is not the name of a type.</exception>
    /// <exception cref="InvalidOperationException">Too many are browsed already.</exception>
    public void Browse(TimeSpan now, string serviceType) => _browser.Browse(now, serviceType, _links.Values);

    /// <summary>Stops to look for a type of service.</summary>
    public void StopBrowsing(string serviceType) => _browser.StopBrowsing(serviceType);

    /// <summary>The instances of a browsed type that are known with port, text and address, this node's own included.</summary>
    public List<ServiceInstance> Resolved(string serviceType) => _browser.Resolved(serviceType, _links.Values);

    /// <summary>Handles one datagram, whatever is in it.</summary>
    public void Handle(TimeSpan now, ReadOnlySpan<byte> datagram, in MdnsSource source)
    {
        // RFC 6762, 11: what was sent to one of our addresses counts only if it came from the link.
        if (!_links.TryGetValue(source.LinkIndex, out MdnsLink? link)
            || (!source.ToGroup && !link.IsOnLink(source.EndPoint.Address))
            || !DnsMessage.TryRead(datagram, out DnsMessage? message))
            return;
        bool fromMdnsPort = source.EndPoint.Port == _port;
        if (!message.IsResponse)
        {
            if (!source.OneShot)
                _responder.HandleQuery(now, message, source, isOneShot: !fromMdnsPort);
            return;
        }
        // RFC 6762, 6: responses come from the port of multicast DNS or not at all.
        if (!fromMdnsPort)
            return;
        if (!source.OneShot)
            _responder.HandleResponse(now, message, link.Index, _links.Values);
        _browser.HandleResponse(now, message, link, source.OneShot);
    }

    /// <summary>Does what is due.</summary>
    public void HandleDeadline(TimeSpan now)
    {
        _responder.HandleDeadline(now);
        _browser.HandleDeadline(now, _links.Values);
    }
}
