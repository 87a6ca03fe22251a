using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Registry.Wire;

/// <summary>
/// What its sender knows of one writer's versions (From, To], complete: a version of the interval that is not listed as live was removed, and never lives again.
/// </summary>
/// <remarks>
/// <para>A <em>step</em> says besides what each version of the interval removed, so a receiver at From or later is then at To.</para>
/// <para>A <em>sweep</em> is for a receiver so far behind that its sender forgot the removals since. It goes through the versions from 0: those that the receiver knows are listed by number only, the others with all they
/// are. Nothing that was removed up to AsOf is left behind a sweep, so when it has passed the receiver's counter that counter goes with it.</para>
/// </remarks>
internal sealed class Delta
{
    /// <summary>Most bytes besides entries, kept versions and removals.</summary>
    public const int HeaderBytesMax = 64;

    /// <summary>The highest version there is: so far above what a writer reaches that sums never overflow.</summary>
    private const ulong VersionMax = long.MaxValue;

    private const int FieldCount = 9;

    /// <summary>The writer's join index.</summary>
    public required ulong JoinIndex { get; init; }

    /// <summary>The writer's incarnation.</summary>
    public required ulong Incarnation { get; init; }

    /// <summary>Before the first version that this speaks of.</summary>
    public required ulong From { get; init; }

    /// <summary>The last version that this speaks of.</summary>
    public required ulong To { get; init; }

    /// <summary>The sender's counter for the writer: more follows when it is above <see cref="To"/>.</summary>
    public required ulong AsOf { get; init; }

    /// <summary>Whether this is part of a sweep and not a step.</summary>
    public bool IsSweep { get; init; }

    /// <summary>Live entries of the interval, by rising version.</summary>
    public RegistryEntry[] Live { get; init; } = [];

    /// <summary>In a sweep: versions of the interval that live and that the receiver has been told before, rising.</summary>
    public ulong[] Kept { get; init; } = [];

    /// <summary>In a step: what the versions of the interval removed, rising.</summary>
    public Removal[] Removals { get; init; } = [];

    /// <summary>Most bytes on the wire, as it was counted when it was cut.</summary>
    public int WireBytesMax
    {
        get
        {
            int bytes = HeaderBytesMax;
            foreach (RegistryEntry entry in Live)
            {
                bytes += entry.WireBytesMax;
            }

            ulong previous = From;
            foreach (ulong version in Kept)
            {
                bytes += WireReading.BytesOf(version - previous);
                previous = version;
            }

            previous = From;
            foreach (Removal removal in Removals)
            {
                bytes += removal.WireBytes(previous);
                previous = removal.At;
            }

            return bytes;
        }
    }

    /// <summary>Writes it.</summary>
    public void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write(JoinIndex);
        writer.Write(Incarnation);
        writer.Write(From);
        writer.Write(To - From);
        writer.Write(AsOf - To);
        writer.Write(IsSweep);
        writer.WriteArrayHeader(Live.Length);
        ulong previous = From;
        foreach (RegistryEntry entry in Live)
        {
            entry.Encode(ref writer, previous);
            previous = entry.Version;
        }

        writer.WriteArrayHeader(Kept.Length);
        previous = From;
        foreach (ulong version in Kept)
        {
            writer.Write(version - previous);
            previous = version;
        }

        writer.WriteArrayHeader(Removals.Length * 2);
        previous = From;
        foreach (Removal removal in Removals)
        {
            writer.Write(removal.At - previous);
            writer.Write(removal.At - removal.Victim);
            previous = removal.At;
        }
    }

    /// <summary>Reads one; null when it is only checked.</summary>
    /// <exception cref="MessagePackException">It is malformed or out of bounds.</exception>
    public static Delta? Read(ref MessagePackReader reader, RegistryLimits limits, bool build)
    {
        int surplus = WireReading.ReadFields(ref reader, FieldCount, "a delta");
        ulong joinIndex = reader.ReadUInt64();
        ulong incarnation = reader.ReadUInt64();
        ulong from = reader.ReadUInt64();
        ulong to = Sum(from, reader.ReadUInt64());
        ulong asOf = Sum(to, reader.ReadUInt64());
        bool isSweep = reader.ReadBoolean();
        RegistryEntry[] live = ReadLive(ref reader, limits, from, to, build);
        ulong[] kept = ReadKept(ref reader, limits, from, to, build, out int keptCount);
        Removal[] removals = ReadRemovals(ref reader, limits, from, to, build, out int removalCount);
        if (isSweep ? removalCount > 0 : keptCount > 0)
        {
            throw new MessagePackException("A step has no kept versions and a sweep no removals.");
        }

        WireReading.Skip(ref reader, surplus);
        return build
            ? new Delta { JoinIndex = joinIndex, Incarnation = incarnation, From = from, To = to, AsOf = asOf, IsSweep = isSweep, Live = live, Kept = kept, Removals = removals }
            : null;
    }

    private static RegistryEntry[] ReadLive(ref MessagePackReader reader, RegistryLimits limits, ulong from, ulong to, bool build)
    {
        int count = WireReading.ReadFlatHeader(ref reader, 1, limits.EntriesPerNodeMax, "Entries");
        RegistryEntry[] live = build ? new RegistryEntry[count] : [];
        ulong version = from;
        for (int index = 0; index < count; index++)
        {
            if (RegistryEntry.Read(ref reader, limits, ref version, to, build) is { } entry)
            {
                live[index] = entry;
            }
        }

        return live;
    }

    private static ulong[] ReadKept(ref MessagePackReader reader, RegistryLimits limits, ulong from, ulong to, bool build, out int count)
    {
        count = WireReading.ReadFlatHeader(ref reader, 1, limits.EntriesPerNodeMax, "Kept versions");
        ulong[] kept = build ? new ulong[count] : [];
        ulong version = from;
        for (int index = 0; index < count; index++)
        {
            WireReading.ReadRise(ref reader, ref version, to);
            if (build)
            {
                kept[index] = version;
            }
        }

        return kept;
    }

    private static Removal[] ReadRemovals(ref MessagePackReader reader, RegistryLimits limits, ulong from, ulong to, bool build, out int count)
    {
        count = WireReading.ReadFlatHeader(ref reader, 2, limits.MessageBytesMax / 2, "Removals");
        Removal[] removals = build ? new Removal[count] : [];
        ulong at = from;
        for (int index = 0; index < count; index++)
        {
            WireReading.ReadRise(ref reader, ref at, to);
            ulong back = reader.ReadUInt64();
            if (back == 0 || back >= at)
            {
                throw new MessagePackException($"Version {at} removes an earlier one, not one {back} before it.");
            }

            if (build)
            {
                removals[index] = new Removal(at, at - back);
            }
        }

        return removals;
    }

    private static ulong Sum(ulong a, ulong b) => a <= VersionMax && b <= VersionMax - a ? a + b : throw new MessagePackException("A version is out of range.");
}
