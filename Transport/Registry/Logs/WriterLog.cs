using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Registry.Logs;

/// <summary>What this node knows of one writer: its live entries by version, and up to which version it knows them.</summary>
/// <remarks>
/// Two things hold at all times. Every entry of a version up to <see cref="Counter"/> that is not here was removed by its writer. Every entry that its writer removed at a version up to <see cref="Counter"/> is not here.
/// So an entry is added only above the counter, which is why nothing that was removed ever comes back, and the counter rises only when all removals up to it were applied.
/// </remarks>
/// <param name="writer">Who writes it.</param>
/// <param name="limits">The bounds.</param>
/// <param name="flaws">Rules a test breaks.</param>
internal sealed class WriterLog(RegistryMember writer, RegistryLimits limits, RegistryFlaws flaws)
{
    /// <summary>Shared by all logs that are empty, and never changed: most members of a large view register nothing.</summary>
    private static readonly List<RegistryEntry> s_none = [];

    private readonly RemovalLog _removals = new(limits.RemovalsMax);
    private List<RegistryEntry> _entries = s_none;

    /// <summary>Who writes it.</summary>
    public RegistryMember Writer { get; set; } = writer;

    /// <summary>Up to which of the writer's versions it is known.</summary>
    public ulong Counter { get; private set; }

    /// <summary>Up to where a sweep has come: of what is older, nothing is here that was removed up to <see cref="SweepAsOf"/>. 0 when there is none.</summary>
    public ulong Cursor { get; private set; }

    /// <summary>The version that the sweep under way leads to.</summary>
    public ulong SweepAsOf { get; private set; }

    /// <summary>Whether it is being asked for.</summary>
    public bool IsWanted { get; set; }

    /// <summary>Until when it is not asked for, because its entries find no room.</summary>
    public TimeSpan LeftAloneUntil { get; set; } = TimeSpan.MinValue;

    /// <summary>The live entries, by rising version.</summary>
    public IReadOnlyList<RegistryEntry> Entries => _entries;

    /// <summary>Removals that are remembered.</summary>
    public int RemovalCount => _removals.Count;

    /// <summary>Whether a receiver at this counter can be told in steps.</summary>
    public bool RemembersSince(ulong counter) => counter >= _removals.Floor || flaws.HasFlag(RegistryFlaws.TrustShortLogs);

    /// <summary>The writer itself writes an entry, with the next version.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="replaced">The version of the entry that it replaces; 0 for none.</param>
    public void Write(RegistryEntry entry, ulong replaced)
    {
        if (entry.Version != Counter + 1)
        {
            throw new InvalidOperationException($"Version {entry.Version} does not follow {Counter}.");
        }

        if (replaced != 0)
        {
            Erase(replaced);
        }
        else
        {
            Counter++;
        }

        Append(entry);
    }

    /// <summary>The writer itself removes an entry, with the next version.</summary>
    public void Erase(ulong victim)
    {
        if (!TryDrop(victim, out _))
        {
            throw new InvalidOperationException($"There is no entry of version {victim}.");
        }

        _removals.Add(new Removal(++Counter, victim));
    }

    /// <summary>Makes a step for a receiver at a counter, as long as fits, in version order.</summary>
    /// <returns>Null when nothing fits.</returns>
    public Delta? CutStep(ulong from, int bytesMax)
    {
        int entry = IndexAfter(from);
        int removal = _removals.IndexAfter(from);
        int firstEntry = entry;
        int firstRemoval = removal;
        int bytes = Delta.HeaderBytesMax;
        ulong previousAt = from;
        ulong to = Counter;
        while (entry < _entries.Count || removal < _removals.Count)
        {
            ulong nextEntry = entry < _entries.Count ? _entries[entry].Version : ulong.MaxValue;
            ulong nextRemoval = removal < _removals.Count ? _removals[removal].At : ulong.MaxValue;
            ulong next = Math.Min(nextEntry, nextRemoval);
            bytes += (nextEntry == next ? _entries[entry].WireBytesMax : 0) + (nextRemoval == next ? _removals[removal].WireBytes(previousAt) : 0);
            if (bytes > bytesMax)
            {
                to = next - 1;
                break;
            }

            if (nextEntry == next)
            {
                entry++;
            }

            if (nextRemoval == next)
            {
                removal++;
                previousAt = next;
            }
        }

        if (to <= from || bytesMax < Delta.HeaderBytesMax)
        {
            return null;
        }

        var removals = new Removal[removal - firstRemoval];
        for (int index = 0; index < removals.Length; index++)
        {
            removals[index] = _removals[firstRemoval + index];
        }

        return Make(from, to, isSweep: false, [.. _entries[firstEntry..entry]], [], removals);
    }

    /// <summary>Makes the next part of a sweep for a receiver whose removals since its counter are no longer remembered, as long as fits.</summary>
    /// <param name="cursor">Where its sweep stands; 0 to begin.</param>
    /// <param name="known">The receiver's counter.</param>
    /// <param name="bytesMax">How long it may be.</param>
    /// <returns>Null when nothing fits.</returns>
    public Delta? CutSweep(ulong cursor, ulong known, int bytesMax)
    {
        var kept = new List<ulong>();
        var live = new List<RegistryEntry>();
        int bytes = Delta.HeaderBytesMax;
        ulong previousKept = cursor;
        ulong to = Counter;
        for (int index = IndexAfter(cursor); index < _entries.Count; index++)
        {
            RegistryEntry entry = _entries[index];
            bool isKnown = entry.Version <= known;
            bytes += isKnown ? WireReading.BytesOf(entry.Version - previousKept) : entry.WireBytesMax;
            if (bytes > bytesMax)
            {
                to = entry.Version - 1;
                break;
            }

            if (isKnown)
            {
                kept.Add(entry.Version);
                previousKept = entry.Version;
            }
            else
            {
                live.Add(entry);
            }
        }

        return to <= cursor || bytesMax < Delta.HeaderBytesMax ? null : Make(cursor, to, isSweep: true, [.. live], [.. kept], []);
    }

    /// <summary>Says only how far this node is: whoever is behind asks.</summary>
    public Delta Advertise() => Make(Counter, Counter, isSweep: false, [], [], []);

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
            return ApplyOutcome.Wrong;
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

    private void Append(RegistryEntry entry)
    {
        if (_entries == s_none)
        {
            _entries = [];
        }

        _entries.Add(entry);
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

    private bool TryDrop(ulong version, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RegistryEntry? entry)
    {
        int index = IndexAfter(version) - 1;
        entry = index >= 0 && _entries[index].Version == version ? _entries[index] : null;
        if (entry is not null)
        {
            _entries.RemoveAt(index);
        }

        return entry is not null;
    }

    private Delta Make(ulong from, ulong to, bool isSweep, RegistryEntry[] live, ulong[] kept, Removal[] removals) =>
        new() { JoinIndex = Writer.JoinIndex, Incarnation = Writer.Incarnation, From = from, To = to, AsOf = Counter, IsSweep = isSweep, Live = live, Kept = kept, Removals = removals };

    /// <summary>The place of the first entry above a version.</summary>
    private int IndexAfter(ulong version)
    {
        int low = 0;
        int high = _entries.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_entries[middle].Version <= version)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
