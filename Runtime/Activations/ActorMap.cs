using System.Buffers;

namespace Kameo.Actors.Activations;

/// <summary>Activations by id: a hash table whose entries are the activations themselves, so that an idle one costs a link and a part of a bucket, and no node.</summary>
/// <remarks>
/// <para>Reads take no lock; who adds or removes takes that of one stripe in <see cref="StripeCount"/>. Iterating takes each for a moment.</para>
/// <para>
/// A read beside a change may miss an entry that is there: so who finds nothing looks again with the lock. It ends: a removed entry keeps its link; and while a stripe grows, an entry that was moved links to entries that were
/// moved before it. What a read finds is right: id and hash never change, and an entry is published, by the volatile write of a bucket or link, after it was made. An activation is added once and never again.
/// </para>
/// </remarks>
internal sealed class ActorMap
{
    /// <summary>Parts with a lock of their own.</summary>
    public const int StripeCount = 256;

    private const int BucketsFirst = 4;

    /// <summary>Entries in a bucket before a stripe grows, on average: each that is passed over is a cache miss.</summary>
    private const int Load = 1;

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

    /// <summary>Finds one.</summary>
    public Activation? Find(in ActorId id) => Find(id, HashOf(id));

    /// <summary>Finds one, or adds the one that is made then.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="state">Passed on.</param>
    /// <param name="make">Makes one; with a lock held.</param>
    public Activation GetOrAdd<TState>(in ActorId id, TState state, Func<ActorId, TState, Activation> make)
    {
        int hash = HashOf(id);
        return Find(id, hash) ?? StripeOf(hash).GetOrAdd(id, hash, state, make);
    }

    /// <summary>Removes one, unless it was removed or replaced before.</summary>
    public void Remove(Activation activation) => StripeOf(activation.TableHash).Replace(activation, null);

    /// <summary>Puts another one of the same id in its place.</summary>
    public void Replace(Activation activation, Activation by)
    {
        by.TableHash = activation.TableHash;
        StripeOf(activation.TableHash).Replace(activation, by);
    }

    private static int HashOf(in ActorId id)
    {
        uint hash = (uint)id.GetHashCode();
        hash = (hash ^ (hash >> 16)) * 0x7feb352d; // Spreads what differs in high bits only.
        return (int)(hash ^ (hash >> 15));
    }

    private Activation? Find(in ActorId id, int hash)
    {
        Activation?[] buckets = Volatile.Read(ref StripeOf(hash).Buckets);
        for (Activation? at = Volatile.Read(ref BucketOf(buckets, hash)); at is not null; at = Volatile.Read(ref at.NextInTable))
        {
            if (at.TableHash == hash && at.Id == id)
            {
                return at;
            }
        }

        return null;
    }

    private Stripe StripeOf(int hash) => _stripes[hash & (StripeCount - 1)];

    private static ref Activation? BucketOf(Activation?[] buckets, int hash) => ref buckets[(int)((uint)hash / StripeCount & (uint)(buckets.Length - 1))];

    private sealed class Stripe
    {
        public Activation?[] Buckets = new Activation?[BucketsFirst];
        public int Count;
        private readonly Lock _lock = new();

        public Activation GetOrAdd<TState>(in ActorId id, int hash, TState state, Func<ActorId, TState, Activation> make)
        {
            lock (_lock)
            {
                for (Activation? at = BucketOf(Buckets, hash); at is not null; at = at.NextInTable)
                {
                    if (at.TableHash == hash && at.Id == id)
                    {
                        return at;
                    }
                }

                if (Count == Buckets.Length * Load)
                {
                    GrowLocked();
                }

                Activation made = make(id, state);
                made.TableHash = hash;
                ref Activation? bucket = ref BucketOf(Buckets, hash);
                made.NextInTable = bucket;
                Volatile.Write(ref bucket, made);
                Volatile.Write(ref Count, Count + 1);
                return made;
            }
        }

        public void Replace(Activation old, Activation? by)
        {
            lock (_lock)
            {
                ref Activation? link = ref BucketOf(Buckets, old.TableHash);
                while (link is not null && !ReferenceEquals(link, old))
                {
                    link = ref link.NextInTable;
                }

                if (link is null)
                {
                    return;
                }

                if (by is null)
                {
                    Volatile.Write(ref link, old.NextInTable);
                    Volatile.Write(ref Count, Count - 1);
                }
                else
                {
                    by.NextInTable = old.NextInTable;
                    Volatile.Write(ref link, by);
                }
            }
        }

        public Activation[] Copy(out int count)
        {
            lock (_lock)
            {
                count = 0;
                Activation[] copied = ArrayPool<Activation>.Shared.Rent(Count);
                foreach (Activation? first in Buckets)
                {
                    for (Activation? at = first; at is not null; at = at.NextInTable)
                    {
                        copied[count++] = at;
                    }
                }

                return copied;
            }
        }

        private void GrowLocked()
        {
            Activation?[] old = Buckets;
            var larger = new Activation?[old.Length * 2];
            foreach (Activation? first in old)
            {
                for (Activation? at = first; at is not null;)
                {
                    Activation? next = at.NextInTable;
                    ref Activation? bucket = ref BucketOf(larger, at.TableHash);
                    Volatile.Write(ref at.NextInTable, bucket);
                    bucket = at;
                    at = next;
                }
            }

            Volatile.Write(ref Buckets, larger);
        }
    }
}
