using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views.Log;

/// <summary>Elections: preliminary votes, votes, transfer.</summary>
internal sealed partial class RaftCore
{
    /// <summary>Asks whether an election could be won, so that a node that was cut off does not unseat a leader that others hear.</summary>
    private void StartProbing(TimeSpan now)
    {
        Role = RaftRole.Probing;
        Leader = default;
        CollectVotes(now, Term + 1, isPreliminary: true, isTransfer: false);
    }

    private void StartElection(TimeSpan now, bool isTransfer)
    {
        Role = RaftRole.Candidate;
        Leader = default;
        Term++;
        _votedFor = _self;
        CollectVotes(now, Term, isPreliminary: false, isTransfer);
    }

    private void CollectVotes(TimeSpan now, long term, bool isPreliminary, bool isTransfer)
    {
        PlanElection(now);
        _votes.Clear();
        _votes.Add(_self);
        LogPoint tip = Log.Tip;
        VoteRequest request = new(term, tip.Index, tip.Term, isPreliminary, isTransfer);
        foreach (MemberId voter in tip.Electorate.All())
        {
            if (voter != _self)
            {
                _send(voter, request);
            }
        }

        CountVotes(now);
    }

    private void HandleVoteRequest(TimeSpan now, in MemberId from, VoteRequest request)
    {
        // Who hears a leader holds on to it, unless the leader itself gave way; else a node that cannot hear the leader would unseat it again and again.
        bool hearsLeader = Role == RaftRole.Leader || (!Leader.IsNone && _leaderHeardAt != ViewTiming.LongAgo && now - _leaderHeardAt < _timing.ElectionMin);
        if (request.IsPreliminary)
        {
            bool would = request.Term > Term && !hearsLeader && Log.IsNoNewerThan(request.LastIndex, request.LastTerm);
            _send(from, new VoteReply(would ? request.Term : Term, would, IsPreliminary: true));
            return;
        }

        if (hearsLeader && !request.IsTransfer)
        {
            _send(from, new VoteReply(Term, false, IsPreliminary: false));
            return;
        }

        if (request.Term > Term)
        {
            Follow(now, request.Term, default);
        }

        bool grants = request.Term == Term && (_votedFor.IsNone || _votedFor == from) && Role != RaftRole.Leader && Log.IsNoNewerThan(request.LastIndex, request.LastTerm);
        if (grants)
        {
            _votedFor = from;
            PlanElection(now);
        }

        _send(from, new VoteReply(Term, grants, IsPreliminary: false));
    }

    private void HandleVoteReply(TimeSpan now, in MemberId from, VoteReply reply)
    {
        if (!reply.IsGranted)
        {
            if (reply.Term > Term)
            {
                Follow(now, reply.Term, default);
            }

            return;
        }

        bool counts = reply.IsPreliminary ? Role == RaftRole.Probing && reply.Term == Term + 1 : Role == RaftRole.Candidate && reply.Term == Term;
        if (counts)
        {
            _votes.Add(from);
            CountVotes(now);
        }
    }

    private void CountVotes(TimeSpan now)
    {
        if (!Log.Tip.Electorate.IsMajority(this, static (core, voter) => core.HasVoteOf(voter)))
        {
            return;
        }

        if (Role == RaftRole.Probing)
        {
            StartElection(now, isTransfer: false);
        }
        else
        {
            StartLeading(now);
        }
    }

    /// <summary>A voter is a peer in one incarnation: what a former life of it promised, this one does not know.</summary>
    private bool HasVoteOf(in MemberId voter)
    {
        if (_rules.VotersAreIncarnations)
        {
            return _votes.Contains(voter);
        }

        PeerId peer = voter.Peer;
        return _votes.Any(vote => vote.Peer == peer);
    }
}
