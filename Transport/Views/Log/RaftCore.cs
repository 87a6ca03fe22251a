using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views.Log;

/// <summary>
/// Agreement on the view log among stewards: Raft (Ongaro and Ousterhout, USENIX ATC 2014) in memory, with preliminary votes, leadership transfer and joint consensus. Every member has one;
/// who is not in the electorate only learns, and still votes if asked, since the asker may know a newer electorate.
/// </summary>
/// <remarks>
/// Pure: messages and time come in, messages go out through the delegate given. Term and vote live as long as this object, which lives as long as the incarnation, whatever its role. No concurrency.
/// </remarks>
internal sealed partial class RaftCore
{
    private readonly MemberId _self;
    private readonly ViewTiming _timing;
    private readonly ViewRules _rules;
    private readonly Random _random;
    private readonly Action<MemberId, ViewMessage> _send;
    private readonly HashSet<MemberId> _votes = [];
    private MemberId _votedFor;
    private TimeSpan _electionAt = TimeSpan.MaxValue;
    private TimeSpan _leaderHeardAt = ViewTiming.LongAgo;
    private bool _wasVoter;

    /// <param name="self">This node in this life.</param>
    /// <param name="timing">Durations.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="random">Spreads elections.</param>
    /// <param name="send">Takes what is to be sent.</param>
    public RaftCore(MemberId self, ViewTiming timing, ViewRules rules, Random random, Action<MemberId, ViewMessage> send)
    {
        _self = self;
        _timing = timing;
        _rules = rules;
        _random = random;
        _send = send;
        Log = new ViewLog(rules, ViewLog.Nothing);
    }

    /// <summary>The log.</summary>
    public ViewLog Log { get; }

    /// <summary>The newest term known; never falls.</summary>
    public long Term { get; private set; }

    /// <summary>For whom this node voted in <see cref="Term"/>; none if for nobody.</summary>
    public MemberId VotedFor => _votedFor;

    /// <summary>What this node does in its term.</summary>
    public RaftRole Role { get; private set; }

    /// <summary>Who leads the term, if known.</summary>
    public MemberId Leader { get; private set; }

    /// <summary>Whether this node has a voice.</summary>
    public bool IsVoter => Log.Tip.Electorate.Contains(_self) || IsIndispensable;

    /// <summary>
    /// Whether a change of stewards is not known to be agreed to its end, and without this node, the sole steward before, nobody could be elected who still has to end it. It may be outside the new set by what it has written
    /// itself: then it asks that set for its votes all the same, which may lack what it has written.
    /// </summary>
    public bool IsIndispensable
    {
        get
        {
            long index = Log.Tip.Index;
            while (index > Log.CommitIndex && !Log.At(index).Electorate.IsJoint)
            {
                index--;
            }

            Electorate electorate = Log.At(index).Electorate;
            return electorate.IsJoint && electorate.Contains(_self) && !electorate.IsMajority(_self, static (self, id) => id != self);
        }
    }

    /// <summary>Whether this node leads, or heard who leads not longer ago than an election takes.</summary>
    public bool HearsLeader(TimeSpan now) => Role == RaftRole.Leader || (!Leader.IsNone && now - _leaderHeardAt < _timing.ElectionMax);

    /// <summary>When <see cref="HandleDeadline"/> is to be called.</summary>
    public TimeSpan NextDeadline => Role == RaftRole.Leader ? _heartbeatAt : IsVoter ? _electionAt : TimeSpan.MaxValue;

    /// <summary>Starts as the sole steward of a cluster that this node founds.</summary>
    public void Found(TimeSpan now, View first)
    {
        Log.Reset(new LogPoint(1, 0, null, first, new Electorate(first.Stewards, null)));
        StartElection(now, isTransfer: false);
    }

    /// <summary>What must outlive a restart.</summary>
    public StewardState ToState() => _rules.StateHoldsVote
        ? new(_self, Term, _votedFor, Log.Base, Log.All(), Log.CommitIndex)
        : new(_self, Log.Tip.Term, default, Log.Base, Log.All(), Log.CommitIndex);

    /// <summary>Resumes after a restart, before anything else.</summary>
    public void Resume(TimeSpan now, StewardState state)
    {
        Log.Reset(state.Base);
        Log.Merge(state.Base.Index, state.Entries);
        Log.Commit(Math.Min(state.CommitIndex, Log.Tip.Index));
        Term = state.Term;
        _votedFor = state.VotedFor;
        PlanElection(now);
        AfterLogChange(now);
    }

    /// <summary>Handles a message of another node.</summary>
    /// <returns>Whether it was one of Raft's.</returns>
    public bool Handle(TimeSpan now, in MemberId from, ViewMessage message)
    {
        switch (message)
        {
            case Append append:
                HandleAppend(now, from, append);
                return true;
            case AppendReply reply:
                HandleAppendReply(now, from, reply);
                return true;
            case VoteRequest request:
                HandleVoteRequest(now, from, request);
                return true;
            case VoteReply reply:
                HandleVoteReply(now, from, reply);
                return true;
            case TimeoutNow timeout:
                if (timeout.Term == Term && Role == RaftRole.Follower && IsVoter)
                {
                    StartElection(now, isTransfer: true);
                }

                return true;
            default:
                return false;
        }
    }

    /// <summary>Does what is due.</summary>
    public void HandleDeadline(TimeSpan now)
    {
        if (Role == RaftRole.Leader)
        {
            if (now >= _heartbeatAt)
            {
                Lead(now);
            }
        }
        else if (now >= _electionAt && IsVoter)
        {
            StartProbing(now);
        }
    }

    /// <summary>Moves all deadlines by which others are judged: this node's own tick was late, so it may not have read what they sent in time.</summary>
    public void Postpone(TimeSpan late)
    {
        if (_electionAt != TimeSpan.MaxValue)
        {
            _electionAt += late;
        }

        foreach (Progress progress in _progress.Values)
        {
            progress.HeardAt += late;
        }
    }

    /// <summary>The leader was seen to be killed: elections need not wait for its silence.</summary>
    public void LeaderKilled(TimeSpan now, in MemberId killed)
    {
        if (Role != RaftRole.Follower || Leader != killed)
        {
            return;
        }

        Leader = default;
        _leaderHeardAt = ViewTiming.LongAgo;
        _electionAt = now + Between(_timing.ElectionAfterKillMin, _timing.ElectionAfterKillMax);
    }

    /// <summary>Takes over agreed entries, whoever passes them on.</summary>
    /// <returns>False if they do not connect to what is here: more must be fetched.</returns>
    public bool HandleFeed(TimeSpan now, Feed feed)
    {
        LogPoint? start = feed.Base;
        if (start is not null && start.Index > Log.CommitIndex && !Log.Has(start.Index, start.Term))
        {
            Log.Reset(start);
        }

        long previous = feed.PreviousIndex;
        if (previous > Log.CommitIndex && !Log.Has(previous, feed.PreviousTerm))
        {
            return false;
        }

        long last = Log.Merge(previous, feed.Entries);
        if (last > Log.CommitIndex && last <= Log.Tip.Index)
        {
            Log.Commit(last);
        }

        // Agreed entries prove their terms: nobody here may help a leader of an older one.
        if (Log.Committed.Term > Term)
        {
            Follow(now, Log.Committed.Term, default);
        }

        AfterLogChange(now);
        return true;
    }

    private void HandleAppend(TimeSpan now, in MemberId from, Append append)
    {
        if (append.Term < Term)
        {
            _send(from, new AppendReply(Term, append.Round, false, Log.CommitIndex));
            return;
        }

        Invariant.Holds(append.Term > Term || Role != RaftRole.Leader, "a term has one leader");
        Follow(now, append.Term, from);
        _leaderHeardAt = now;
        if (append.Base is { } start && start.Index > Log.CommitIndex && !Log.Has(start.Index, start.Term))
        {
            Log.Reset(start);
        }

        long previous = append.PreviousIndex;
        if (previous >= Log.Base.Index && !Log.Has(previous, append.PreviousTerm))
        {
            _send(from, new AppendReply(Term, append.Round, false, Math.Max(Log.CommitIndex, Math.Min(Log.Tip.Index, previous - 1))));
            return;
        }

        if (previous < Log.Base.Index && (append.Entries.Count == 0 || append.Entries[^1].Index < Log.Base.Index))
        {
            // All of it is settled here already; the leader's settled view is older.
            _send(from, new AppendReply(Term, append.Round, true, Log.CommitIndex));
            return;
        }

        long match = Log.Merge(previous, append.Entries);
        Log.Commit(Math.Max(Log.CommitIndex, Math.Min(append.Commit, match)));
        _send(from, new AppendReply(Term, append.Round, true, Math.Max(match, Log.CommitIndex)));
        AfterLogChange(now);
    }

    /// <summary>Becomes, or stays, a follower of a term.</summary>
    private void Follow(TimeSpan now, long term, in MemberId leader)
    {
        Invariant.Holds(term >= Term, "terms never fall");
        if (term > Term)
        {
            Term = term;
            _votedFor = default;
        }

        if (Role == RaftRole.Leader)
        {
            StopLeading();
        }

        Role = RaftRole.Follower;
        Leader = leader;
        PlanElection(now);
    }

    private void AfterLogChange(TimeSpan now)
    {
        if (!IsVoter)
        {
            _electionAt = TimeSpan.MaxValue;
            if (_wasVoter && !_rules.TermOutlivesRole && Role == RaftRole.Follower)
            {
                Term = 0;
                _votedFor = default;
            }

            _wasVoter = false;
            return;
        }

        _wasVoter = true;
        if (_electionAt == TimeSpan.MaxValue && Role == RaftRole.Follower)
        {
            PlanElection(now);
        }
    }

    private void PlanElection(TimeSpan now) => _electionAt = now + Between(_timing.ElectionMin, _timing.ElectionMax);

    private TimeSpan Between(TimeSpan least, TimeSpan most) => new(_random.NextInt64(least.Ticks, most.Ticks));
}
