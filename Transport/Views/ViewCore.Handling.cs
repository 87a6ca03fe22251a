using Kameo.Actors.Transport.Views.Log;
using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views;

/// <summary>What comes from others, and what agreement makes of it.</summary>
internal sealed partial class ViewCore
{
    private readonly List<Renewal> _relay = [];
    private readonly List<(MemberId Via, LeaseGrant Grant)> _granted = [];
    private TimeSpan _relayAt = TimeSpan.MaxValue;
    private TimeSpan _fetchedAt = ViewTiming.LongAgo;
    private TimeSpan _leaderSeenAt;
    private TimeSpan _memberSince;
    private int _stewardTurn;

    /// <summary>Handles a message. One for another incarnation or from another cluster counts for nothing, but for those by which clusters are found.</summary>
    public void Handle(TimeSpan now, Envelope envelope)
    {
        Notice(now);
        if (Phase == ViewPhase.Stopped)
        {
            return;
        }

        if (envelope.To != Self)
        {
            // For another incarnation of this peer: what it was asked, or promised, is no business of this one.
            return;
        }

        bool isOwnCluster = Phase == ViewPhase.Member && envelope.Cluster == Installed.Cluster;
        if (isOwnCluster && !KeepUp(now, envelope))
        {
            return;
        }

        if (envelope.Message.IsForeign)
        {
            HandleForeign(now, envelope);
        }
        else if (!_rules.VotersAreIncarnations && envelope.Message is VoteRequest or VoteReply)
        {
            _life.Raft.Handle(now, envelope.From, envelope.Message);
        }
        else if (isOwnCluster)
        {
            HandleMember(now, envelope);
        }

        AfterStep(now);
    }

    /// <summary>Compares epochs: tells a sender that was evicted so, and fetches what it knows if it is ahead.</summary>
    /// <returns>False if the message counts for nothing.</returns>
    private bool KeepUp(TimeSpan now, Envelope envelope)
    {
        MemberId from = envelope.From;
        if (!Installed.Contains(from) && envelope.Epoch <= Installed.Epoch && envelope.Message is not Evicted && !Log.Tip.Electorate.Contains(from))
        {
            // It was in its view, and is not in a later one: evicted, and it does not know.
            Send(from, Evicted.Instance);
            _outputs.Enqueue(new CloseOutput(from));
            return false;
        }

        if (envelope.Epoch > Installed.Epoch && now - _fetchedAt >= _timing.LateTickMin)
        {
            _fetchedAt = now;
            Send(from, new Fetch(Log.CommitIndex, Log.Committed.Term));
        }

        _life.Detector.Heard(now, from);
        return true;
    }

    private void HandleMember(TimeSpan now, Envelope envelope)
    {
        MemberId from = envelope.From;
        if (_life.Raft.Handle(now, from, envelope.Message) || _life.Detector.Handle(now, from, envelope.Message))
        {
            return;
        }

        if (!Installed.Contains(from) && envelope.Message is not (Fetch or Grant or Evicted))
        {
            // Not a member as far as is known here. What it wants is asked again when its view has come.
            return;
        }

        switch (envelope.Message)
        {
            case Renew renew:
                HandleRenew(now, from, renew);
                break;
            case Grant grant:
                HandleGrant(now, grant);
                break;
            case Fetch fetch:
                SendFeed(from, fetch.Index, fetch.Term);
                break;
            case Verdict verdict:
                PassVerdict(now, from, verdict);
                break;
            case Leave leave:
                _life.Steering.WantsToLeave(now, leave.Member);
                PassToLeader(from, leave.Member, leave);
                break;
            case Evicted when envelope.Epoch > Installed.Epoch:
                if (_life.IsLeaving)
                {
                    Stop(LifeEnd.Left); // What it asked for.
                }
                else if (!LeadsChange)
                {
                    EndLife(now, LifeEnd.Evicted); // Whoever says so does not count on it as a steward any more.
                }

                break;
            case Dissolve dissolve when _options.Founders is null:
                Learn(dissolve.Addresses);
                EndLife(now, LifeEnd.Dissolved);
                break;
        }
    }

    /// <summary>After anything that may have changed what is agreed: applies it, grants, and if this node leads decides what comes next.</summary>
    private void AfterStep(TimeSpan now)
    {
        FinishStep(now);
        Persist();
    }

    private void FinishStep(TimeSpan now)
    {
        if (Phase == ViewPhase.Stopped)
        {
            return;
        }

        Life life = _life;
        Apply(now);
        if (life != _life || Phase != ViewPhase.Member)
        {
            return;
        }

        if (life.Raft.IsEstablished)
        {
            life.Grantor.Collect(_granted);
            if (_granted.Count > 0)
            {
                SendGrants(now);
            }

            if (life.Steering.Steer(now, Self, life.Takeover))
            {
                Apply(now);
            }
        }
    }

    private void Apply(TimeSpan now)
    {
        Life life = _life;
        ViewLog log = life.Raft.Log;
        long former = life.AppliedIndex;
        if (life.AppliedIndex < log.Base.Index)
        {
            life.Takeover.Started(now);
            life.AppliedIndex = log.Base.Index;
        }

        if (!_rules.WaitCountsFromCommit)
        {
            for (long index = log.CommitIndex + 1; index <= log.Tip.Index; index++)
            {
                life.Takeover.Appended(now, log.At(index).Entry!);
            }
        }

        long settled = 0;
        while (life.AppliedIndex < log.CommitIndex)
        {
            LogEntry entry = log.At(++life.AppliedIndex).Entry!;
            if (!entry.IsKnown)
            {
                Stop(LifeEnd.UnknownEntry);
                return;
            }

            life.Takeover.Applied(now, entry);
            if (entry.Kind == LogEntryKind.Settled)
            {
                settled = entry.SettledEpoch;
            }
        }

        if (life.AppliedIndex == former)
        {
            return;
        }

        Persist();
        View newest = log.Committed.View;
        if (newest.Epoch != life.Installed.Epoch || newest.Cluster != life.Installed.Cluster)
        {
            Install(now, newest, former);
        }

        if (life == _life && settled > log.Base.View.Epoch)
        {
            log.Settle(settled);
            life.Takeover.Settled();
        }
    }

    private bool LeadsChange => _life.Raft.Role == RaftRole.Leader && _life.Raft.IsChangingStewards;

    /// <summary>Whether it ends a change of stewards first, even if it is no member any more, else it would take the cluster with it: it leads, and others listen to it for as long; or nobody else could be elected.</summary>
    private bool EndsChangeFirst => LeadsChange || _life.Raft.IsIndispensable;

    /// <summary>After a restart: goes on as the member that it was in the newest agreed view that has it, if a change of stewards cannot end without it.</summary>
    private bool TryEndChange(TimeSpan now)
    {
        for (long index = Log.CommitIndex; EndsChangeFirst && index >= Log.Base.Index; index--)
        {
            if (Log.At(index).View is var view && view.Contains(Self))
            {
                Install(now, view, index);
                return true;
            }
        }

        return false;
    }

    private void Install(TimeSpan now, View view, long formerIndex)
    {
        if (!view.TryFind(Self, out Member? own))
        {
            if (Phase == ViewPhase.Fresh || EndsChangeFirst)
            {
                // Not yet a member; or a leader that has agreed on its own departure.
                return;
            }

            if (_life.IsLeaving)
            {
                Stop(LifeEnd.Left);
            }
            else
            {
                EndLife(now, LifeEnd.Evicted);
            }

            return;
        }

        View former = _life.Installed;
        if (former.TryFind(Self, out Member? before) && before.JoinIndex != own.JoinIndex)
        {
            // Evicted and, by a request to join that came late, admitted again: what was owned before has gone to others meanwhile.
            EndLife(now, LifeEnd.Evicted);
            return;
        }

        Phase = ViewPhase.Member;
        _life.Installed = view;
        if (!_options.HasSlots)
        {
            _life.ReleasedEpoch = view.Epoch;
        }

        _life.Detector.Install(now, view);
        _life.Lease.Installed(view.Epoch);
        foreach (MemberId peer in _peers.Connections)
        {
            // On learning an eviction a node ends all connections to that incarnation.
            if (former.Contains(peer) && !view.Contains(peer) && !Log.Tip.Electorate.Contains(peer))
            {
                Send(peer, Evicted.Instance);
                _outputs.Enqueue(new CloseOutput(peer));
            }
        }

        _outputs.Enqueue(new InstalledOutput(view));
        if (former.Cluster.IsNone)
        {
            _leaderSeenAt = now;
            _memberSince = now;
            TellFresh(view);
        }

        // What it has released is news: the view settles as soon as all have said so.
        Renew(now);

        DialMembers(now);
        PushToFollowers(view, own, formerIndex);
    }

    /// <summary>A newly made member tells nodes that are still looking that there is a cluster.</summary>
    private void TellFresh(View view)
    {
        foreach (MemberId peer in _peers.Connections)
        {
            if (!view.Contains(peer))
            {
                Send(peer, new Seek(LivingMembers));
            }
        }
    }

    /// <summary>A steward passes agreed entries on to the members that renew with it, so that they need not ask.</summary>
    private void PushToFollowers(View view, Member own, long formerIndex)
    {
        int place = -1;
        for (int i = 0; i < view.Stewards.Count && place < 0; i++)
        {
            place = view.Stewards[i] == own.Id ? i : -1;
        }

        if (place < 0 || formerIndex < Log.Base.Index)
        {
            return;
        }

        long term = Log.At(formerIndex).Term;
        foreach (Member member in view.Members)
        {
            if (member.JoinIndex % view.Stewards.Count == place && !view.IsSteward(member.Id))
            {
                SendFeed(member.Id, formerIndex, term);
            }
        }
    }

    private void SendFeed(in MemberId to, long index, long term)
    {
        bool connects = index <= Log.CommitIndex && Log.Has(index, term);
        LogPoint start = connects ? Log.At(index) : _rules.JoinerLearnsUnsettled ? Log.Base : Log.Committed;
        long from = start.Index;
        do
        {
            LogPoint previous = Log.At(from);
            LogEntry[] entries = Log.After(from, Log.CommitIndex);
            Send(to, new Feed(connects || from != start.Index ? null : start with { Entry = null }, from, previous.Term, entries));
            from += entries.Length;
        }
        while (from < Log.CommitIndex);
    }
}
