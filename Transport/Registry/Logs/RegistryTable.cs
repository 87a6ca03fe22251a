using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Registry.Logs;

/// <summary>All writers of the view with what they wrote, and who has which name by that.</summary>
internal sealed class RegistryTable
{
    private readonly RegistryLimits _limits;
    private readonly RegistryFlaws _flaws;
    private readonly RegistryCounters _counters;
    private readonly Watches _watches;
    private readonly LogChanges _changes = new();
    private WriterLog[] _logs = [];

    public RegistryTable(RegistrySource self, RegistryLimits limits, RegistryFlaws flaws, RegistryCounters counters, RegistryOutbox outbox, Watches watches)
    {
        _limits = limits;
        _flaws = flaws;
        _counters = counters;
        _watches = watches;
        Room = new RegistryRoom(limits);
        Claims = new NameClaims(flaws);
        Own = new OwnNames(self, limits, flaws, Room, Claims, counters, outbox);
    }

    /// <summary>The view: whose entries count.</summary>
    public RegistryView View { get; private set; } = RegistryView.None;

    /// <summary>The writers of the view, in the order of its members.</summary>
    public ReadOnlySpan<WriterLog> Logs => _logs;

    /// <summary>What this node wrote.</summary>
    public OwnNames Own { get; }

    /// <summary>Who has which name.</summary>
    public NameClaims Claims { get; }

    /// <summary>What all entries take.</summary>
    public RegistryRoom Room { get; }

    /// <summary>The writer of a join index, if it is in the view.</summary>
    public WriterLog? Find(ulong joinIndex)
    {
        int index = View.IndexFrom(joinIndex);
        return index < _logs.Length && _logs[index].Writer.JoinIndex == joinIndex ? _logs[index] : null;
    }

    /// <summary>Goes over to a later view: writers that are gone are dropped with all they wrote, new ones begin at nothing.</summary>
    /// <returns>False when it is not later.</returns>
    public bool SetView(RegistryView view)
    {
        if (view.Epoch <= View.Epoch)
        {
            return false;
        }

        if (view.IndexOf(Own.Log.Writer.Id, Own.Log.Writer.Incarnation) < 0)
        {
            Own.Enter(view); // Evicted: before the claims are dropped, so that none of them counts as lost to another.
        }

        var logs = new WriterLog[view.Count];
        int former = 0;
        for (int index = 0; index < logs.Length; index++)
        {
            RegistryMember member = view.Members[index];
            while (former < _logs.Length && _logs[former].Writer.JoinIndex < member.JoinIndex)
            {
                DropWriter(_logs[former++], view);
            }

            if (former < _logs.Length && _logs[former].Writer == member)
            {
                logs[index] = _logs[former++];
            }
            else
            {
                logs[index] = Own.IsSelf(member) ? Own.Log : Inherit(member) ?? new WriterLog(member, _limits, _flaws);
            }
        }

        while (former < _logs.Length)
        {
            DropWriter(_logs[former++], view);
        }

        View = view;
        _logs = logs;
        if (Own.Enter(view))
        {
            foreach (RegistryEntry entry in Own.Log.Entries)
            {
                AddClaim(Own.Log, entry, null);
            }
        }

        return true;
    }

    /// <summary>Takes a delta of another writer.</summary>
    /// <param name="delta">The delta.</param>
    /// <param name="log">Its writer's log, if that is in the view.</param>
    public ApplyOutcome Apply(Delta delta, out WriterLog? log)
    {
        log = Find(delta.JoinIndex);
        if (log is null || log.Writer.Incarnation != delta.Incarnation)
        {
            return ApplyOutcome.Stranger;
        }

        if (log == Own.Log)
        {
            return delta.AsOf > log.Counter ? ApplyOutcome.Wrong : ApplyOutcome.Known;
        }

        ApplyOutcome outcome = log.Apply(delta, Room, _changes);
        Publish(log);
        return outcome;
    }

    /// <summary>An own entry changed.</summary>
    public void PublishOwn(RegistryEntry? former, RegistryEntry? entry)
    {
        if (!Own.IsMember)
        {
            return;
        }

        if (entry is null)
        {
            RemoveClaim(Own.Log, former!);
        }
        else
        {
            AddClaim(Own.Log, entry, former);
        }
    }

    private void Publish(WriterLog log)
    {
        var dropped = new Dictionary<string, RegistryEntry>(_changes.Dropped.Count, StringComparer.Ordinal);
        foreach (RegistryEntry entry in _changes.Dropped)
        {
            if (!dropped.TryAdd(entry.Name, entry))
            {
                RemoveClaim(log, entry);
            }
        }

        foreach (RegistryEntry added in _changes.Added)
        {
            dropped.Remove(added.Name, out RegistryEntry? former);
            AddClaim(log, added, former);
        }

        foreach (RegistryEntry gone in dropped.Values)
        {
            RemoveClaim(log, gone);
        }

        _changes.Clear();
    }

    private void AddClaim(WriterLog log, RegistryEntry entry, RegistryEntry? former)
    {
        if (former is not null)
        {
            Claims.Remove(log, former);
        }

        Claims.Add(log, entry);
        _watches.Raise(former is null ? RegistryEventKind.Added : RegistryEventKind.Changed, new Registration(log.Writer, entry), former);
        Own.Settle(entry.Name);
    }

    private void RemoveClaim(WriterLog log, RegistryEntry entry)
    {
        Claims.Remove(log, entry);
        _watches.Raise(RegistryEventKind.Removed, new Registration(log.Writer, entry));
        Own.Settle(entry.Name);
    }

    /// <summary>What a flawed registry takes over from an earlier life of a member; null in a right one.</summary>
    private WriterLog? Inherit(RegistryMember member)
    {
        WriterLog? former = _flaws.HasFlag(RegistryFlaws.WritersArePeers) ? Array.Find(_logs, log => log.Writer.Id == member.Id && log != Own.Log) : null;
        former?.Writer = member;
        return former;
    }

    private void DropWriter(WriterLog log, RegistryView view)
    {
        if (_flaws.HasFlag(RegistryFlaws.KeepGoneWriters) || (_flaws.HasFlag(RegistryFlaws.WritersArePeers) && view.TryFind(log.Writer.Id, out _)))
        {
            return;
        }

        foreach (RegistryEntry entry in log.Entries)
        {
            Room.Free(entry);
            RemoveClaim(log, entry);
        }
    }
}
