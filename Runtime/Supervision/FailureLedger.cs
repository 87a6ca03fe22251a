using Kameo.Actors.Transport;

namespace Kameo.Actors.Supervision;

/// <summary>What a node remembers of actors that failed, beyond their activations: restarts within their time, and until when an actor is stopped. Thread safe; met only after failures.</summary>
/// <remarks>
/// Bound: <see cref="ActorsMax"/> actors. What is over, in time, makes room first; if there still is none, the failure is not remembered: the actor is restarted, or ends and is not kept stopped. Each such
/// case is counted (<c>kameo.failures.forgotten</c>).
/// </remarks>
/// <param name="clock">The node's clock.</param>
/// <param name="actorsMax">Most actors that are remembered.</param>
internal sealed class FailureLedger(NodeClock clock, int actorsMax = FailureLedger.ActorsMax)
{
    /// <summary>Most actors that are remembered; at five restarts each (the default limit) about 12 MB.</summary>
    public const int ActorsMax = 65_536;

    /// <summary>A full ledger is swept at most that often.</summary>
    private const int SweepMilliseconds = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<ActorId, Entry> _entries = [];
    private int _count;
    private long _forgotten;
    private long _nextSweep;

    /// <summary>Whether nothing is remembered. A glance.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>How many failures found no room.</summary>
    public long Forgotten => Volatile.Read(ref _forgotten);

    /// <summary>Counts a restart.</summary>
    /// <returns>False if there were as many as are allowed within their time: it is not to be restarted.</returns>
    public bool TryCountRestart(ActorId id, FailureTerms terms)
    {
        lock (_lock)
        {
            long now = clock.NowMilliseconds;
            if (FindLocked(id, now) is not { } entry)
            {
                return true;
            }

            entry.Restarts.RemoveAll(at => now - at >= terms.Within.TotalMilliseconds);
            if (entry.Restarts.Count >= terms.LimitCount)
            {
                return false;
            }

            entry.Restarts.Add(now);
            entry.Until = Math.Max(entry.Until, clock.After(terms.Within));
            return true;
        }
    }

    /// <summary>Stops an actor from now on, for its back-off time.</summary>
    public void Stop(ActorId id, FailureTerms terms)
    {
        lock (_lock)
        {
            if (FindLocked(id, clock.NowMilliseconds) is { } entry)
            {
                entry.Restarts.Clear();
                entry.StoppedUntil = entry.Until = clock.After(terms.BackOff);
            }
        }
    }

    /// <summary>How long an actor is still stopped; null if it is not.</summary>
    public TimeSpan? StoppedFor(ActorId id)
    {
        lock (_lock)
        {
            return _entries.TryGetValue(id, out Entry? entry) && entry.StoppedUntil - clock.NowMilliseconds is > 0 and var left ? TimeSpan.FromMilliseconds(left) : null;
        }
    }

    /// <summary>Forgets what is over.</summary>
    public void Sweep()
    {
        if (!IsEmpty)
        {
            lock (_lock)
            {
                SweepLocked(clock.NowMilliseconds);
            }
        }
    }

    private Entry? FindLocked(ActorId id, long now)
    {
        if (_entries.TryGetValue(id, out Entry? entry))
        {
            return entry;
        }

        if (_entries.Count >= actorsMax)
        {
            if (now >= _nextSweep)
            {
                _nextSweep = now + SweepMilliseconds;
                SweepLocked(now);
            }

            if (_entries.Count >= actorsMax)
            {
                Volatile.Write(ref _forgotten, _forgotten + 1);
                return null;
            }
        }

        _entries.Add(id, entry = new Entry());
        Volatile.Write(ref _count, _entries.Count);
        return entry;
    }

    private void SweepLocked(long now)
    {
        foreach ((ActorId id, Entry entry) in _entries)
        {
            if (entry.Until <= now)
            {
                _entries.Remove(id); // Allowed while it is walked through.
            }
        }

        Volatile.Write(ref _count, _entries.Count);
    }

    private sealed class Entry
    {
        public readonly List<long> Restarts = [];
        public long StoppedUntil;
        public long Until;
    }
}
