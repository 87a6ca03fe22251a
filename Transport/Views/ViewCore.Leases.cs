using Kameo.Actors.Transport.Views.Log;
using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views;

/// <summary>Renewals, grants and verdicts on their way between members, stewards and the leader.</summary>
internal sealed partial class ViewCore
{
    /// <summary>How long a steward gathers renewals before it passes them on.</summary>
    private TimeSpan RelayWindow => _timing.Heartbeat / 4;

    private void Renew(TimeSpan now)
    {
        // The steward of the member's join index; another one after two intervals without a grant.
        bool isUnheard = now - (_life.Lease.GrantedStamp == ViewTiming.LongAgo ? _memberSince : _life.Lease.GrantedStamp) > 2 * _timing.RenewEvery;
        if (isUnheard)
        {
            _stewardTurn++;
        }

        Renewal renewal = _life.Lease.Renew(now, _life.ReleasedEpoch);
        if (_life.Raft.Role == RaftRole.Leader || (Installed.IsSteward(Self) && (!isUnheard || Installed.Stewards.Count == 1)))
        {
            PassRenewal(now, Self, renewal);
        }
        else
        {
            Send(OwnSteward(), new Renew([renewal]));
        }
    }

    /// <summary>Who passes on what this node asks: never itself, so that a steward which cannot reach the leader asks through another one.</summary>
    private MemberId OwnSteward()
    {
        IReadOnlyList<MemberId> stewards = Installed.Stewards;
        long join = Installed.TryFind(Self, out Member? own) ? own.JoinIndex : 0;
        int turn = (int)((join + _stewardTurn) % stewards.Count);
        return stewards[turn] == Self ? stewards[(turn + 1) % stewards.Count] : stewards[turn];
    }

    private void HandleRenew(TimeSpan now, in MemberId from, Renew renew)
    {
        foreach (Renewal renewal in renew.Items)
        {
            // Only a steward passes on what others sent.
            if (renewal.Member == from || Installed.IsSteward(from) || _life.Raft.Log.Tip.Electorate.Contains(from))
            {
                PassRenewal(now, from, renewal);
            }
        }
    }

    private void PassRenewal(TimeSpan now, in MemberId via, in Renewal renewal)
    {
        if (_life.Raft.Role == RaftRole.Leader)
        {
            _life.Detector.Heard(now, renewal.Member);
            _life.Steering.Reported(now, renewal.Member, renewal.ReleasedEpoch);
            _life.Grantor.Read(renewal, via);
        }
        else if (renewal.Member == via && !_life.Raft.Leader.IsNone && _relay.Count < ViewLimits.RenewalsMax)
        {
            _relay.Add(renewal);
            _relayAt = _relayAt == TimeSpan.MaxValue ? now + RelayWindow : _relayAt;
        }
    }

    private void FlushRelay()
    {
        _relayAt = TimeSpan.MaxValue;
        if (_relay.Count > 0 && !_life.Raft.Leader.IsNone && _life.Raft.Leader != Self)
        {
            Send(_life.Raft.Leader, new Renew([.. _relay]));
        }

        _relay.Clear();
    }

    private void SendGrants(TimeSpan now)
    {
        long epoch = Log.Committed.View.Epoch;
        foreach (IGrouping<MemberId, (MemberId Via, LeaseGrant Grant)> group in _granted.GroupBy(static one => one.Via))
        {
            Grant grant = new(epoch, [.. group.Select(static one => one.Grant)]);
            if (group.Key == Self)
            {
                HandleGrant(now, grant);
            }
            else
            {
                Send(group.Key, grant);
            }
        }

        _granted.Clear();
    }

    private void HandleGrant(TimeSpan now, Grant grant)
    {
        foreach (LeaseGrant item in grant.Items)
        {
            if (item.Member == Self)
            {
                _life.Lease.Handle(now, grant.GrantEpoch, item.Stamp, Installed.Epoch);
                _leaderSeenAt = now;
            }
            else
            {
                Send(item.Member, new Grant(grant.GrantEpoch, [item]));
            }
        }
    }

    private void PassVerdicts(TimeSpan now)
    {
        foreach (Verdict verdict in _life.Detector.Verdicts)
        {
            PassVerdict(now, Self, verdict);
        }

        _life.Detector.Verdicts.Clear();
    }

    private void PassVerdict(TimeSpan now, in MemberId from, Verdict verdict)
    {
        if (_life.Raft.Role == RaftRole.Leader)
        {
            _life.Steering.Accuse(now, verdict);
        }
        else
        {
            PassToLeader(from, verdict.Accuser, verdict);
        }
    }

    /// <summary>
    /// Passes a message on to the leader: a member gives what itself or a newcomer asks to its steward, a steward gives what others than stewards ask to the leader, and there it ends. A steward that hears no leader gives what itself asks to another one,
    /// which gives it to the leader. So nothing goes in circles
    /// while stewards disagree on who leads.
    /// </summary>
    private void PassToLeader(in MemberId from, in MemberId origin, ViewMessage message)
    {
        if (_life.Raft.Role == RaftRole.Leader || Installed.Stewards.Count == 0)
        {
            return;
        }

        if (!Installed.IsSteward(Self))
        {
            if (from == origin)
            {
                Send(OwnSteward(), message);
            }
        }
        else if (origin == Self && Installed.Stewards.Count > 1 && !_life.Raft.HearsLeader(_handledAt))
        {
            Send(OwnSteward(), message);
        }
        else if ((from == origin || !Installed.IsSteward(from)) && !_life.Raft.Leader.IsNone)
        {
            Send(_life.Raft.Leader, message);
        }
    }
}
