using Kameo.Actors.Transport.Registry.Logs;

namespace Kameo.Actors.Transport.Registry.Sync;

/// <summary>Who this node speaks with: as a member the other members, and the clients that follow through it; as a client its member.</summary>
internal sealed class Peers(RegistrySource self, RegistryTable table, Random random)
{
    private readonly List<RegistrySource> _followers = [];
    private int[] _order = [];
    private int _next;

    /// <summary>The member that this node follows through while it is none itself.</summary>
    public RegistrySource? Upstream { get; set; }

    /// <summary>The clients that follow through this node.</summary>
    public IReadOnlyList<RegistrySource> Followers => _followers;

    /// <summary>How many members there are to gossip with.</summary>
    public int OtherMembers => table.Own.IsMember ? table.View.Count - 1 : 0;

    /// <summary>Whether there is anybody to compare with.</summary>
    public bool IsAny => OtherMembers > 0 || (!table.Own.IsMember && Upstream is not null);

    /// <summary>Whether messages of a peer count.</summary>
    public bool Counts(RegistrySource source) =>
        table.Own.IsMember ? table.View.IndexOf(source.Id, source.Incarnation) >= 0 || _followers.Contains(source) : Upstream == source;

    /// <summary>Whether a peer is a member or the one followed: somebody who is asked.</summary>
    public bool MayBeAsked(PeerId peer) =>
        table.Own.IsMember ? peer != self.Id && table.View.TryFind(peer, out _) : Upstream?.Id == peer;

    /// <summary>Attaches a client.</summary>
    public bool Attach(RegistrySource client, int countMax)
    {
        if (_followers.Contains(client))
        {
            return true;
        }

        if (_followers.Count >= countMax)
        {
            return false;
        }

        _followers.RemoveAll(follower => follower.Id == client.Id);
        _followers.Add(client);
        return true;
    }

    /// <summary>A client is gone.</summary>
    public bool Detach(PeerId client) => _followers.RemoveAll(follower => follower.Id == client) > 0;

    /// <summary>Whether a client is attached.</summary>
    public bool IsAttached(PeerId client) => _followers.Exists(follower => follower.Id == client);

    /// <summary>The view changed: the members are gone through in a new order, and a client that became one follows no more.</summary>
    public void Shuffle()
    {
        _followers.RemoveAll(follower => table.Own.IsEvicted || table.View.IndexOf(follower.Id, follower.Incarnation) >= 0);
        if (!table.Own.IsMember)
        {
            _order = [];
            return;
        }

        int own = table.View.IndexOf(self.Id, self.Incarnation);
        _order = new int[table.View.Count - 1];
        for (int index = 0; index < _order.Length; index++)
        {
            _order[index] = index < own ? index : index + 1;
        }

        _next = 0;
    }

    /// <summary>The next members in a random order that visits each before it visits one again: with few members all are soon told for sure.</summary>
    public void Next(int count, List<PeerId> peers)
    {
        peers.Clear();
        count = Math.Min(count, _order.Length);
        while (peers.Count < count)
        {
            if (_next == _order.Length)
            {
                _next = 0;
            }

            int chosen = random.Next(_next, _order.Length);
            (_order[_next], _order[chosen]) = (_order[chosen], _order[_next]);
            PeerId peer = table.View.Members[_order[_next++]].Id;
            if (!peers.Contains(peer))
            {
                peers.Add(peer);
            }
        }
    }

    /// <summary>One peer to compare with, at random.</summary>
    public PeerId Any() => table.Own.IsMember ? table.View.Members[_order[random.Next(_order.Length)]].Id : Upstream!.Value.Id;
}
