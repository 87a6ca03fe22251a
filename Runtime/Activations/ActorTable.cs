namespace Kameo.Actors.Activations;

/// <summary>A table of one size within a stripe of an <see cref="ActorMap"/>. Read by any thread; changed under the stripe's lock.</summary>
/// <remarks>
/// For a million actors 12 bytes each, where a third to a half of the places is free. Partners: an entry is written before its hash, and its hash is read before it; when it is removed, the other way round. An entry that took a
/// place over from another between these two reads is seen by its id.
/// </remarks>
/// <param name="size">Places.</param>
internal sealed class ActorTable(int size)
{
    /// <summary>Greater hashes are of entries.</summary>
    public const uint Removed = 1;

    private const int Free = 0;
    private const int SizeFirst = 8;

    /// <summary>That of a stripe that has nothing: every look at it ends at its one free place.</summary>
    public static readonly ActorTable None = new(1);

    private readonly int[] _hashes = new int[size];
    private readonly Activation?[] _entries = new Activation?[size];
    private int _taken;

    /// <summary>Whether three quarters of the places are taken, removed ones included: more would make the ways long, and looks that find nothing end at a free one.</summary>
    public bool IsFull => _taken >= size * 3L / 4;

    /// <summary>Finds one.</summary>
    public Activation? Find(in ActorId id, int hash)
    {
        int[] hashes = _hashes;
        for (int at = First(hash); ; at = Next(at))
        {
            int there = Volatile.Read(ref hashes[at]);
            Activation? entry = Volatile.Read(ref _entries[at]); // Whether it is wanted or not: who finds nothing is about to write there, and both places come out of memory at the same time.
            if (there == hash && entry is not null && entry.Id == id)
            {
                return entry;
            }

            if (there == Free)
            {
                return null;
            }
        }
    }

    /// <summary>Adds one that is not there; there is a place.</summary>
    public void Add(Activation activation, int hash)
    {
        int at = First(hash);
        while ((uint)_hashes[at] > Removed)
        {
            at = Next(at);
        }

        _taken += _hashes[at] == Free ? 1 : 0;
        _entries[at] = activation;
        Volatile.Write(ref _hashes[at], hash);
    }

    /// <summary>Replaces or removes one.</summary>
    /// <returns>False if it is not there.</returns>
    public bool Replace(Activation old, int hash, Activation? by)
    {
        int at = First(hash);
        while (!ReferenceEquals(_entries[at], old))
        {
            if (_hashes[at] == Free)
            {
                return false;
            }

            at = Next(at);
        }

        if (by is null)
        {
            Volatile.Write(ref _hashes[at], (int)Removed);
        }

        Volatile.Write(ref _entries[at], by);
        return true;
    }

    /// <summary>One that holds the same, and has room for as many again.</summary>
    /// <param name="count">How many there are.</param>
    public ActorTable Grown(int count)
    {
        var grown = new ActorTable(Math.Max(SizeFirst, count * 2));
        for (int at = 0; at < size; at++)
        {
            if (_entries[at] is { } entry)
            {
                grown.Add(entry, _hashes[at]);
            }
        }

        return grown;
    }

    /// <summary>Copies all.</summary>
    /// <returns>How many they are.</returns>
    public int CopyTo(Activation[] into)
    {
        int count = 0;
        foreach (Activation? entry in _entries)
        {
            if (entry is not null)
            {
                into[count++] = entry;
            }
        }

        return count;
    }

    private int First(int hash) => (int)(((ulong)(uint)hash * (uint)size) >> 32);

    private int Next(int at) => at + 1 == size ? 0 : at + 1;
}
