using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Slots.Gate;

/// <summary>
/// A node that leaves is gone, with its connections, as soon as it reports that it has released everything. So it reports that only when nobody sends through it any more, clients included, whom no view waits for; when all
/// that it passed on is where it was to go; and when what is answered through it is answered.
/// </summary>
/// <remarks>
/// It asks everyone it is connected with, in line behind all that it sent there. The answer comes when the question was read, so all before it was; when the view is installed in which the node owns nothing; and when no way
/// through it is used or being flushed any more, so that nothing else will come. A round of questions in which nothing was passed on, begun when nothing was under way, is the last. Bounded by <see cref="MembershipOptions.LeaveTimeout"/>:
/// one that does not answer keeps nobody from leaving.
/// </remarks>
internal sealed partial class SlotGate
{
    private readonly Dictionary<SlotLine, (long Epoch, long Number)> _farewells = [];
    private readonly HashSet<SlotLine> _unanswered = [];
    private Action? _passedOn;
    private long _underWay;
    private long _passes;
    private long _passesBefore;
    private long _round;
    private long _leavingEpoch;
    private TimeSpan _leaveBy;
    private bool _isQuietRound;

    /// <summary>Whether there is something to look at again soon. Under the gate.</summary>
    private bool IsPartingLocked => _leavingEpoch != 0 || _farewells.Count > 0;

    /// <summary>Something is passed on that came from another node. Any thread.</summary>
    /// <returns>To be called once, when nothing of it goes through this node any more.</returns>
    public Action BeginPass()
    {
        Interlocked.Increment(ref _passes);
        Interlocked.Increment(ref _underWay);
        return _passedOn ??= () => Interlocked.Decrement(ref _underWay);
    }

    /// <summary>Everything is released in a view. Under the gate.</summary>
    private void Report(TimeSpan now, HandoffCore core, long epoch)
    {
        if (!core.IsLeaving)
        {
            _transport!.Membership?.ReportReleased(core.Self, epoch);
            return;
        }

        _leaveBy = _leavingEpoch != 0 ? _leaveBy : now + _node.Options.Membership!.LeaveTimeout;
        _leavingEpoch = epoch;
        _isQuietRound = false; // What is answered through this node may be under way.
        BeginRound();
    }

    private void BeginRound()
    {
        _round++;
        _passesBefore = Interlocked.Read(ref _passes);
        _unanswered.Clear();
        Span<byte> question = stackalloc byte[SlotFarewell.Bytes];
        SlotFarewell.Write(question, isAnswer: false, _leavingEpoch, _round);
        foreach (Peer peer in _transport!.Peers)
        {
            if (peer.Connection is { State: ConnectionState.Open, LayerState: SlotLine line })
            {
                MakeReady(line);
                line.Connection.PutOrdered(question);
                _unanswered.Add(line);
            }
        }
    }

    /// <summary>A question of a node that leaves, or the answer to one of this node's. On the receive loop.</summary>
    private void HandleFarewell(SlotLine line, bool isAnswer, long epoch, long number)
    {
        lock (_lock)
        {
            if (!isAnswer)
            {
                _farewells[line] = (epoch, number);
                if (_core is not null)
                {
                    _ways.LeaveAll(_clock.Now, line.Member);
                }
            }
            else if (number == _round)
            {
                _unanswered.Remove(line);
            }

            if (_core is not null)
            {
                DoOutputs(_clock.Now);
            }
        }
    }

    /// <summary>Answers who leaves, if it can be answered; and leaves, if nothing is in the way. Under the gate, when all outputs are done.</summary>
    private void Part(TimeSpan now, HandoffCore core)
    {
        Span<byte> answer = stackalloc byte[SlotFarewell.Bytes];
        foreach ((SlotLine line, (long epoch, long number)) in _farewells.ToArray())
        {
            if (line.Connection.State != ConnectionState.Open)
            {
                _farewells.Remove(line);
            }
            else if (core.Epoch >= epoch && core.IsDoneWith(line.Member) && !_ways.LeadTo(line.Member) && !_flushes.Exists(flush => flush.Line == line))
            {
                _farewells.Remove(line);
                SlotFarewell.Write(answer, isAnswer: true, epoch, number);
                line.Connection.PutOrdered(answer);
            }
        }

        if (_leavingEpoch == 0)
        {
            return;
        }

        _unanswered.RemoveWhere(static line => line.Connection.State != ConnectionState.Open);
        if (now < _leaveBy)
        {
            if (_unanswered.Count > 0 || Interlocked.Read(ref _underWay) != 0 || !IsEmptyLocked(core))
            {
                return;
            }

            if (Interlocked.Read(ref _passes) != _passesBefore || !_isQuietRound)
            {
                _isQuietRound = true;
                BeginRound();
                return;
            }
        }

        long epochLeft = _leavingEpoch;
        _leavingEpoch = 0;
        _transport!.Membership?.ReportReleased(core.Self, epochLeft);
    }
}
