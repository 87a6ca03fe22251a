using System.Buffers;
using Kameo.Actors.Catalog;

namespace Kameo.Actors.Activations;

/// <summary>Activations by id: a hash table in parts, each of which grows by itself. Beside each entry stands its hash, so that another actor's memory is not touched on the way: each look at one would be a cache miss.</summary>
/// <remarks>
/// <para>Reads take no lock; who adds or removes takes that of one stripe in <see cref="StripeCount"/>. Iterating takes each for a moment.</para>
/// <para>
/// Linear probing. Entries of a table never move, and a removed one leaves a mark that a later one may take over; a stripe grows by a new table. So a read finds what is there from its beginning to its end. What it finds is right:
/// an id never changes, and a hash is published, by its volatile write, after its entry.
/// </para>
/// </remarks>
internal sealed class ActorMap
{
    /// <summary>Parts with a lock of their own.</summary>
    public const int StripeCount = 256;

    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, StripeCount).Select(static _ => new Stripe())];

    /// <summary>How many there are, as they come and go meanwhile.</summary>
    public int Count => _stripes.Sum(static stripe => Volatile.Read(ref stripe.Count));

    /// <summary>Whether there is none; to be relied on when none is added any more.</summary>
    public bool IsEmpty => !_stripes.Any(static stripe => Volatile.Read(ref stripe.Count) != 0);

    /// <summary>All of them: each that is there from beginning to end once, others perhaps.</summary>
    public IEnumerable<Activation> All
    {
        get
        {
            foreach (Stripe stripe in _stripes)
            {
                Activation[] found = stripe.Copy(out int count);
                try
                {
                    for (int index = 0; index < count; index++)
                    {
                        yield return found[index];
                    }
                }
                finally
                {
                    ArrayPool<Activation>.Shared.Return(found, clearArray: true);
                }
            }
        }
    }

    /// <summary>Where an actor stands in this process's tables.</summary>
    public static int HashOf(in ActorId id) => Spread(id.ClassName.GetHashCode(), id.Key);

    /// <inheritdoc cref="HashOf(in ActorId)"/>
    public static int HashOf(ActorClass @class, in ActorKey key) => Spread(@class.NameHash, key);

    /// <summary>Finds one.</summary>
    public Activation? Find(in ActorId id) => Find(id, HashOf(id));

    /// <summary>Finds one.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="hash">Its hash.</param>
    public Activation? Find(in ActorId id, int hash) => StripeOf(hash).Table.Find(id, hash);

    /// <summary>Finds one, or adds the one that is made then.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="state">Passed on.</param>
    /// <param name="make">Makes one; with a lock held.</param>
    public Activation GetOrAdd<TState>(in ActorId id, int hash, TState state, Func<ActorId, TState, Activation> make) =>
        Find(id, hash) ?? StripeOf(hash).GetOrAdd(id, hash, state, make);

    /// <summary>Removes one, unless it was removed or replaced before.</summary>
    public void Remove(Activation activation)
    {
        int hash = HashOf(activation);
        StripeOf(hash).Replace(activation, hash, null);
    }

    /// <summary>Puts another one of the same id in its place.</summary>
    public void Replace(Activation activation, Activation by)
    {
        int hash = HashOf(activation);
        StripeOf(hash).Replace(activation, hash, by);
    }

    private static int HashOf(Activation activation) => HashOf(activation.Terms.Class, activation.Id.Key);

    /// <summary>Stripes are told apart by the low bits, places in a table by the high ones.</summary>
    private static int Spread(int name, in ActorKey key)
    {
        uint hash = (uint)((name * -1521134295) + key.GetHashCode());
        hash = (hash ^ (hash >> 16)) * 0x7feb352d;
        hash = (hash ^ (hash >> 15)) * 0x846ca68b;
        hash ^= hash >> 16;
        return hash > ActorTable.Removed ? (int)hash : int.MaxValue;
    }

    private Stripe StripeOf(int hash) => _stripes[hash & (StripeCount - 1)];

    private sealed class Stripe
    {
        public int Count;
        private readonly Lock _lock = new();
        private ActorTable _table = ActorTable.None;

        public ActorTable Table => Volatile.Read(ref _table);

        public Activation GetOrAdd<TState>(in ActorId id, int hash, TState state, Func<ActorId, TState, Activation> make)
        {
            lock (_lock)
            {
                if (_table.Find(id, hash) is { } found)
                {
                    return found;
                }

                if (_table.IsFull)
                {
                    Volatile.Write(ref _table, _table.Grown(Count));
                }

                Activation made = make(id, state);
                _table.Add(made, hash);
                Volatile.Write(ref Count, Count + 1);
                return made;
            }
        }

        public void Replace(Activation old, int hash, Activation? by)
        {
            lock (_lock)
            {
                if (!_table.Replace(old, hash, by) || by is not null)
                {
                    return;
                }

                Volatile.Write(ref Count, Count - 1);
                if (Count == 0)
                {
                    Volatile.Write(ref _table, ActorTable.None); // Memory of what was there once is not kept.
                }
            }
        }

        public Activation[] Copy(out int count)
        {
            lock (_lock)
            {
                Activation[] copied = ArrayPool<Activation>.Shared.Rent(Count);
                count = _table.CopyTo(copied);
                return copied;
            }
        }
    }
}
