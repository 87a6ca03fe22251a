using System.Collections.Concurrent;
using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport;

/// <summary>The peers that a node knows: those that are connected, and of the others the last <see cref="TransportLimits.PeersKeptMax"/>.</summary>
/// <remarks>
/// Identities may be fresh at each start, so there is no end to them. A peer that is forgotten may still be held by routes, names, or users: its object then stands for whatever object its id has later
/// (<see cref="Peer.Connection"/>), and never gets a connection itself. Look-ups take no lock; who comes and goes takes one for a moment, in which no other lock is taken.
/// </remarks>
/// <param name="node">The node.</param>
internal sealed class KnownPeers(TransportNode node)
{
    private readonly ConcurrentDictionary<PeerId, Peer> _peers = new();
    private readonly LinkedList<Peer> _unconnected = new();
    private readonly Lock _lock = new();

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<Peer> All => [.. _peers.Values];

    /// <summary>How many.</summary>
    public int Count => _peers.Count;

    /// <summary>The peer of an id, if it is known.</summary>
    public Peer? Find(PeerId id) => _peers.GetValueOrDefault(id);

    /// <summary>The peer of an id, known from now on.</summary>
    public Peer Of(PeerId id)
    {
        if (_peers.TryGetValue(id, out Peer? known))
        {
            return known;
        }

        var made = new Peer(node, id);
        Peer peer = _peers.GetOrAdd(id, made);
        if (peer == made)
        {
            Place(peer);
        }

        return peer;
    }

    /// <summary>A connection has exchanged hellos.</summary>
    /// <returns>Whose it is.</returns>
    public Peer Attach(Connection connection)
    {
        while (true)
        {
            Peer peer = _peers.GetOrAdd(connection.PeerId, static (id, node) => new Peer(node, id), node);
            if (peer.TryAttach(connection))
            {
                Place(peer);
                return peer;
            }

            _peers.TryRemove(KeyValuePair.Create(peer.Id, peer)); // Forgotten in this moment: it gets another object, which is not among those that may be.
        }
    }

    /// <summary>A connection that was attached is over.</summary>
    /// <returns>Its peer if that is without one now.</returns>
    public Peer? Detach(Connection connection)
    {
        if (!_peers.TryGetValue(connection.PeerId, out Peer? peer))
        {
            return null;
        }

        bool isGone = peer.Detach(connection);
        Place(peer);
        return isGone ? peer : null;
    }

    /// <summary>Goes on with duplicate connections.</summary>
    public void Tick(long now)
    {
        foreach (KeyValuePair<PeerId, Peer> entry in _peers)
        {
            entry.Value.Tick(now);
        }
    }

    /// <summary>Puts a peer among the unconnected ones or takes it out, by what it is now; of too many the one that was put there first is forgotten.</summary>
    private void Place(Peer peer)
    {
        Peer? surplus = null;
        lock (_lock)
        {
            // Whoever attaches or detaches places the peer afterwards, so the last to come here sees how it is.
            if (peer.HasConnection)
            {
                peer.Unconnected?.List?.Remove(peer.Unconnected);
                return;
            }

            if (peer.Unconnected is not { List: not null })
            {
                peer.Unconnected = _unconnected.AddLast(peer);
            }

            if (_unconnected.Count > node.Limits.PeersKeptMax)
            {
                surplus = _unconnected.First!.Value;
                _unconnected.RemoveFirst();
            }
        }

        if (surplus is not null && surplus.TryForget())
        {
            _peers.TryRemove(KeyValuePair.Create(surplus.Id, surplus));
        }
    }
}
