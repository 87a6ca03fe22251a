using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views;

/// <summary>Before membership: looking for others, founding, joining; and two clusters of one name that meet.</summary>
internal sealed partial class ViewCore
{
    private const int KnownAddressesMax = 64;

    /// <summary>Nodes of whom an answer is kept; beyond it only recent ones, which have a connection each.</summary>
    private const int StrangersMax = 256;

    /// <summary>Connections of a node that knows which cluster to join: with as many it dials no others, else thousands that start together would all be connected with each other.</summary>
    private const int EnoughConnections = 16;

    private readonly List<string> _knownAddresses = [];
    private readonly Dictionary<PeerId, Stranger> _strangers = [];
    private TimeSpan _foundAloneAt;
    private TimeSpan _clusterHeardAt;
    private TimeSpan _seekAt;
    private TimeSpan _joinAskAt;
    private TimeSpan _strangersSweptAt;
    private ClusterId _joining;
    private int _joinTurn;

    /// <summary>How large the own cluster is to others: one that halted counts for nothing, else newcomers would be drawn into it, and a living one dissolved for it.</summary>
    private int LivingMembers => Phase == ViewPhase.Member && !IsHalted ? Installed.Members.Count : 0;

    private void StartSeeking(TimeSpan now)
    {
        _strangers.Clear();
        _joining = ClusterId.None;
        _clusterHeardAt = ViewTiming.LongAgo;
        _seekAt = now;
        _joinAskAt = now;
        _strangersSweptAt = now;
        _foundAloneAt = now + _timing.FoundAloneAfter + (_timing.FoundAloneAfter * (_random.NextDouble() / 4));
    }

    private void SeekCluster(TimeSpan now)
    {
        Stranger? chosen = ChooseCluster(now);
        if (chosen is null || _peers.Count < EnoughConnections)
        {
            foreach (string address in _knownAddresses)
            {
                TryDial(now, address);
            }
        }

        if (now >= _seekAt)
        {
            _seekAt = now + _timing.RetryEvery;
            foreach (MemberId peer in _peers.Connections)
            {
                Send(peer, new Seek(0));
            }
        }

        if (chosen is { } member)
        {
            if (!Log.Base.View.Cluster.IsNone && Log.Base.View.Cluster != member.Cluster)
            {
                EndLife(now, LifeEnd.Redirected);
                return;
            }

            _clusterHeardAt = now;
            if (_joining != member.Cluster || now >= _joinAskAt)
            {
                _joining = member.Cluster;
                _joinAskAt = now + _timing.RetryEvery;
                AskToJoin(now);
            }
        }
        else if (MayFound(now))
        {
            if (!Log.Base.View.Cluster.IsNone)
            {
                // It was told the log of a cluster that is gone before it was a member.
                EndLife(now, LifeEnd.Redirected);
                return;
            }

            Found(now, knownEpoch: 0, ClusterId.None);
        }
    }

    /// <summary>Asks one of the members known; another one each time, since one may be cut off from the leader.</summary>
    private void AskToJoin(TimeSpan now)
    {
        MemberId[] members = [.. _strangers.Values.Where(stranger => stranger.Cluster == _joining && stranger.IsRecent(now, _timing)).Select(static stranger => stranger.Id)];
        if (members.Length > 0)
        {
            Send(members[_joinTurn++ % members.Length], new Join(_options.Describe(Self)));
        }
    }

    /// <summary>The largest cluster that was heard of; of equal ones that of the lowest id.</summary>
    private Stranger? ChooseCluster(TimeSpan now)
    {
        Stranger? best = null;
        foreach (Stranger stranger in _strangers.Values)
        {
            if (!stranger.Cluster.IsNone && stranger.IsRecent(now, _timing)
                && (best is null || stranger.Members > best.Members || (stranger.Members == best.Members && stranger.Cluster.CompareTo(best.Cluster) < 0)))
            {
                best = stranger;
            }
        }

        return best;
    }

    private bool MayFound(TimeSpan now)
    {
        // A cluster that was heard of a moment ago may be about to re-form.
        if (now - _clusterHeardAt < _timing.HaltedAfter)
        {
            return false;
        }

        if (_options.Founders is { } founders)
        {
            // The lowest founds once every founder, in the life that is connected now, has answered that it is fresh.
            return founders.Min() == Self.Peer
                && founders.All(founder => founder == Self.Peer || (_strangers.TryGetValue(founder, out Stranger? stranger) && stranger.Cluster.IsNone && stranger.IsRecent(now, _timing)));
        }

        // Whoever is being dialled may know a cluster: that is awaited too, but not for ever.
        if (now < _foundAloneAt || (now < _foundAloneAt + (4 * _timing.FoundAloneAfter) && _knownAddresses.Exists(_peers.IsDialling)))
        {
            return false;
        }

        return _strangers.Values.All(stranger => !stranger.IsRecent(now, _timing) || Self.Peer.CompareTo(stranger.Id.Peer) < 0);
    }

    /// <summary>Founds a cluster of this node alone; the others join it.</summary>
    private void Found(TimeSpan now, long knownEpoch, ClusterId reformedFrom)
    {
        long epoch = Math.Max(_options.UnixSeconds << 20, knownEpoch) + 1;
        View first = View.Found(ClusterId.Mint(_random), epoch, _options.Describe(Self), waitsFirst: !reformedFrom.IsNone);
        _life.Raft.Found(now, first);
        _outputs.Enqueue(new FoundedOutput(first, reformedFrom));
    }

    private void HandleForeign(TimeSpan now, Envelope envelope)
    {
        MemberId from = envelope.From;
        switch (envelope.Message)
        {
            case Seek seek:
                Meet(now, envelope, seek.Members);
                if (Phase != ViewPhase.Stopped)
                {
                    Send(from, new SeekReply(LivingMembers, Addresses()));
                }

                break;
            case SeekReply reply:
                Learn(reply.Addresses);
                Meet(now, envelope, reply.Members);
                break;
            case Join join when Phase == ViewPhase.Member:
                HandleJoin(now, from, join);
                break;
            case JoinRefused refused when refused.Newcomer == Self:
                _outputs.Enqueue(new RefusedOutput(refused.Reason));
                break;
            case JoinRefused refused:
                Send(refused.Newcomer, refused);
                break;
            case Feed feed when (Phase == ViewPhase.Fresh && envelope.Cluster == _joining && !_joining.IsNone) || (Phase == ViewPhase.Member && envelope.Cluster == Installed.Cluster):
                HandleFeed(now, from, feed);
                break;
            case ReformAsk or ReformAnswer or Abandon:
                HandleReform(now, envelope);
                break;
        }
    }

    private void HandleFeed(TimeSpan now, in MemberId from, Feed feed)
    {
        _life.Detector.Heard(now, from);
        if (!_life.Raft.HandleFeed(now, feed) && now - _fetchedAt >= _timing.LateTickMin)
        {
            _fetchedAt = now;
            Send(from, Phase == ViewPhase.Member ? new Fetch(Log.CommitIndex, Log.Committed.Term) : new Join(_options.Describe(Self)));
        }
    }

    private void HandleJoin(TimeSpan now, in MemberId from, Join join)
    {
        if (Installed.Contains(join.Newcomer.Id))
        {
            SendFeed(join.Newcomer.Id, -1, -1);
        }
        else if (_life.Raft.IsEstablished)
        {
            _life.Steering.Apply(now, join.Newcomer, from);
        }
        else
        {
            PassToLeader(from, join.Newcomer.Id, join);
        }
    }

    /// <summary>Takes down what another node says of itself; two clusters of one name may have met.</summary>
    private void Meet(TimeSpan now, Envelope envelope, int members)
    {
        if (Phase == ViewPhase.Fresh && (!_strangers.TryGetValue(envelope.From.Peer, out Stranger? known) || known.Id != envelope.From || known.Cluster != envelope.Cluster))
        {
            // News: whether to found or to join is looked at in a moment, together with what others answer.
            _choresAt = Least(_choresAt, now + (_timing.RetryEvery / 16));
        }

        if (_strangers.Count >= StrangersMax && now - _strangersSweptAt >= _timing.RetryEvery)
        {
            // Not for each that is met: thousands may be recent.
            _strangersSweptAt = now;
            foreach (PeerId peer in _strangers.Where(one => !one.Value.IsRecent(now, _timing)).Select(static one => one.Key).ToArray())
            {
                _strangers.Remove(peer);
            }
        }

        _strangers[envelope.From.Peer] = new Stranger(envelope.From, envelope.Cluster, envelope.Epoch, members, now);
        if (Phase != ViewPhase.Member || envelope.Cluster.IsNone || envelope.Cluster == Installed.Cluster)
        {
            return;
        }

        if (_options.Founders is not null)
        {
            _outputs.Enqueue(new ForeignClusterOutput(envelope.Cluster));
            return;
        }

        // The smaller is dissolved, a halted one before any other; of equal ones that of the larger id.
        if (LivingMembers > members || (LivingMembers == members && Installed.Cluster.CompareTo(envelope.Cluster) < 0))
        {
            return;
        }

        IReadOnlyList<string> addresses = [.. _knownAddresses];
        foreach (Member member in Installed.Members)
        {
            if (member.Id != Self)
            {
                Send(member.Id, new Dissolve(envelope.Cluster, addresses));
            }
        }

        EndLife(now, LifeEnd.Dissolved);
    }

    /// <summary>Where to look further: a member names members. A fresh node names whoever it met, since founders that know one node only must find each other through it.</summary>
    private IReadOnlyList<string> Addresses() =>
        [.. (Phase == ViewPhase.Member ? Installed.Members.Select(static member => member.Address) : _peers.Addresses.Concat(_knownAddresses).Distinct()).Take(KnownAddressesMax / 2)];

    /// <summary>Another node is, or may be, dialled there: it was found by a seed, by mDNS, or dialled this one. Of as many as are kept the one suggested longest ago makes place.</summary>
    public void Suggest(TimeSpan now, string address)
    {
        Notice(now);
        if (address == _options.Address || _knownAddresses.LastOrDefault() == address)
        {
            return;
        }

        if (!_knownAddresses.Remove(address) && _knownAddresses.Count >= KnownAddressesMax)
        {
            _knownAddresses.RemoveAt(0);
        }

        _knownAddresses.Add(address);
        if (Phase == ViewPhase.Fresh)
        {
            _choresAt = Least(_choresAt, now);
        }
    }

    private void Learn(IReadOnlyList<string> addresses)
    {
        foreach (string address in addresses)
        {
            if (_knownAddresses.Count < KnownAddressesMax && !_knownAddresses.Contains(address))
            {
                _knownAddresses.Add(address);
            }
        }
    }

    /// <summary>Keeps where the members of a view are dialled, for the next life.</summary>
    private void Remember(View view) => Learn([.. view.Members.Select(static member => member.Address)]);

    /// <summary>A node that is not, or not known to be, a member of the own cluster.</summary>
    private sealed record Stranger(MemberId Id, ClusterId Cluster, long Epoch, int Members, TimeSpan SeenAt)
    {
        public bool IsRecent(TimeSpan now, ViewTiming timing) => now - SeenAt < 4 * timing.RetryEvery;
    }
}
