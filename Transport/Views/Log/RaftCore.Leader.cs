using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views.Log;

/// <summary>Leading: rounds of heartbeats, replication, agreement, changes of stewards.</summary>
internal sealed partial class RaftCore
{
    private readonly Dictionary<MemberId, Progress> _progress = [];
    private IReadOnlyList<MemberId> _learners = [];
    private TimeSpan _heartbeatAt;
    private long _openingIndex;
    private long _finalIndex;

    /// <summary>Whether this node leads and an entry of its own term is agreed, so that it knows all that was agreed before.</summary>
    public bool IsEstablished => Role == RaftRole.Leader && Log.CommitIndex >= _openingIndex;

    /// <summary>The newest round of heartbeats that was started.</summary>
    public long Round { get; private set; }

    /// <summary>The newest round that a majority of stewards, of both sets during a change, acknowledged in this term.</summary>
    public long AcknowledgedRound { get; private set; }

    /// <summary>Whether a change of stewards is under way.</summary>
    public bool IsChangingStewards => Log.Tip.Electorate.IsJoint || (_finalIndex > Log.CommitIndex && Role == RaftRole.Leader);

    /// <summary>Says who is to catch up before it becomes a steward.</summary>
    public void SetLearners(TimeSpan now, IReadOnlyList<MemberId> learners)
    {
        _learners = learners;
        foreach (MemberId learner in learners)
        {
            if (learner != _self && !_progress.ContainsKey(learner))
            {
                Replicate(learner, ProgressOf(now, learner));
            }
        }
    }

    /// <summary>Whether a learner has all that is agreed.</summary>
    public bool IsCaughtUp(in MemberId learner) => learner == _self || (_progress.TryGetValue(learner, out Progress? progress) && progress.Match >= Log.CommitIndex);

    /// <summary>Adds an entry. Only while <see cref="IsEstablished"/>.</summary>
    /// <param name="now">The time.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="change">The step to the next view.</param>
    /// <param name="settledEpoch">The settled epoch.</param>
    public void Propose(TimeSpan now, LogEntryKind kind, ViewChange? change = null, long settledEpoch = 0)
    {
        Invariant.Holds(IsEstablished || kind == LogEntryKind.Opening, "a leader writes only once an entry of its own term is agreed");
        Invariant.Holds(change?.Stewards is null || !IsChangingStewards, "one change of stewards at a time");
        LogPoint point = Log.Append(new LogEntry(Log.Tip.Index + 1, Term, kind, change, settledEpoch));
        if (kind == LogEntryKind.StewardsFinal)
        {
            _finalIndex = point.Index;
        }

        Broadcast(now);
        AdvanceCommit(now);
    }

    /// <summary>Gives leadership to the steward that knows most, if there is another one.</summary>
    public void Transfer()
    {
        MemberId best = default;
        long match = -1;
        foreach (MemberId voter in Log.Tip.Electorate.Voters)
        {
            if (voter != _self && _progress.TryGetValue(voter, out Progress? progress) && progress.Match > match)
            {
                best = voter;
                match = progress.Match;
            }
        }

        if (match >= Log.Tip.Index)
        {
            _send(best, new TimeoutNow(Term));
        }
    }

    private void StartLeading(TimeSpan now)
    {
        Role = RaftRole.Leader;
        Leader = _self;
        _electionAt = TimeSpan.MaxValue;
        _progress.Clear();
        _learners = [];
        // Rounds of different terms are never confused: an answer says its term.
        Round = 0;
        AcknowledgedRound = 0;
        _finalIndex = 0;
        _openingIndex = Log.Tip.Index + 1;
        foreach (MemberId voter in Log.Tip.Electorate.All())
        {
            if (voter != _self)
            {
                ProgressOf(now, voter);
            }
        }

        _heartbeatAt = now + _timing.Heartbeat;
        Propose(now, LogEntryKind.Opening);
    }

    private void StopLeading()
    {
        _progress.Clear();
        _learners = [];
    }

    /// <summary>A round of heartbeats; a leader that no majority answers gives way, so that it does not hold up the elections of others.</summary>
    private void Lead(TimeSpan now)
    {
        bool answered = Log.Tip.Electorate.IsMajority((Core: this, Now: now), static (state, voter) =>
            voter == state.Core._self || (state.Core._progress.TryGetValue(voter, out Progress? progress) && state.Now - progress.HeardAt < state.Core._timing.ElectionMax));
        if (!answered)
        {
            Follow(now, Term, default);
            return;
        }

        Round++;
        _heartbeatAt = now + _timing.Heartbeat;
        Broadcast(now);
        CountRounds();
    }

    private void Broadcast(TimeSpan now)
    {
        foreach (MemberId voter in Log.Tip.Electorate.All())
        {
            if (voter != _self)
            {
                Replicate(voter, ProgressOf(now, voter));
            }
        }

        foreach (MemberId learner in _learners)
        {
            if (learner != _self && !Log.Tip.Electorate.Contains(learner))
            {
                Replicate(learner, ProgressOf(now, learner));
            }
        }
    }

    private void Replicate(in MemberId to, Progress progress)
    {
        LogPoint? start = null;
        if (progress.Next <= Log.Base.Index)
        {
            start = Log.Base;
            progress.Next = Log.Base.Index + 1;
        }

        LogPoint previous = Log.At(progress.Next - 1);
        LogEntry[] entries = Log.After(previous.Index, Log.Tip.Index);
        progress.Next += entries.Length;
        _send(to, new Append(Term, Round, start, previous.Index, previous.Term, entries, Log.CommitIndex));
    }

    private void HandleAppendReply(TimeSpan now, in MemberId from, AppendReply reply)
    {
        if (reply.Term > Term)
        {
            Follow(now, reply.Term, default);
            return;
        }

        if (Role != RaftRole.Leader || reply.Term < Term || !_progress.TryGetValue(from, out Progress? progress))
        {
            return;
        }

        progress.HeardAt = now;
        progress.Round = Math.Max(progress.Round, reply.Round);
        if (reply.IsAccepted)
        {
            progress.Match = Math.Max(progress.Match, Math.Min(reply.Index, Log.Tip.Index));
            progress.Next = Math.Max(progress.Next, progress.Match + 1);
            if (progress.Next <= Log.Tip.Index)
            {
                Replicate(from, progress);
            }

            AdvanceCommit(now);
        }
        else
        {
            // Where to try again is a hint of the other side: nothing below what is known to match, nothing beyond the tip.
            progress.Next = Math.Clamp(reply.Index + 1, Math.Min(progress.Match + 1, Log.Tip.Index + 1), Log.Tip.Index + 1);
            Replicate(from, progress);
        }

        CountRounds();
    }

    private void AdvanceCommit(TimeSpan now)
    {
        if (Role != RaftRole.Leader)
        {
            return;
        }

        // Only entries of the leader's own term are counted; those before are agreed with them (Raft, 5.4.2).
        for (long index = Log.Tip.Index; index > Log.CommitIndex && Log.At(index).Term == Term; index--)
        {
            if (Log.Tip.Electorate.IsMajority((Core: this, Index: index), static (state, voter) =>
                voter == state.Core._self || (state.Core._progress.TryGetValue(voter, out Progress? progress) && progress.Match >= state.Index)))
            {
                Log.Commit(index);
                Broadcast(now);
                EndStewardChange(now);
                return;
            }
        }
    }

    private void EndStewardChange(TimeSpan now)
    {
        LogPoint tip = Log.Tip;
        if (tip.Electorate.IsJoint && Log.Committed.Electorate.IsJoint && Log.CommitIndex >= JointIndex())
        {
            Propose(now, LogEntryKind.StewardsFinal);
        }
        else if (Log.CommitIndex == tip.Index && !tip.Electorate.Contains(_self))
        {
            // Outside the new set: it has led the change to its end, and gives way.
            Transfer();
            Follow(now, Term, default);
            AfterLogChange(now);
        }
    }

    /// <summary>Where the change of stewards at the tip began.</summary>
    private long JointIndex()
    {
        long index = Log.Tip.Index;
        while (index > Log.Base.Index && Log.At(index - 1).Electorate.IsJoint)
        {
            index--;
        }

        return index;
    }

    private void CountRounds()
    {
        long round = AcknowledgedRound;
        while (round < Round && Log.Tip.Electorate.IsMajority((Core: this, Round: round + 1), static (state, voter) =>
            voter == state.Core._self || (state.Core._progress.TryGetValue(voter, out Progress? progress) && progress.Round >= state.Round)))
        {
            round++;
        }

        AcknowledgedRound = round;
    }

    private Progress ProgressOf(TimeSpan now, in MemberId id)
    {
        if (!_progress.TryGetValue(id, out Progress? progress))
        {
            _progress[id] = progress = new Progress { Next = Log.Tip.Index + 1, HeardAt = now };
        }

        return progress;
    }

    /// <summary>What the leader knows of one follower.</summary>
    private sealed class Progress
    {
        /// <summary>The entry to send next.</summary>
        public long Next;

        /// <summary>The last entry known to be the same there.</summary>
        public long Match;

        /// <summary>The newest round that it answered.</summary>
        public long Round;

        /// <summary>When it answered last.</summary>
        public TimeSpan HeardAt;
    }
}
