using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Transport.Views.Detection;
using Kameo.Actors.Transport.Views.Leases;
using Kameo.Actors.Transport.Views.Log;
using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views;

/// <summary>
/// Cluster membership of one node without I/O: finding, founding and joining a cluster, agreement on views, leases, failure detection. Messages, what became of connections, commands and the time come in;
/// after every call the outputs are to be taken and the deadline is to be read again.
/// </summary>
/// <remarks>
/// No concurrency: one caller at a time. Times are spans since any fixed moment on a clock that counts sleep; they never go back, and are never compared with another node's. When a life ends the core goes on
/// as a new incarnation of the same peer, which the connections of the former must not outlive.
/// </remarks>
internal sealed partial class ViewCore
{
    private readonly ViewOptions _options;
    private readonly ViewTiming _timing;
    private readonly ViewRules _rules;
    private readonly Random _random;
    private readonly Queue<ViewOutput> _outputs = [];
    private readonly PeerBook _peers;
    private TimeSpan _handledAt;
    private TimeSpan _choresAt;
    private Life _life;

    /// <param name="options">What the node is.</param>
    /// <param name="random">Source of ids and of delays; outside tests one that nobody can guess.</param>
    /// <param name="now">The time.</param>
    /// <param name="resumed">What was synced last before a restart, of a node that keeps state: it goes on as the same incarnation, without a lease.</param>
    public ViewCore(ViewOptions options, Random random, TimeSpan now, StewardState? resumed = null)
    {
        options.Timing.Validate();
        _options = options;
        _timing = options.Timing;
        _rules = options.Rules;
        _random = random;
        _peers = new PeerBook(_timing, options.Address);
        _knownAddresses.AddRange(options.Seeds);
        _handledAt = now;
        StartLife(now, resumed?.Self ?? new MemberId(options.Peer, Incarnation.Mint(random)));
        if (resumed is not null)
        {
            _life.Raft.Resume(now, resumed);
            AfterStep(now);
            if (Phase == ViewPhase.Fresh && !TryEndChange(now))
            {
                // The newest view that it knows to be agreed is without it.
                EndLife(now, LifeEnd.Evicted);
            }
        }
    }

    /// <summary>This node in its present life.</summary>
    public MemberId Self => _life.Self;

    /// <summary>Whether it is a member.</summary>
    public ViewPhase Phase { get; private set; }

    /// <summary>The newest view installed; none of no cluster before the first.</summary>
    public View Installed => _life.Installed;

    /// <summary>The view log.</summary>
    public ViewLog Log => _life.Raft.Log;

    /// <summary>Agreement.</summary>
    public RaftCore Raft => _life.Raft;

    /// <summary>The greatest epoch known to be settled.</summary>
    public long SettledEpoch => Log.Base.View.Epoch;

    /// <summary>Who may still hold what a newer view gives to others.</summary>
    public Takeover Takeover => _life.Takeover;

    /// <summary>When the lease ends. Whoever enters user code compares it with a fresh reading of the clock, and its activation's incarnation with <see cref="Self"/>.</summary>
    public TimeSpan LeaseEnd => Phase == ViewPhase.Member ? _life.Lease.End : ViewTiming.LongAgo;

    /// <summary>Whether a majority of stewards has been missing for long, as far as this node can tell.</summary>
    public bool IsHalted { get; private set; }

    /// <summary>How many members are suspected.</summary>
    public int Suspects => _life.Detector.Suspects;

    /// <summary>When <see cref="HandleDeadline"/> is to be called.</summary>
    public TimeSpan NextDeadline
    {
        get
        {
            if (Phase == ViewPhase.Stopped)
            {
                return TimeSpan.MaxValue;
            }

            TimeSpan next = Least(_choresAt, _life.Raft.NextDeadline);
            return Phase == ViewPhase.Member ? Least(Least(next, _life.Detector.NextTick), Least(_life.Lease.NextRenewal, _relayAt)) : next;
        }
    }

    /// <summary>Takes the next thing to do.</summary>
    public bool TryTake([NotNullWhen(true)] out ViewOutput? output) => _outputs.TryDequeue(out output);

    /// <summary>Whether user code may be entered now: a lease that has not ended, in a view that has this node.</summary>
    /// <param name="now">A fresh reading of the clock.</param>
    public bool MayEnter(TimeSpan now) => Phase == ViewPhase.Member && now < _life.Lease.End;

    /// <summary>Does what is due.</summary>
    public void HandleDeadline(TimeSpan now)
    {
        Notice(now);
        if (Phase == ViewPhase.Stopped)
        {
            return;
        }

        Life life = _life;
        if (Phase == ViewPhase.Member)
        {
            if (now >= life.Detector.NextTick)
            {
                life.Detector.Tick(now);
                PassVerdicts(now);
            }

            if (now >= life.Lease.NextRenewal)
            {
                Renew(now);
            }

            if (now >= _relayAt)
            {
                FlushRelay();
            }
        }

        if (now >= life.Raft.NextDeadline)
        {
            life.Raft.HandleDeadline(now);
        }

        if (now >= _choresAt)
        {
            _choresAt = now + _timing.RetryEvery;
            DoChores(now);
        }

        AfterStep(now);
    }

    /// <summary>A connection is up, after both hellos.</summary>
    /// <param name="now">The time.</param>
    /// <param name="peer">The other end in its present incarnation.</param>
    /// <param name="address">Where it is dialled: the address dialled, or the one that it advertises.</param>
    public void ConnectionUp(TimeSpan now, in MemberId peer, string address)
    {
        Notice(now);
        _peers.Up(peer, address);
        _life.Detector.ConnectionUp(now, peer);
        // Somebody else answers where a member was: its process is gone, for no two listen on one address.
        foreach (Member member in MembersAt(address))
        {
            if (member.Id != peer)
            {
                HandleRefusal(now, member.Id);
            }
        }

        if (Phase == ViewPhase.Fresh)
        {
            Send(peer, new Seek(0));
        }

        AfterStep(now);
    }

    /// <summary>A connection ended.</summary>
    /// <param name="now">The time.</param>
    /// <param name="peer">The other end.</param>
    /// <param name="goodbye">Whether it said so before: it does not come back as this incarnation.</param>
    public void ConnectionEnded(TimeSpan now, in MemberId peer, bool goodbye)
    {
        Notice(now);
        _strangers.Remove(peer.Peer);
        if (_peers.Ended(peer) && Phase == ViewPhase.Member)
        {
            _life.Detector.ConnectionEnded(now, peer, goodbye);
            DialMembers(now);
        }
    }

    /// <summary>A dial failed.</summary>
    /// <param name="now">The time.</param>
    /// <param name="address">What was dialled.</param>
    /// <param name="refused">Whether the address refused: its host answers and nobody listens there. Not so for a time-out.</param>
    public void DialFailed(TimeSpan now, string address, bool refused)
    {
        Notice(now);
        _peers.Failed(now, address);
        foreach (Member member in MembersAt(address))
        {
            if (refused)
            {
                HandleRefusal(now, member.Id);
            }
            else
            {
                _life.Detector.TimedOut(member.Id);
            }
        }
    }

    /// <summary>What is owned above: everything that this node does not own in an epoch is released, and no user code of it is entered any more.</summary>
    public void SlotsReleased(TimeSpan now, long epoch)
    {
        Notice(now);
        if (epoch > _life.ReleasedEpoch)
        {
            _life.ReleasedEpoch = epoch;
            if (Phase == ViewPhase.Member)
            {
                Renew(now); // Others may wait for it.
                AfterStep(now);
            }
        }
    }

    /// <summary>An operator's order: remove a member, alive or not.</summary>
    public void Evict(TimeSpan now, PeerId peer)
    {
        Notice(now);
        if (Phase == ViewPhase.Member && Installed.FindPeer(peer) is { } member)
        {
            PassVerdict(now, Self, new Verdict(Self, member.Id, DepartureCause.Operator));
            AfterStep(now);
        }
    }

    /// <summary>Leaves gracefully: first owns nothing, then, when what it owned is handed off, is gone and stops.</summary>
    public void Leave(TimeSpan now)
    {
        Notice(now);
        _life.IsLeaving = true;
        _choresAt = now;
        if (Phase == ViewPhase.Fresh)
        {
            Stop(LifeEnd.Left);
        }

        AfterStep(now);
    }

    /// <summary>An operator's order: leave this cluster as if it were gone, and look for one anew.</summary>
    public void Rejoin(TimeSpan now)
    {
        Notice(now);
        EndLife(now, LifeEnd.Operator);
    }

    /// <summary>Judges the time: a node whose own tick was late moves all its failure deadlines by as much, since what others sent in time may still lie unread.</summary>
    private void Notice(TimeSpan now)
    {
        TimeSpan expected = NextDeadline;
        TimeSpan since = expected > _handledAt ? expected : _handledAt;
        _handledAt = now;
        if (expected == TimeSpan.MaxValue || now - since < _timing.LateTickMin || now <= expected || !_rules.LateTickMovesDeadlines)
        {
            return;
        }

        _life.Raft.Postpone(now - since);
        _life.Detector.Postpone(now, now - since);
        _leaderSeenAt += now - since;
    }

    private IEnumerable<Member> MembersAt(string address) =>
        Installed.HasAddress(address) ? Installed.Members.Where(member => member.Address == address && member.Id != Self) : [];

    private void HandleRefusal(TimeSpan now, in MemberId id)
    {
        _life.Detector.Refused(now, id);
        _life.Raft.LeaderKilled(now, id);
    }

    [MemberNotNull(nameof(_life))]
    private void StartLife(TimeSpan now, MemberId self)
    {
        Phase = ViewPhase.Fresh;
        IsHalted = false;
        RaftCore raft = new(self, _timing, _rules, _random, Send);
        FailureDetector detector = new(self, _timing, _random, Send, HasTried);
        _life = new Life(self, raft, detector, new LeaseHolder(self, _timing, _rules), new LeaseGrantor(raft, _rules), new Takeover(raft.Log, _timing, _rules),
            new Steering(self, raft, detector, _timing, _rules, Send));
        _relay.Clear();
        _dialledForOnce.Clear();
        _relayAt = TimeSpan.MaxValue;
        _choresAt = now;
        StartSeeking(now);
    }

    private void EndLife(TimeSpan now, LifeEnd reason)
    {
        MemberId ended = Self;
        Remember(Installed);
        _peers.Clear();
        StartLife(now, new MemberId(_options.Peer, Incarnation.Mint(_random)));
        _outputs.Enqueue(new LifeEndedOutput(ended, reason, Self));
    }

    private void Stop(LifeEnd reason)
    {
        Phase = ViewPhase.Stopped;
        _peers.Clear();
        _outputs.Enqueue(new LifeEndedOutput(Self, reason, default));
    }

    private bool HasTried(MemberId id) => _peers.IsConnected(id) || (Installed.TryFind(id, out Member? member) && _peers.HasFailed(member.Address));

    private void Send(MemberId to, ViewMessage message)
    {
        MemberId receiver = to;
        if (!_rules.VotersAreIncarnations && message is VoteRequest or VoteReply && _peers.TryGet(to.Peer, out MemberId present))
        {
            receiver = present;
        }

        if (Phase == ViewPhase.Member && !_peers.IsConnected(receiver))
        {
            DialForOnce(receiver);
        }

        Persist();
        _outputs.Enqueue(new SendOutput(new Envelope(_life.Installed.Cluster, _life.Installed.Epoch, Self, receiver, message)));
    }

    /// <summary>Before anything is said or applied: what it rests on is synced.</summary>
    private void Persist()
    {
        Life life = _life;
        if (!_options.KeepsState || Phase == ViewPhase.Stopped || life.Raft.Log.Base.View.Cluster.IsNone)
        {
            return;
        }

        LogPoint tip = life.Raft.Log.Tip;
        (long, MemberId, long, long) mark = (life.Raft.Term, life.Raft.VotedFor, tip.Index, tip.Term);
        if (mark != life.Persisted)
        {
            life.Persisted = mark;
            _outputs.Enqueue(new PersistOutput(life.Raft.ToState()));
        }
    }

    private static TimeSpan Least(TimeSpan left, TimeSpan right) => left < right ? left : right;

    /// <summary>All that ends with an incarnation.</summary>
    private sealed class Life(MemberId self, RaftCore raft, FailureDetector detector, LeaseHolder lease, LeaseGrantor grantor, Takeover takeover, Steering steering)
    {
        public MemberId Self { get; } = self;

        public RaftCore Raft { get; } = raft;

        public FailureDetector Detector { get; } = detector;

        public LeaseHolder Lease { get; } = lease;

        public LeaseGrantor Grantor { get; } = grantor;

        public Takeover Takeover { get; } = takeover;

        public Steering Steering { get; } = steering;

        public View Installed { get; set; } = ViewLog.Nothing.View;

        public long AppliedIndex { get; set; }

        public (long Term, MemberId VotedFor, long TipIndex, long TipTerm) Persisted { get; set; }

        public long ReleasedEpoch { get; set; }

        public bool IsLeaving { get; set; }
    }
}
