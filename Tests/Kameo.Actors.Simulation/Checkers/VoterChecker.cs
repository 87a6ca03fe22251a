using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Simulation.Checkers;

/// <summary>Term and vote live as long as the incarnation: its term never falls, it votes once a term, and a term has one leader.</summary>
internal sealed class VoterChecker
{
    private const string Promise = "term and vote live as long as the incarnation";
    private readonly Dictionary<MemberId, (long Term, MemberId Vote)> _known = [];
    private readonly Dictionary<(ClusterId, long), MemberId> _leaders = [];

    public void AfterStep(SimNode node)
    {
        ViewCore core = node.Core!;
        RaftCore raft = core.Raft;
        (long term, MemberId vote) = _known.GetValueOrDefault(core.Self);
        if (raft.Term == term && raft.VotedFor == vote)
        {
            return;
        }

        if (raft.Term < term)
        {
            throw new ViolationException(Promise, $"the term of {node.Name} falls from {term} to {raft.Term}");
        }

        if (raft.Term == term && !vote.IsNone)
        {
            throw new ViolationException(Promise, $"{node.Name} votes in term {term} for {vote} and then for {raft.VotedFor}");
        }

        _known[core.Self] = (raft.Term, raft.VotedFor);
        if (raft.Role == RaftRole.Leader && !_leaders.TryAdd((core.Log.Tip.View.Cluster, raft.Term), core.Self) && _leaders[(core.Log.Tip.View.Cluster, raft.Term)] != core.Self)
        {
            throw new ViolationException("a term has one leader", $"term {raft.Term}: {_leaders[(core.Log.Tip.View.Cluster, raft.Term)]} and {core.Self}");
        }
    }
}
