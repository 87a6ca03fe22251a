using Kameo.Actors.Transport;

namespace Kameo.Actors.Supervision;

/// <summary>Whether a link could be noted.</summary>
internal enum LinkOutcome
{
    /// <summary>It is noted now.</summary>
    Added,

    /// <summary>It was noted before.</summary>
    Known,

    /// <summary>The actor has <see cref="Actor.LinksMax"/>, or the node as many as its options allow.</summary>
    Full,
}

/// <summary>The links of a node's actors, each as the end that is here: by actor, and the other's node. Thread safe; met when links are made and when actors die, not by calls.</summary>
/// <param name="linksMax">Most ends of links.</param>
internal sealed class LinkTable(int linksMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ActorId, Dictionary<ActorId, PeerId?>> _byActor = [];
    private int _count;

    /// <summary>How many ends there are. A glance.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Notes the end of a link with an actor of another node.</summary>
    /// <param name="own">The actor of this node.</param>
    /// <param name="other">The other one.</param>
    /// <param name="node">The other's node.</param>
    public LinkOutcome Add(ActorId own, ActorId other, PeerId node)
    {
        lock (_lock)
        {
            return AddLocked(own, other, node);
        }
    }

    /// <summary>Notes a link of two actors of this node: both ends, or none. At once, so that a death is before it or after it.</summary>
    /// <returns>Who has no room for it; null: it is noted.</returns>
    public ActorId? AddBoth(ActorId own, ActorId other)
    {
        lock (_lock)
        {
            LinkOutcome outcome = AddLocked(own, other, null);
            if (outcome == LinkOutcome.Full)
            {
                return own;
            }

            if (AddLocked(other, own, null) != LinkOutcome.Full)
            {
                return null;
            }

            if (outcome == LinkOutcome.Added)
            {
                RemoveLocked(own, _byActor[own], other);
            }

            return other;
        }
    }

    /// <summary>Whether a link is noted, with the other end there.</summary>
    public bool Has(ActorId own, ActorId other, PeerId node)
    {
        lock (_lock)
        {
            return _byActor.TryGetValue(own, out Dictionary<ActorId, PeerId?>? links) && links.TryGetValue(other, out PeerId? at) && at == node;
        }
    }

    /// <summary>Takes a link out, if the other end is still where the caller thinks it is.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(ActorId own, ActorId other, PeerId node)
    {
        lock (_lock)
        {
            return _byActor.TryGetValue(own, out Dictionary<ActorId, PeerId?>? links) && links.TryGetValue(other, out PeerId? at) && at == node && RemoveLocked(own, links, other);
        }
    }

    /// <summary>Takes a link out, wherever the other end is; with that, if it is here.</summary>
    /// <param name="own">The actor.</param>
    /// <param name="other">The other one.</param>
    /// <param name="node">The other's node; null: this one.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(ActorId own, ActorId other, out PeerId? node)
    {
        lock (_lock)
        {
            node = null;
            if (!_byActor.TryGetValue(own, out Dictionary<ActorId, PeerId?>? links) || !links.TryGetValue(other, out node))
            {
                return false;
            }

            if (node is null)
            {
                RemoveHere(other, own);
            }

            return RemoveLocked(own, links, other);
        }
    }

    /// <summary>Takes out all links of an actor that died, and their other ends where those are here.</summary>
    /// <returns>Who is to hear of it, and on which node it is; null: this one.</returns>
    public IReadOnlyList<(ActorId Other, PeerId? Node)> TakeAll(ActorId own)
    {
        lock (_lock)
        {
            if (!_byActor.Remove(own, out Dictionary<ActorId, PeerId?>? links))
            {
                return [];
            }

            Volatile.Write(ref _count, _count - links.Count);
            return [.. links.Where(link => link.Value is not null || RemoveHere(link.Key, own)).Select(static link => (link.Key, link.Value))];
        }
    }

    /// <summary>Takes out all links to actors of a node that is gone.</summary>
    public IReadOnlyList<(ActorId Own, ActorId Other)> TakeAllTo(PeerId node)
    {
        lock (_lock)
        {
            (ActorId Own, ActorId Other)[] lost = [.. _byActor.SelectMany(own => own.Value.Where(other => other.Value == node).Select(other => (own.Key, other.Key)))];
            foreach ((ActorId own, ActorId other) in lost)
            {
                RemoveLocked(own, _byActor[own], other);
            }

            return lost;
        }
    }

    /// <summary>The actors of this node that have links.</summary>
    public ActorId[] Owners()
    {
        lock (_lock)
        {
            return [.. _byActor.Keys];
        }
    }

    /// <summary>Forgets all: the actors have died together, and nobody is left here to hear of it.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _byActor.Clear();
            Volatile.Write(ref _count, 0);
        }
    }

    private LinkOutcome AddLocked(ActorId own, ActorId other, PeerId? node)
    {
        if (!_byActor.TryGetValue(own, out Dictionary<ActorId, PeerId?>? links))
        {
            links = [];
        }

        if (links.ContainsKey(other))
        {
            links[other] = node;
            return LinkOutcome.Known;
        }

        if (_count >= linksMax || links.Count >= Actor.LinksMax)
        {
            return LinkOutcome.Full;
        }

        links.Add(other, node);
        _byActor[own] = links;
        Volatile.Write(ref _count, _count + 1);
        return LinkOutcome.Added;
    }

    private bool RemoveHere(ActorId own, ActorId other) =>
        _byActor.TryGetValue(own, out Dictionary<ActorId, PeerId?>? links) && links.TryGetValue(other, out PeerId? at) && at is null && RemoveLocked(own, links, other);

    private bool RemoveLocked(ActorId own, Dictionary<ActorId, PeerId?> links, ActorId other)
    {
        links.Remove(other);
        if (links.Count == 0)
        {
            _byActor.Remove(own);
        }

        Volatile.Write(ref _count, _count - 1);
        return true;
    }
}
