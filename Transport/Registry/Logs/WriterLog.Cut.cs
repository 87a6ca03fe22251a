using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Registry.Logs;

/// <content>What is told to others.</content>
internal sealed partial class WriterLog
{
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

    private Delta Make(ulong from, ulong to, bool isSweep, RegistryEntry[] live, ulong[] kept, Removal[] removals) =>
        new() { JoinIndex = Writer.JoinIndex, Incarnation = Writer.Incarnation, From = from, To = to, AsOf = Counter, IsSweep = isSweep, Live = live, Kept = kept, Removals = removals };
}
