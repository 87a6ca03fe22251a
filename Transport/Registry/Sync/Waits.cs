using Kameo.Actors.Transport.Registry.Logs;
using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Registry.Sync;

/// <summary>Waits until every member of the view has acknowledged a version of what this node wrote. Asks those that have not, while somebody waits.</summary>
internal sealed class Waits(RegistryTable table, RegistryOutbox outbox, RegistryLimits limits, RegistryTiming timing, RegistryFlaws flaws, RegistryCounters counters)
{
    private readonly List<Wait> _waits = [];
    private RegistryView _view = RegistryView.None;
    private ulong[]? _acknowledged; // By the places of the members in the view; null as long as nobody has waited.
    private int _lastId;
    private int _blocker = -1;
    private int _nextProbed;
    private TimeSpan _cycleAt = TimeSpan.MinValue;
    private TimeSpan _probeAt = RegistryTiming.Never;
    private TimeSpan _endAt = RegistryTiming.Never;

    /// <summary>How many there are.</summary>
    public int Count => _waits.Count;

    /// <summary>When one ends unfulfilled, or members are to be asked.</summary>
    public TimeSpan Deadline => _probeAt < _endAt ? _probeAt : _endAt;

    /// <summary>Begins a wait. It may have ended when this returns.</summary>
    /// <returns>Its number, from 1; 0 when there are as many as allowed.</returns>
    public int Add(TimeSpan now, ulong version, TimeSpan deadline)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(version, table.Own.Log.Counter);
        if (_waits.Count >= limits.WaitsMax)
        {
            counters.RefusedByLimit++;
            return 0;
        }

        _acknowledged ??= new ulong[_view.Count];
        int id = ++_lastId;
        _waits.Add(new Wait(id, version, deadline));
        _blocker = -1;
        Evaluate();
        HandleDeadline(now);
        if (_waits.Count > 0 && _probeAt == RegistryTiming.Never)
        {
            // Waits that follow upon each other do not ask everybody each.
            _probeAt = _cycleAt == TimeSpan.MinValue || _cycleAt + timing.ProbePace <= now ? now : _cycleAt + timing.ProbePace;
            HandleDeadline(now);
        }

        return id;
    }

    /// <summary>Gives a wait up; nothing is told.</summary>
    public void Remove(int id)
    {
        _waits.RemoveAll(wait => wait.Id == id);
        Reckon();
    }

    /// <summary>A peer knows what this node wrote up to a version.</summary>
    public void Acknowledge(RegistrySource from, ulong version)
    {
        if (_acknowledged is not null && _view.IndexOf(from.Id, from.Incarnation) is >= 0 and int index && version > _acknowledged[index])
        {
            _acknowledged[index] = version;
            Evaluate();
        }
    }

    /// <summary>Goes over to the table's view: who is gone is waited for no more, who came is.</summary>
    public void HandleView()
    {
        if (_acknowledged is not null)
        {
            var acknowledged = new ulong[table.View.Count];
            for (int index = 0; index < acknowledged.Length; index++)
            {
                RegistryMember member = table.View.Members[index];
                int former = _view.IndexOf(member.Id, member.Incarnation);
                acknowledged[index] = former >= 0 ? _acknowledged[former] : flaws.HasFlag(RegistryFlaws.ForgetJoiners) ? ulong.MaxValue : 0;
            }

            _acknowledged = acknowledged;
        }

        _view = table.View;
        _blocker = -1;
        _nextProbed = 0;
        Evaluate();
    }

    /// <summary>Ends what is late, and asks.</summary>
    public void HandleDeadline(TimeSpan now)
    {
        if (_endAt <= now)
        {
            End(wait => wait.Deadline <= now, WaitOutcome.DeadlinePassed);
        }

        if (_probeAt <= now)
        {
            Probe(now);
        }
    }

    private void Evaluate()
    {
        if (table.Own.IsEvicted)
        {
            End(static _ => true, WaitOutcome.Evicted);
            return;
        }

        if (_waits.Count == 0 || !table.Own.IsMember)
        {
            Reckon();
            return;
        }

        // One that has not even acknowledged the least version decides; until it does the others need not be looked at.
        ulong least = _waits.Min(static wait => wait.Version);
        if (_blocker >= 0 && _acknowledged![_blocker] < least)
        {
            Reckon();
            return;
        }

        ulong reached = table.Own.Log.Counter;
        _blocker = -1;
        for (int index = 0; index < _view.Count; index++)
        {
            if (_acknowledged![index] < reached && !table.Own.IsSelf(_view.Members[index]))
            {
                reached = _acknowledged[index];
                _blocker = index;
            }
        }

        End(wait => wait.Version <= reached, WaitOutcome.Visible);
    }

    private void End(Func<Wait, bool> isOver, WaitOutcome outcome)
    {
        foreach (Wait wait in _waits)
        {
            if (isOver(wait))
            {
                outbox.End(new WaitEnd(wait.Id, outcome));
            }
        }

        _waits.RemoveAll(wait => isOver(wait));
        Reckon();
    }

    private void Reckon()
    {
        _endAt = _waits.Count > 0 ? _waits.Min(static wait => wait.Deadline) : RegistryTiming.Never;
        if (_waits.Count == 0)
        {
            _probeAt = RegistryTiming.Never;
        }
    }

    /// <summary>Asks the next members that lag behind, in batches. One that lags sees by the question that it does, and pulls.</summary>
    private void Probe(TimeSpan now)
    {
        if (_nextProbed == 0)
        {
            _cycleAt = now;
        }

        ulong most = _waits.Max(static wait => wait.Version);
        byte[]? bytes = null;
        int asked = 0;
        while (table.Own.IsMember && _nextProbed < _view.Count && asked < timing.ProbesAtOnce)
        {
            int index = _nextProbed++;
            if (_acknowledged![index] < most && !table.Own.IsSelf(_view.Members[index]))
            {
                bytes ??= outbox.Encode(new DeltaBatch(_view.Epoch, 0, DeltaBatchFlags.AcknowledgementWanted, [table.Own.Log.Advertise()]));
                outbox.Send(_view.Members[index].Id, bytes);
                counters.Probes++;
                asked++;
            }
        }

        bool isThrough = _nextProbed >= _view.Count || !table.Own.IsMember;
        _nextProbed = isThrough ? 0 : _nextProbed;
        _probeAt = isThrough ? _cycleAt + timing.ProbeInterval : now + timing.ProbePace;
        if (_probeAt <= now)
        {
            _probeAt = now + timing.ProbePace;
        }
    }

    private sealed record Wait(int Id, ulong Version, TimeSpan Deadline);
}
