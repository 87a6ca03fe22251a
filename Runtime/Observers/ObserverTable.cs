using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Kameo.Actors.Transport;
using Orleans;

namespace Kameo.Actors.Observers;

/// <summary>The local objects of a node that references stand for. It holds them weakly: an observer lives as long as somebody else wants it. Thread safe.</summary>
/// <remarks>Bounded by <see cref="ActorNodeOptions.ObserversMax"/>: beyond it, and when no dead one is left to drop, another is refused.</remarks>
/// <param name="clock">The node's clock.</param>
/// <param name="observersMax">Most observers.</param>
internal sealed class ObserverTable(NodeClock clock, int observersMax)
{
    private readonly ConcurrentDictionary<Guid, Entry> _entries = new();
    private readonly ConditionalWeakTable<IGrainObserver, Entry> _byObject = [];
    private readonly Lock _adding = new();

    /// <summary>How many there are, dead ones that were not swept yet included.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds an object; the same one again keeps its id, and has its time anew.</summary>
    /// <param name="observer">The object.</param>
    /// <param name="lifetime">How long from now; null: as long as it lives.</param>
    /// <returns>Its id, which cannot be guessed.</returns>
    /// <exception cref="InvalidOperationException">There are too many.</exception>
    public Guid Add(IGrainObserver observer, TimeSpan? lifetime)
    {
        long until = lifetime is { } span ? clock.After(span) : long.MaxValue;
        lock (_adding)
        {
            if (_byObject.TryGetValue(observer, out Entry? known) && _entries.ContainsKey(known.Id))
            {
                known.Until = until;
                return known.Id;
            }

            if (_entries.Count >= observersMax)
            {
                Sweep();
            }

            if (_entries.Count >= observersMax)
            {
                throw new InvalidOperationException($"This node has {observersMax} observers already: delete those that are not needed, or raise {nameof(ActorNodeOptions.ObserversMax)}.");
            }

            var entry = new Entry(Guid.NewGuid(), new WeakReference<IGrainObserver>(observer)) { Until = until };
            _byObject.AddOrUpdate(observer, entry);
            _entries[entry.Id] = entry;
            return entry.Id;
        }
    }

    /// <summary>Removes an object.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(Guid id) => _entries.TryRemove(id, out _);

    /// <summary>The object of an id.</summary>
    /// <returns>Null if it was deleted, has expired, or is no longer wanted by anybody.</returns>
    public IGrainObserver? Find(Guid id)
    {
        if (!_entries.TryGetValue(id, out Entry? entry))
        {
            return null;
        }

        if (entry.Find(clock.NowMilliseconds) is { } observer)
        {
            return observer;
        }

        lock (_adding)
        {
            // It may have been given more time meanwhile.
            if (entry.Find(clock.NowMilliseconds) is { } renewed)
            {
                return renewed;
            }

            _entries.TryRemove(id, out _);
            return null;
        }
    }

    /// <summary>Drops those that have expired or are gone.</summary>
    public void Sweep()
    {
        long now = clock.NowMilliseconds;
        foreach (KeyValuePair<Guid, Entry> entry in _entries)
        {
            if (entry.Value.Find(now) is null)
            {
                Find(entry.Key); // Which looks again before it is removed.
            }
        }
    }

    private sealed class Entry(Guid id, WeakReference<IGrainObserver> observer)
    {
        private long _until;

        public Guid Id => id;

        /// <summary>Written when it is renewed, read by any call.</summary>
        public long Until
        {
            set => Volatile.Write(ref _until, value);
        }

        public IGrainObserver? Find(long now) => now < Volatile.Read(ref _until) && observer.TryGetTarget(out IGrainObserver? found) ? found : null;
    }
}
