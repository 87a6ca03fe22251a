namespace Kameo.Actors.Activations;

/// <summary>A table of one size within a stripe of an <see cref="ActorMap"/>. Read by any thread; changed under the stripe's lock.</summary>
/// <remarks>
/// <para>
/// Places are found by hash; each has its entry's hash and where that stands among the entries, which are in the order in which they were added. So what is new stands together: whoever adds writes to one cache line after another, and
/// the collector, which looks through each card that got a reference since it ran last, finds few of them and no old entries in between.
/// </para>
/// <para>
/// Partners: an entry is written before the place that leads to it, and read after it; when it is removed, the other way round. A place that was removed keeps its entry's number, and who takes it over takes both: between the two
/// reads an entry may have become another one, which is seen by its id.
/// </para>
/// </remarks>
/// <param name="size">Places; a quarter of them stays free.</param>
internal sealed class ActorTable(int size)
{
    /// <summary>Greater hashes are of entries.</summary>
    public const uint Removed = 1;

    private const long Free = 0;
    private const int SizeFirst = 8;

    /// <summary>That of a stripe that has nothing: every look at it ends at its one free place.</summary>
    public static readonly ActorTable None = new(1);

    /// <summary>The hash in the low half, the number of the entry in the high one.</summary>
    private readonly long[] _places = new long[size];
    private readonly Activation?[] _entries = new Activation?[TakenMax(size)];
    private int _taken;

    /// <summary>Whether three quarters of the places are taken, removed ones included: more would make the ways long, and looks that find nothing end at a free one.</summary>
    public bool IsFull => _taken == _entries.Length;

    /// <summary>Finds one.</summary>
    public Activation? Find(in ActorId id, int hash)
    {
        for (int at = First(hash); ; at = Next(at))
        {
            long place = Volatile.Read(ref _places[at]);
            if ((int)place == hash && Volatile.Read(ref _entries[EntryOf(place)]) is { } entry && entry.Id == id)
            {
                return entry;
            }

            if (place == Free)
            {
                return null;
            }
        }
    }

    /// <summary>Adds one that is not there; there is a place.</summary>
    public void Add(Activation activation, int hash)
    {
        int at = First(hash);
        while ((uint)_places[at] > Removed)
        {
            at = Next(at);
        }

        int entry = _places[at] == Free ? _taken++ : EntryOf(_places[at]);
        _entries[entry] = activation;
        Volatile.Write(ref _places[at], Place(hash, entry));
    }

    /// <summary>Replaces or removes one.</summary>
    /// <returns>False if it is not there.</returns>
    public bool Replace(Activation old, int hash, Activation? by)
    {
        for (int at = First(hash); ; at = Next(at))
        {
            long place = _places[at];
            if (place == Free)
            {
                return false;
            }

            int entry = EntryOf(place);
            if ((int)place != hash || !ReferenceEquals(_entries[entry], old))
            {
                continue;
            }

            if (by is null)
            {
                Volatile.Write(ref _places[at], Place((int)Removed, entry));
            }

            Volatile.Write(ref _entries[entry], by);
            return true;
        }
    }

    /// <summary>One that holds the same, and has room for half as many again.</summary>
    /// <param name="count">How many there are.</param>
    public ActorTable Grown(int count)
    {
        var grown = new ActorTable(Math.Max(SizeFirst, count * 2));
        foreach (long place in _places)
        {
            if ((uint)place > Removed)
            {
                grown.Add(_entries[EntryOf(place)]!, (int)place);
            }
        }

        return grown;
    }

    /// <summary>Copies all.</summary>
    /// <returns>How many they are.</returns>
    public int CopyTo(Activation[] into)
    {
        int count = 0;
        foreach (Activation? entry in _entries.AsSpan(0, _taken))
        {
            if (entry is not null)
            {
                into[count++] = entry;
            }
        }

        return count;
    }

    private static int TakenMax(int size) => (int)(size * 3L / 4);

    private static long Place(int hash, int entry) => (long)entry << 32 | (uint)hash;

    private static int EntryOf(long place) => (int)(place >> 32);

    private int First(int hash) => (int)(((ulong)(uint)hash * (uint)size) >> 32);

    private int Next(int at) => at + 1 == size ? 0 : at + 1;
}
