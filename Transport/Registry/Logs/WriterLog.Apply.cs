using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Registry.Logs;

/// <content>What others tell.</content>
internal sealed partial class WriterLog
{
    /// <summary>Takes a delta of this writer.</summary>
    /// <param name="delta">The delta.</param>
    /// <param name="room">What all writers may take; counted here.</param>
    /// <param name="changes">Gets what changed, whatever the outcome.</param>
    public ApplyOutcome Apply(Delta delta, RegistryRoom room, LogChanges changes)
    {
        if (delta.AsOf <= Counter)
        {
            return ApplyOutcome.Known;
        }

        return delta.IsSweep ? ApplySweep(delta, room, changes) : ApplyStep(delta, room, changes);
    }

    private ApplyOutcome ApplyStep(Delta delta, RegistryRoom room, LogChanges changes)
    {
        if (delta.From > Counter && !flaws.HasFlag(RegistryFlaws.JumpGaps))
        {
            return ApplyOutcome.Gap;
        }

        if (delta.To <= Counter)
        {
            return ApplyOutcome.Known;
        }

        foreach (Removal removal in delta.Removals)
        {
            if (removal.At > Counter)
            {
                Drop(removal.Victim, room, changes);
            }
        }

        if (!TryAdd(delta.Live, delta.To, room, changes))
        {
            return ApplyOutcome.Full;
        }

        foreach (Removal removal in delta.Removals)
        {
            if (removal.At > Counter)
            {
                _removals.Add(removal);
            }
        }

        Rise(delta.To);
        return ApplyOutcome.Applied;
    }

    private ApplyOutcome ApplySweep(Delta delta, RegistryRoom room, LogChanges changes)
    {
        if (delta.From > Cursor)
        {
            return ApplyOutcome.Gap;
        }

        if (delta.Kept.Length > 0 && delta.Kept[^1] > Counter)
        {
            return ApplyOutcome.Gap; // The answer to what an earlier process of this incarnation asked, which knew more: this one asks from where it is.
        }

        // Parts may come from several nodes: removals are complete only up to the least of what these knew.
        ulong asOf = Cursor == 0 ? delta.AsOf : Math.Min(SweepAsOf, delta.AsOf);
        ulong to = Math.Min(delta.To, asOf);
        if (to <= Cursor)
        {
            return ApplyOutcome.Known;
        }

        var live = new HashSet<ulong>(delta.Kept);
        foreach (RegistryEntry entry in delta.Live)
        {
            live.Add(entry.Version);
        }

        for (int index = IndexAfter(to) - 1; index >= 0 && _entries[index].Version > delta.From; index--)
        {
            if (!live.Contains(_entries[index].Version))
            {
                Drop(_entries[index].Version, room, changes);
            }
        }

        if (!TryAdd(delta.Live, to, room, changes))
        {
            return ApplyOutcome.Full;
        }

        Cursor = to;
        SweepAsOf = asOf;
        if (to > Counter)
        {
            _removals.Restart(to); // Which versions removed what was swept is not known.
            Rise(to);
        }

        return ApplyOutcome.Applied;
    }

    /// <summary>Adds what is new of the entries up to a version, all or none.</summary>
    private bool TryAdd(RegistryEntry[] live, ulong to, RegistryRoom room, LogChanges changes)
    {
        int count = 0;
        long bytes = 0;
        foreach (RegistryEntry entry in live)
        {
            if (entry.Version > Counter && entry.Version <= to)
            {
                count++;
                bytes += entry.MemoryBytes;
            }
        }

        if (_entries.Count + count > limits.EntriesPerNodeMax || !room.Fits(count, bytes))
        {
            return false;
        }

        foreach (RegistryEntry entry in live)
        {
            if (entry.Version > Counter && entry.Version <= to)
            {
                Append(entry);
                room.Take(entry);
                changes.Added.Add(entry);
            }
        }

        return true;
    }

    private void Rise(ulong counter)
    {
        Counter = counter;
        if (Counter >= SweepAsOf)
        {
            Cursor = SweepAsOf = 0;
        }
    }

    private void Drop(ulong version, RegistryRoom room, LogChanges changes)
    {
        if (TryDrop(version, out RegistryEntry? entry))
        {
            room.Free(entry);
            changes.Dropped.Add(entry);
        }
    }
}
