using System.Net;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Discovery.Mdns;

/// <summary>
/// Announces one service on one link and answers for it: probing, announcing, answering, defending, goodbye. Pure: no I/O, no clock.
/// </summary>
/// <remarks>
/// Probing overlaps with the first answers. RFC 6762, 8.1 lets a name that is unique by other means go unprobed, and a name here holds a part of
/// the node's public key. So after the first quiet probe interval, 250 to 300 ms after the start, the service is announced and answers, but
/// without the cache-flush bit, which claims sole ownership; the other two probes go on, and only then the bit is set. A
/// conflict at any time is handled as the RFC says: in the course of probing by another name, later by probing again.
/// </remarks>
internal sealed class LinkResponder
{
    private readonly MdnsLink _link;
    private readonly MdnsOutbox _outbox;
    private readonly Random _random;
    private readonly IReadOnlyCollection<IPAddress> _ownAddresses;
    private readonly PublishedInstance _service;
    private readonly List<OwnRecord> _records = [];
    private readonly List<PendingAnswer> _pending = [];
    private readonly TimeSpan[] _deadlines = new TimeSpan[(int)Timer.Count];
    private int _probesSent;
    private int _announcementsSent;

    private enum Timer { Probe, Announce, Count }

    /// <param name="link">The link.</param>
    /// <param name="service">What to announce.</param>
    /// <param name="addresses">The addresses to announce on this link.</param>
    /// <param name="ownAddresses">All addresses of this node, on any link: seeing one announced elsewhere is no conflict (RFC 6762, 14).</param>
    /// <param name="outbox">Takes the packets.</param>
    /// <param name="random">Source of delays.</param>
    public LinkResponder(
        MdnsLink link, PublishedInstance service, IReadOnlyList<IPAddress> addresses, IReadOnlyCollection<IPAddress> ownAddresses, MdnsOutbox outbox, Random random)
    {
        _link = link;
        _service = service;
        _ownAddresses = ownAddresses;
        _outbox = outbox;
        _random = random;
        _deadlines.AsSpan().Fill(MdnsLimits.Never);

        _records.Add(new(service.Pointer, isShared: true));
        _records.Add(new(service.TypePointer, isShared: true));
        _records.Add(new(service.Location, isShared: false));
        _records.Add(new(service.Text, isShared: false));
        foreach (IPAddress address in addresses.Take(MdnsLimits.OwnAddressesMax))
            _records.Add(new(service.AddressRecord(address), isShared: false));
        _records.Add(new(DnsRecord.Nsec(service.Instance, [DnsType.Txt, DnsType.Srv], MdnsLimits.HostTtlSeconds), isShared: false));
        DnsType[] families = [.. _records.Select(own => own.Record.Type).Where(IsAddress).Distinct().Order()];
        _records.Add(new(DnsRecord.Nsec(service.Host, families, MdnsLimits.HostTtlSeconds), isShared: false));
    }

    /// <summary>Whether the first probe interval passed without a conflict, so that queries are answered.</summary>
    public bool IsAnswering { get; private set; }

    /// <summary>Whether all probes passed without a conflict, so that the names are surely ours on this link.</summary>
    public bool IsVerified { get; private set; }

    public TimeSpan NextDeadline =>
        _pending.Aggregate(_deadlines.Min(), (earliest, pending) => pending.SendAt < earliest ? pending.SendAt : earliest);

    private IEnumerable<OwnRecord> Unique => _records.Where(own => !own.IsShared && own.Record.Type != DnsType.Nsec);

    /// <summary>Begins to probe, from the start.</summary>
    /// <param name="now">The time.</param>
    /// <param name="delay">How long to wait first; a random part of <see cref="MdnsLimits.ProbeSpread"/> comes on top.</param>
    public void StartProbing(TimeSpan now, TimeSpan delay)
    {
        IsAnswering = IsVerified = false;
        _probesSent = 0;
        _pending.Clear();
        SetTimer(Timer.Probe, now + delay + MdnsLimits.Between(_random, TimeSpan.Zero, MdnsLimits.ProbeSpread));
        SetTimer(Timer.Announce, MdnsLimits.Never);
    }

    /// <summary>Takes over from a responder of the same names whose addresses changed: no new probes are needed (RFC 6762, 8.4).</summary>
    public void Continue(TimeSpan now, LinkResponder former)
    {
        if (!former.IsVerified)
        {
            StartProbing(now, TimeSpan.Zero);
            return;
        }
        List<DnsRecord> gone = [.. former.Unique.Select(own => own.Record).Where(record => IsAddress(record.Type) && !_records.Any(own => own.Record.SameAs(record)))];
        if (gone.Count > 0)
            SendGoodbye(gone);
        IsAnswering = IsVerified = true;
        SetTimer(Timer.Announce, now);
    }

    public void HandleDeadline(TimeSpan now)
    {
        if (TakeTimer(Timer.Probe, now))
            ContinueProbing(now);
        if (TakeTimer(Timer.Announce, now))
            Announce(now);
        for (int i = _pending.Count - 1; i >= 0; i--)
        {
            if (_pending[i].SendAt <= now)
                SendPending(now, _pending[i]);
        }
    }

    /// <summary>Takes the service back; only what was said is unsaid.</summary>
    public void Withdraw()
    {
        if (IsAnswering)
            SendGoodbye([_service.Pointer, .. IsVerified ? Unique.Select(own => own.Record) : []]);
    }

    /// <summary>Handles a query: a simultaneous probe for our names, or questions to answer.</summary>
    /// <returns>True if a unicast answer was sent or planned, which the caller counts.</returns>
    public bool HandleQuery(TimeSpan now, DnsMessage query, in MdnsSource source, bool isOneShot, bool unicastAllowed)
    {
        if (query.Authorities.Count > 0 && !IsVerified)
        {
            if (LosesTieBreak(query))
                StartProbing(now, MdnsLimits.DeferAfterLostTieBreak);
            return false;
        }
        if (!IsAnswering)
            return false;
        if (query.Questions.Count == 0)
        {
            SuppressTruncated(query, source.EndPoint);
            return false;
        }
        if (isOneShot)
            return unicastAllowed && AnswerOneShot(query, source.EndPoint);
        return AnswerQuestions(now, query, source, unicastAllowed);
    }

    /// <summary>Handles the records of a response.</summary>
    /// <returns>True if they conflict with ours.</returns>
    public bool HandleResponse(TimeSpan now, DnsMessage response)
    {
        foreach (PendingAnswer pending in _pending)
        {
            if (pending.Destination is null)
                pending.Suppress(response.Answers, sharedOnly: true);
        }
        bool conflict = false;
        foreach (DnsRecord record in response.Answers.Concat(response.Additionals))
        {
            if (record.TtlSeconds == 0)
                Rescue(now, record);
            else
                conflict |= ConflictsWith(record);
        }
        return conflict;
    }

    private void ContinueProbing(TimeSpan now)
    {
        if (_probesSent == 1)
        {
            IsAnswering = true;
            _announcementsSent = 0;
            SetTimer(Timer.Announce, now);
        }
        if (_probesSent == MdnsLimits.Probes)
        {
            IsVerified = true;
            return;
        }
        // RFC 6762, 15.1: the port is shared with other processes here, so the unicast answers of 8.1 are not asked for.
        DnsMessage probe = new();
        probe.Questions.Add(new DnsQuestion(_service.Instance, DnsType.Any));
        probe.Questions.Add(new DnsQuestion(_service.Host, DnsType.Any));
        probe.Authorities.AddRange(Unique.Select(own => own.Record));
        _outbox.Add(_link.Index, probe);
        _probesSent++;
        SetTimer(Timer.Probe, now + MdnsLimits.ProbeInterval);
    }

    private void Announce(TimeSpan now)
    {
        DnsMessage message = new() { IsResponse = true };
        foreach (OwnRecord own in _records.Where(own => own.Record.Type != DnsType.Nsec))
        {
            message.Answers.Add(ForMulticast(own));
            own.MulticastAt = now;
        }
        _outbox.Add(_link.Index, message);
        _pending.RemoveAll(pending => pending.Destination is null);
        _announcementsSent++;
        SetTimer(Timer.Announce, _announcementsSent >= MdnsLimits.Announcements
            ? MdnsLimits.Never
            : now + MdnsLimits.AnnounceInterval * (1 << (_announcementsSent - 1)));
    }

    private void SendGoodbye(IEnumerable<DnsRecord> records)
    {
        DnsMessage message = new() { IsResponse = true };
        message.Answers.AddRange(records.Select(record => record.With(ttlSeconds: 0, cacheFlush: false)));
        _outbox.Add(_link.Index, message);
    }

    /// <summary>Compares the records of a foreign probe with ours, name by name (RFC 6762, 8.2). Equal ones are our own, come back.</summary>
    private bool LosesTieBreak(DnsMessage probe)
    {
        foreach (DnsName name in (ReadOnlySpan<DnsName>)[_service.Instance, _service.Host])
        {
            List<DnsRecord> theirs = [.. probe.Authorities.Where(record => record.Name.Equals(name))];
            if (theirs.All(IsOurs))
                continue;
            List<DnsRecord> ours = [.. Unique.Select(own => own.Record).Where(record => record.Name.Equals(name))];
            theirs.Sort(DnsRecord.CompareForTieBreak);
            ours.Sort(DnsRecord.CompareForTieBreak);
            for (int i = 0; i < theirs.Count; i++)
            {
                int order = i == ours.Count ? -1 : DnsRecord.CompareForTieBreak(ours[i], theirs[i]);
                if (order < 0)
                    return true;
                if (order > 0)
                    break;
            }
        }
        return false;
    }

    private bool IsOurs(DnsRecord record) =>
        IsAddress(record.Type) && record.Name.Equals(_service.Host) && _ownAddresses.Contains(record.Address)
        || _records.Any(own => own.Record.SameAs(record));

    private bool ConflictsWith(DnsRecord record) =>
        (record.Name.Equals(_service.Instance) || record.Name.Equals(_service.Host)) && !IsOurs(record);

    /// <summary>Somebody said goodbye to a record that we still have: say that it lives.</summary>
    private void Rescue(TimeSpan now, DnsRecord record)
    {
        OwnRecord? own = _records.Find(own => own.IsShared && own.Record.SameAs(record));
        if (IsAnswering && own is not null)
            Plan(Pending(null, null), [own], now);
    }

    private bool AnswerOneShot(DnsMessage query, IPEndPoint asker)
    {
        HashSet<OwnRecord> records = [];
        foreach (DnsQuestion question in query.Questions)
            CollectAnswers(question, records);
        if (records.Count == 0)
            return false;
        DnsMessage answer = new() { IsResponse = true, Id = query.Id };
        answer.Questions.AddRange(query.Questions);
        AddSections(answer, records, own => own.Record.With(Math.Min(own.Record.TtlSeconds, MdnsLimits.OneShotTtlSeconds), cacheFlush: false));
        _outbox.Add(_link.Index, answer, asker);
        return true;
    }

    private bool AnswerQuestions(TimeSpan now, DnsMessage query, in MdnsSource source, bool unicastAllowed)
    {
        bool isProbe = query.Authorities.Count > 0;
        HashSet<OwnRecord> multicast = [];
        HashSet<OwnRecord> unicast = [];
        foreach (DnsQuestion question in query.Questions)
        {
            HashSet<OwnRecord> answers = [];
            CollectAnswers(question, answers);
            foreach (OwnRecord own in answers)
            {
                // RFC 6762, 5.4 and 5.5: to the asker alone if it says so, unless the others have not heard it for long. A probe is answered to all.
                bool heardLately = own.MulticastAt is { } at && now - at < TimeSpan.FromSeconds(own.Record.TtlSeconds / 4);
                bool alone = !isProbe && (!source.ToGroup || (question.UnicastResponse && heardLately));
                (alone ? unicast : multicast).Add(own);
            }
        }
        multicast.RemoveWhere(own => query.Answers.Any(known => PendingAnswer.Suppresses(known, own.Record)));
        unicast.RemoveWhere(own => query.Answers.Any(known => PendingAnswer.Suppresses(known, own.Record)));

        bool mayWait = query.IsTruncated || multicast.Concat(unicast).Any(own => own.IsShared);
        TimeSpan delay = !mayWait || isProbe ? TimeSpan.Zero
            : query.IsTruncated ? MdnsLimits.Between(_random, MdnsLimits.TruncatedDelayMin, MdnsLimits.TruncatedDelayMax)
            : MdnsLimits.Between(_random, MdnsLimits.AnswerDelayMin, MdnsLimits.AnswerDelayMax);
        if (multicast.Count > 0)
        {
            PendingAnswer pending = Pending(null, query.IsTruncated ? source.EndPoint : null);
            pending.IsDefence |= isProbe;
            Plan(pending, multicast, now + delay);
        }
        if (unicast.Count == 0 || !unicastAllowed)
            return false;
        bool full = _pending.Count(pending => pending.Destination is not null) >= MdnsLimits.DelayedUnicastsMax;
        Plan(Pending(source.EndPoint, null), unicast, full ? now : now + delay);
        return true;
    }

    private void CollectAnswers(in DnsQuestion question, HashSet<OwnRecord> answers)
    {
        bool known = false;
        foreach (OwnRecord own in _records)
        {
            if (own.Record.Type == DnsType.Nsec && question.Type != DnsType.Nsec)
                continue;
            if (question.Matches(own.Record.Name, own.Record.Type))
                known = answers.Add(own);
        }
        if (known)
            return;
        // RFC 6762, 6.1: the name is ours and has no such record; say so, that the asker need not wait.
        foreach (OwnRecord own in _records)
        {
            if (own.Record.Type == DnsType.Nsec && own.Record.Name.Equals(question.Name))
                answers.Add(own);
        }
    }

    /// <summary>The waiting answer to the same asker; a second asker with truncated known answers joins the answer to everyone.</summary>
    private PendingAnswer Pending(IPEndPoint? destination, IPEndPoint? truncatedFrom)
    {
        if (truncatedFrom is not null && _pending.Any(pending => pending.TruncatedFrom is not null && !pending.TruncatedFrom.Equals(truncatedFrom)))
            truncatedFrom = null;
        PendingAnswer? pending = _pending.Find(
            pending => Equals(pending.Destination, destination) && Equals(pending.TruncatedFrom, truncatedFrom));
        if (pending is null)
        {
            pending = new PendingAnswer(destination, truncatedFrom);
            _pending.Add(pending);
        }
        return pending;
    }

    private static void Plan(PendingAnswer pending, IEnumerable<OwnRecord> records, TimeSpan sendAt)
    {
        pending.Records.UnionWith(records);
        if (sendAt < pending.SendAt)
            pending.SendAt = sendAt;
    }

    private void SuppressTruncated(DnsMessage query, IPEndPoint asker)
    {
        PendingAnswer? pending = _pending.Find(pending => asker.Equals(pending.TruncatedFrom));
        pending?.Suppress(query.Answers);
    }

    private void SendPending(TimeSpan now, PendingAnswer pending)
    {
        DnsMessage message = new() { IsResponse = true };
        if (pending.Destination is not null)
        {
            _pending.Remove(pending);
            AddSections(message, pending.Records, ForMulticast);
        }
        else
        {
            TimeSpan interval = pending.IsDefence ? MdnsLimits.ProbeInterval : MdnsLimits.MulticastInterval;
            HashSet<OwnRecord> free = [.. pending.Records.Where(own => own.FreeAt(interval) <= now)];
            pending.Records.ExceptWith(free);
            if (pending.Records.Count == 0)
                _pending.Remove(pending);
            else
                pending.SendAt = pending.Records.Min(own => own.FreeAt(interval));
            AddSections(message, free, ForMulticast, own => own.FreeAt(interval) <= now);
            foreach (OwnRecord own in _records.Where(own => message.Answers.Concat(message.Additionals).Any(own.Record.SameAs)))
                own.MulticastAt = now;
        }
        if (message.Answers.Count > 0)
            _outbox.Add(_link.Index, message, pending.Destination);
    }

    /// <summary>Puts answers into a message, and with them what the asker will ask next (RFC 6763, 12).</summary>
    private void AddSections(DnsMessage message, HashSet<OwnRecord> answers, Func<OwnRecord, DnsRecord> form, Func<OwnRecord, bool>? maySend = null)
    {
        message.Answers.AddRange(_records.Where(answers.Contains).Select(form));
        bool pointer = answers.Any(own => own.Record.SameAs(_service.Pointer));
        bool host = pointer || answers.Any(own => own.Record.Type == DnsType.Srv || IsAddress(own.Record.Type));
        foreach (OwnRecord own in _records)
        {
            bool follows = own.Record.Type is DnsType.Srv or DnsType.Txt ? pointer : host && IsAddress(own.Record.Type);
            if (follows && !answers.Contains(own) && maySend?.Invoke(own) != false)
                message.Additionals.Add(form(own));
        }
    }

    private DnsRecord ForMulticast(OwnRecord own) => own.Record.With(own.Record.TtlSeconds, cacheFlush: !own.IsShared && IsVerified);

    private void SetTimer(Timer timer, TimeSpan at) => _deadlines[(int)timer] = at;

    private bool TakeTimer(Timer timer, TimeSpan now)
    {
        if (_deadlines[(int)timer] > now)
            return false;
        _deadlines[(int)timer] = MdnsLimits.Never;
        return true;
    }

    private static bool IsAddress(DnsType type) => type is DnsType.A or DnsType.Aaaa;
}
