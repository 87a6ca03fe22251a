namespace Kameo.Actors.Transport.Registry.Logs;

/// <summary>What the entries of all writers take together.</summary>
internal sealed class RegistryRoom(RegistryLimits limits)
{
    /// <summary>Entries held.</summary>
    public int Entries { get; private set; }

    /// <summary>Memory they take, estimated.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether that much more fits.</summary>
    public bool Fits(int entries, long bytes) => Entries + entries <= limits.EntriesMax && Bytes + bytes <= limits.EntryBytesMax;

    /// <summary>Counts an entry.</summary>
    public void Take(RegistryEntry entry)
    {
        Entries++;
        Bytes += entry.MemoryBytes;
    }

    /// <summary>Counts an entry no more.</summary>
    public void Free(RegistryEntry entry)
    {
        Entries--;
        Bytes -= entry.MemoryBytes;
    }
}
