using Kameo.Actors.Transport.Views.Detection;
using Kameo.Actors.Transport.Views.Leases;
using Kameo.Actors.Transport.Views.Log;
using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views;

/// <summary>
/// What a leader decides: whom to evict, admit, raise and let go, who the stewards are, which epoch is settled. Evictions never wait; joins wait until the view before is settled, or for a bounded time.
/// </summary>
/// <remarks>All that is kept here may be lost with the leadership: accusations, joins and reports are repeated by those who made them.</remarks>
internal sealed class Steering
{
    private readonly MemberId _self;
    private readonly RaftCore _raft;
    private readonly FailureDetector _detector;
    private readonly ViewTiming _timing;
    private readonly ViewRules _rules;
    private readonly Action<MemberId, ViewMessage> _send;
    private readonly AccusationBook _accusations;
    private readonly Dictionary<MemberId, Applicant> _applicants = [];
    private readonly HashSet<MemberId> _leaving = [];
    private readonly HashSet<MemberId> _ordered = [];
    private readonly Dictionary<MemberId, long> _released = [];
    private TimeSpan _lookAt;
    private TimeSpan _changedAt;
    private TimeSpan _leadsSince;
    private long _lookedTip;
    private long _lookedCommit;
    private long _term;
    private bool _hasNews;

    /// <param name="self">This node in this life.</param>
    /// <param name="raft">Agreement.</param>
    /// <param name="detector">What this node heard.</param>
    /// <param name="timing">Durations.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="send">Takes what is to be sent.</param>
    public Steering(MemberId self, RaftCore raft, FailureDetector detector, ViewTiming timing, ViewRules rules, Action<MemberId, ViewMessage> send)
    {
        _self = self;
        _raft = raft;
        _detector = detector;
        _timing = timing;
        _rules = rules;
        _send = send;
        _accusations = new AccusationBook(timing, detector);
    }

    /// <summary>How long a leader waits for others that want to join at the same time, since the next view must wait for this one.</summary>
    private TimeSpan GatherJoins => _timing.RetryEvery / 8;

    /// <summary>Takes down an accusation.</summary>
    public void Accuse(TimeSpan now, Verdict verdict)
    {
        StartTerm(now);
        View tip = _raft.Log.Tip.View;
        if (!tip.Contains(verdict.Subject) || !tip.Contains(verdict.Accuser))
        {
            return;
        }

        _hasNews = true;
        if (verdict.Cause == DepartureCause.Operator)
        {
            _ordered.Add(verdict.Subject);
        }
        else if (verdict.Subject != _self)
        {
            _accusations.Accuse(now, verdict); // Of itself a leader knows better: whoever cannot reach it may still have been heard through others.
        }
    }

    /// <summary>Takes down what a member has installed and released.</summary>
    public void Reported(TimeSpan now, in MemberId member, long releasedEpoch)
    {
        StartTerm(now);
        if (releasedEpoch > 0 && _raft.Log.Tip.View.Contains(member) && (!_released.TryGetValue(member, out long known) || known < releasedEpoch))
        {
            _released[member] = releasedEpoch;
            _hasNews = true;
        }
    }

    /// <summary>Takes down that a member wants to leave.</summary>
    public void WantsToLeave(TimeSpan now, in MemberId member)
    {
        if (_raft.Role == RaftRole.Leader)
        {
            StartTerm(now);
            _hasNews |= _raft.Log.Tip.View.Contains(member) && _leaving.Add(member);
        }
    }

    /// <summary>Takes down who wants to be admitted.</summary>
    /// <param name="now">The time.</param>
    /// <param name="newcomer">Who.</param>
    /// <param name="via">Who passed it on, and takes a refusal.</param>
    public void Apply(TimeSpan now, Member newcomer, in MemberId via)
    {
        StartTerm(now);
        if (_applicants.TryGetValue(newcomer.Id, out Applicant? known))
        {
            // Asked again: no news, since thousands who wait ask four times a second.
            known.SeenAt = now;
            known.Via = via;
        }
        else if (_applicants.Count < ViewLimits.MembersMax)
        {
            _applicants.Add(newcomer.Id, new Applicant { Newcomer = newcomer, Via = via, SeenAt = now, FirstSeenAt = now });
            _hasNews = true;
        }
    }

    /// <summary>Decides. Only while an entry of this leader's own term is agreed.</summary>
    /// <returns>Whether an entry was proposed, which may be agreed at once.</returns>
    public bool Steer(TimeSpan now, in MemberId self, Takeover takeover)
    {
        if (!_hasNews && now < _lookAt && _lookedTip == _raft.Log.Tip.Index && _lookedCommit == _raft.Log.CommitIndex)
        {
            return false;
        }

        StartTerm(now);
        _hasNews = false;
        _lookAt = now + (_accusations.IsEmpty ? _timing.RetryEvery : _timing.DetectorTick / 2);
        bool proposed = ProposeChange(now);
        proposed |= _raft.IsEstablished && ProposeSettled(now, takeover);
        _lookedTip = _raft.Log.Tip.Index;
        _lookedCommit = _raft.Log.CommitIndex;
        return proposed;
    }

    private bool ProposeChange(TimeSpan now)
    {
        ViewLog log = _raft.Log;
        View tip = log.Tip.View;
        List<Departure> removed = _accusations.Judge(now, tip);
        ForgetGone(tip);
        removed.AddRange(_ordered.Where(id => !removed.Exists(one => one.Id == id)).Select(static id => new Departure(id, DepartureCause.Operator)));
        bool isAgreed = log.CommitIndex == log.Tip.Index;
        List<Member> admitted = [];
        List<MemberId> raised = [];
        List<MemberId> leaving = [];
        if (isAgreed)
        {
            // Whatever can wait does so until what was proposed before is agreed.
            FindLeft(tip, removed);
            Admit(now, tip, removed, admitted);
            foreach (Member member in tip.Members)
            {
                if (removed.Exists(one => one.Id == member.Id))
                {
                    continue;
                }

                if (_leaving.Contains(member.Id) && member.State != MemberState.Leaving)
                {
                    leaving.Add(member.Id);
                }
                else if (member.State == MemberState.Joining && _released.ContainsKey(member.Id))
                {
                    // It reported, so it has installed a view with itself in it.
                    raised.Add(member.Id);
                }
            }

            // Those admitted together are raised together, but the slow do not hold up the others for long.
            if (now - _changedAt < 2 * _timing.RetryEvery && tip.Members.Any(member => member.State == MemberState.Joining && !raised.Contains(member.Id)))
            {
                raised.Clear();
            }
        }

        ViewChange change = Compose(now, tip, new ViewChange { Admitted = admitted, Raised = raised, Leaving = leaving, Removed = removed });
        if (change.IsEmpty)
        {
            return false;
        }

        _changedAt = now;
        _raft.Propose(now, LogEntryKind.Change, change);
        return true;
    }

    /// <summary>
    /// Adds the change of stewards that a change of members brings. Without one, a live steward that is ordered out or leaves is not let go before others have its place: it would take its vote with it, and a sole
    /// steward the cluster. Dead ones go at once, as long as those that stay are a majority of the stewards who agree on it.
    /// </summary>
    /// <remarks>
    /// What stays without a majority is agreed only with a vote of somebody who is to go. If those are dead, nothing is lost by waiting, since it is never agreed. If one is not (it was cut off, paused, or comes back with its
    /// state), it would agree on its own departure, and leave behind stewards who cannot agree on anything any more. So it goes while a change to a sole steward is being agreed and that one falls silent: its return
    /// completes the change, and must not complete its own eviction behind it.
    /// </remarks>
    private ViewChange Compose(TimeSpan now, View tip, ViewChange change)
    {
        View next = change.IsEmpty ? tip : tip.Next(change);
        if (next.Members.Count > 0 && ChooseStewards(now, next) is { } stewards)
        {
            return change with { Stewards = stewards };
        }

        Electorate electorate = _raft.Log.Tip.Electorate;
        ViewChange rest = Without(change, departure => departure.Cause is DepartureCause.Operator or DepartureCause.Left && electorate.Contains(departure.Id));
        if (rest.Removed.Count == 0 || !_rules.StewardsStayMajority || electorate.IsMajority(tip.Next(rest), static (view, steward) => view.Contains(steward)))
        {
            return rest;
        }

        return Without(rest, departure => electorate.Contains(departure.Id));
    }

    /// <summary>The change without those who wait, and without newcomers that are to take the place of one who waits: no two incarnations of a peer are in one view.</summary>
    private static ViewChange Without(ViewChange change, Func<Departure, bool> waits) => !change.Removed.Any(waits) ? change : change with
    {
        Removed = [.. change.Removed.Where(departure => !waits(departure))],
        Admitted = [.. change.Admitted.Where(newcomer => !change.Removed.Any(departure => departure.Id.Peer == newcomer.Id.Peer && waits(departure)))],
    };

    /// <summary>The stewards of the next view if they differ and the change can begin: one at a time, and every new one has caught up as a learner. Until then the old ones go on.</summary>
    private IReadOnlyList<MemberId>? ChooseStewards(TimeSpan now, View next)
    {
        IReadOnlyList<MemberId> stewards = View.StewardsOf(next.Members);
        IReadOnlyList<MemberId> present = _raft.Log.Tip.Electorate.Voters;
        if (stewards.SequenceEqual(present))
        {
            return null;
        }

        _raft.SetLearners(now, [.. stewards.Where(id => !present.Contains(id))]);
        return !_raft.IsChangingStewards && stewards.All(id => present.Contains(id) || _raft.IsCaughtUp(id)) ? stewards : null;
    }

    /// <summary>Leaving is two views: who owns nothing any more, and has said so for a view in which it was leaving, is gone in the next.</summary>
    private void FindLeft(View tip, List<Departure> removed)
    {
        foreach (Member member in tip.Members)
        {
            if (member.State == MemberState.Leaving && !removed.Exists(one => one.Id == member.Id)
                && _released.TryGetValue(member.Id, out long epoch) && StateAt(member.Id, epoch) == MemberState.Leaving)
            {
                removed.Add(new Departure(member.Id, DepartureCause.Left));
            }
        }
    }

    private MemberState? StateAt(in MemberId id, long epoch)
    {
        ViewLog log = _raft.Log;
        for (long index = log.CommitIndex; index >= log.Base.Index; index--)
        {
            View view = log.At(index).View;
            if (view.Epoch == epoch)
            {
                return view.TryFind(id, out Member? member) ? member.State : null;
            }
        }

        return null;
    }

    private void Admit(TimeSpan now, View tip, List<Departure> removed, List<Member> admitted)
    {
        if (_applicants.Count == 0)
        {
            return;
        }

        ViewLog log = _raft.Log;
        bool isSettled = log.Base.View.Epoch == log.Committed.View.Epoch;
        if ((!isSettled && now - _changedAt < _timing.JoinBatchMax) || log.Count >= ViewLimits.UnsettledEntriesMax)
        {
            return;
        }

        ForgetApplicants(now, tip);
        TimeSpan gatherUntil = _applicants.Count == 0 ? TimeSpan.Zero : _applicants.Values.Min(static one => one.FirstSeenAt) + GatherJoins;
        if (now < gatherUntil)
        {
            _lookAt = gatherUntil < _lookAt ? gatherUntil : _lookAt;
            return;
        }

        foreach (Applicant applicant in _applicants.Values.OrderBy(static one => one.Newcomer.Id))
        {
            if (admitted.Count >= ViewLimits.JoinsPerViewMax)
            {
                break;
            }

            if (Refusal(now, tip, admitted.Count, applicant.Newcomer, removed, out Departure? replaced) is { } refusal)
            {
                if (now - applicant.RefusedAt >= _timing.RetryEvery)
                {
                    applicant.RefusedAt = now;
                    _send(applicant.Via, new JoinRefused(applicant.Newcomer.Id, refusal));
                }
            }
            else if (!admitted.Exists(one => one.Id.Peer == applicant.Newcomer.Id.Peer))
            {
                if (replaced is { } departure)
                {
                    removed.Add(departure);
                }

                admitted.Add(applicant.Newcomer);
            }
        }
    }

    /// <summary>Drops those who ask no more, or have been answered by a view.</summary>
    private void ForgetApplicants(TimeSpan now, View tip)
    {
        foreach ((MemberId id, Applicant applicant) in _applicants)
        {
            if (now - applicant.SeenAt > 8 * _timing.RetryEvery || tip.Contains(id) || HasDeparted(id))
            {
                _applicants.Remove(id);
            }
        }
    }

    /// <summary>Whether an incarnation was a member since the settled view: it never comes back, however late its request to join arrives.</summary>
    private bool HasDeparted(in MemberId id)
    {
        ViewLog log = _raft.Log;
        for (long index = log.Base.Index + 1; index <= log.Tip.Index; index++)
        {
            if (log.At(index).Entry?.Change is { Removed.Count: > 0 } change)
            {
                foreach (Departure departure in change.Removed)
                {
                    if (departure.Id == id)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    /// <summary>Drops what is known of those who are no members any more.</summary>
    private void ForgetGone(View tip)
    {
        if (_ordered.Count > 0)
        {
            _ordered.RemoveWhere(id => !tip.Contains(id));
        }

        if (_leaving.Count > 0)
        {
            _leaving.RemoveWhere(id => !tip.Contains(id));
        }

        if (_released.Count > tip.Members.Count)
        {
            foreach (MemberId id in _released.Keys.Where(id => !tip.Contains(id)).ToArray())
            {
                _released.Remove(id);
            }
        }
    }

    /// <summary>A newcomer with a member's key is admitted, and the old incarnation evicted in the same view, only if the old one is killed or silent.</summary>
    private JoinRefusal? Refusal(TimeSpan now, View tip, int admitted, Member newcomer, List<Departure> removed, out Departure? replaced)
    {
        replaced = null;
        if (newcomer.ProtocolMax < ViewLimits.ProtocolVersion || newcomer.ProtocolMin > tip.ProtocolMax)
        {
            return JoinRefusal.Protocol;
        }

        if (tip.Members.Count > 0 && newcomer.Terms != tip.Members[0].Terms)
        {
            return JoinRefusal.Timing;
        }

        if (tip.Members.Count + admitted >= ViewLimits.MembersMax)
        {
            return JoinRefusal.Full;
        }

        if (tip.FindPeer(newcomer.Id.Peer) is not { } old || removed.Exists(one => one.Id == old.Id))
        {
            return null;
        }

        if (old.Id == _self || (!_accusations.IsKilled(old.Id) && !IsSilent(now, old.Id)))
        {
            return JoinRefusal.KeyInUse;
        }

        replaced = new Departure(old.Id, DepartureCause.Replaced);
        return null;
    }

    /// <summary>Whether a former incarnation was silent for long enough; a new leader has listened only since it leads.</summary>
    private bool IsSilent(TimeSpan now, in MemberId id)
    {
        TimeSpan heardAt = _detector.HeardAt(id);
        return now - (heardAt > _leadsSince ? heardAt : _leadsSince) >= _timing.KeySilentAfter;
    }

    /// <summary>
    /// The greatest epoch of which every member has installed it and released all that it does not own in it, and since every eviction up to it W has passed.
    /// </summary>
    private bool ProposeSettled(TimeSpan now, Takeover takeover)
    {
        ViewLog log = _raft.Log;
        if (log.Tip.Index != log.CommitIndex)
        {
            return false;
        }

        long epoch = long.MaxValue;
        for (long index = log.CommitIndex; index > log.Base.Index; index--)
        {
            LogPoint point = log.At(index);
            if (point.Entry!.Kind != LogEntryKind.Change || point.View.Epoch >= epoch)
            {
                continue;
            }

            epoch = point.View.Epoch;
            if (AllReleased(point.View) && takeover.EvictedUpTo(index) <= now)
            {
                _raft.Propose(now, LogEntryKind.Settled, settledEpoch: epoch);
                return true;
            }
        }

        return false;
    }

    private bool AllReleased(View view)
    {
        foreach (Member member in view.Members)
        {
            if (!_released.TryGetValue(member.Id, out long released) || released < view.Epoch)
            {
                return false;
            }
        }

        return true;
    }

    private void StartTerm(TimeSpan now)
    {
        if (_term != _raft.Term)
        {
            _term = _raft.Term;
            _leadsSince = now;
            _changedAt = now; // The view before may be as new as that: its leader may have handed over with it.
            _accusations.Forget();
            _applicants.Clear();
            _leaving.Clear();
            _ordered.Clear();
            _released.Clear();
        }
    }

    private sealed class Applicant
    {
        public required Member Newcomer;
        public MemberId Via;
        public TimeSpan SeenAt;
        public TimeSpan FirstSeenAt;
        public TimeSpan RefusedAt;
    }
}
