using Kameo.Actors.Transport.Views.Log;
using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views.Leases;

/// <summary>
/// A leader's side of leases. It answers a Renew only after a heartbeat round that started after it read that Renew was acknowledged in its term by a majority of stewards, only once an entry of
/// its own term is agreed, and only to an incarnation that is in every view from the commit index to the tip of its log. It grants itself by the same rule; there is no other leader lease.
/// </summary>
/// <remarks>Proof obligation: had an eviction been agreed before the stamp, then either the round fails, because a majority follows a later leader, or this leader's tip lacks the member.</remarks>
/// <param name="raft">Agreement.</param>
/// <param name="rules">The rules.</param>
internal sealed class LeaseGrantor(RaftCore raft, ViewRules rules)
{
    private readonly Dictionary<MemberId, Waiting> _waiting = [];
    private readonly List<MemberId> _done = [];
    private long _term;
    private long _collectedRound;

    /// <summary>Reads a renewal.</summary>
    /// <param name="renewal">The renewal.</param>
    /// <param name="via">Who passed it on, and takes the answer.</param>
    public void Read(in Renewal renewal, in MemberId via)
    {
        if (!raft.IsEstablished)
        {
            return;
        }

        StartTerm();
        Request request = new(renewal.Stamp, via, rules.GrantWaitsForLaterRound ? raft.Round + 1 : 0);
        if (!_waiting.TryGetValue(renewal.Member, out Waiting? waiting))
        {
            if (_waiting.Count < ViewLimits.RenewalsMax)
            {
                _waiting.Add(renewal.Member, new Waiting { First = request });
            }
        }
        else if (request.Stamp > waiting.First.Stamp)
        {
            // A round under way goes on for the first; the newest waits behind it.
            if (waiting.First.Round == request.Round)
            {
                waiting.First = request;
            }
            else
            {
                waiting.Then = request;
            }
        }
    }

    /// <summary>Takes what may be granted now.</summary>
    /// <param name="granted">Takes who passed the renewal on, and the lease.</param>
    public void Collect(List<(MemberId Via, LeaseGrant Grant)> granted)
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        if (!raft.IsEstablished || raft.Term != _term)
        {
            _waiting.Clear();
            return;
        }

        // Nothing can be granted before the next round is acknowledged.
        if (raft.AcknowledgedRound == _collectedRound && rules.GrantWaitsForLaterRound)
        {
            return;
        }

        _collectedRound = raft.AcknowledgedRound;

        _done.Clear();
        foreach ((MemberId member, Waiting waiting) in _waiting)
        {
            if (raft.AcknowledgedRound < waiting.First.Round)
            {
                continue;
            }

            if (IsInEveryView(member))
            {
                granted.Add((waiting.First.Via, new LeaseGrant(member, waiting.First.Stamp)));
            }

            if (waiting.Then is { } then)
            {
                waiting.First = then;
                waiting.Then = null;
            }
            else
            {
                _done.Add(member);
            }
        }

        foreach (MemberId member in _done)
        {
            _waiting.Remove(member);
        }
    }

    private bool IsInEveryView(in MemberId member)
    {
        ViewLog log = raft.Log;
        for (long index = log.CommitIndex; index <= log.Tip.Index; index++)
        {
            if (!log.At(index).View.Contains(member))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Rounds are counted per term: what waited in another one is void.</summary>
    private void StartTerm()
    {
        if (_term != raft.Term)
        {
            _term = raft.Term;
            _collectedRound = 0;
            _waiting.Clear();
        }
    }

    private readonly record struct Request(TimeSpan Stamp, MemberId Via, long Round);

    private sealed class Waiting
    {
        public Request First;
        public Request? Then;
    }
}
