using Kameo.Actors.Activations;
using Kameo.Actors.Catalog;
using Kameo.Actors.Observers;
using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Direct;
using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Slots.Maps;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Placement;

/// <summary>Where one actor is, as long as the hosts do not change: hop 3, remembered by its references. Immutable but for the activation last met.</summary>
internal sealed class ActorRoute
{
    /// <summary>The activation that had the last call, if the actor is on this node. A hint: any thread writes it.</summary>
    public Activation? Activation;

    private OutboundTarget? _target;

    private ActorRoute(Hosts hosts, ActorId id, OutboundTarget? target, int slot, Host host)
    {
        Hosts = hosts;
        Id = id;
        _target = target;
        Slot = slot;
        Host = host;
    }

    /// <summary>Where the slot stands, for actors that are placed by slots; null: to be asked of the gate, or no such actor. Any thread writes it.</summary>
    public TypeGroup? Group;

    /// <summary>Whether its actor is placed by slots that pass from owner to owner, so that <see cref="State"/> says where a call goes, and not <see cref="Host"/>.</summary>
    public bool IsBySlot { get; private init; }

    /// <summary>The owner of its slot has on record where it is: there, every call asks.</summary>
    private bool _isRecorded;

    /// <summary>What its slot is here.</summary>
    public SlotState State => Group is not { } group ? SlotState.Ask
        : group.StateOf(Slot) is var state && state == SlotState.Owned && _isRecorded ? SlotState.Ask
        : state;

    /// <summary>Whether a call of it runs here, as far as that can be seen at a glance.</summary>
    public bool IsHere => IsBySlot ? State == SlotState.Owned : Host.IsLocal;

    /// <summary>What it was computed from.</summary>
    public Hosts Hosts { get; }

    /// <summary>Which actor.</summary>
    public ActorId Id { get; }

    /// <summary>What is the same of all actors of its class; null for observers.</summary>
    public ClassPlace? Place { get; private init; }

    /// <summary>Its class, where that is registered in this process; null for observers.</summary>
    public ActorClass? Class => Place?.Class;

    /// <summary>Its id on the wire.</summary>
    public OutboundTarget Target => _target ??= Id.ToTarget(); // One that is called on this node only needs none.

    /// <summary>Its slot.</summary>
    public int Slot { get; }

    /// <summary>The node it is on.</summary>
    public Host Host { get; }

    /// <summary>Finds an actor of an interface.</summary>
    /// <param name="hosts">Who hosts what.</param>
    /// <param name="interface">The interface.</param>
    /// <param name="key">The key.</param>
    /// <param name="before">An older route of the same actor, whose id can be used again.</param>
    /// <returns>Null when nobody hosts a class with the interface.</returns>
    /// <exception cref="InvalidOperationException">Several classes have the interface.</exception>
    public static ActorRoute? Find(Hosts hosts, ActorInterface @interface, ActorKey key, ActorRoute? before)
    {
        if (hosts.PlaceOf(@interface) is not { } place)
        {
            return null;
        }

        return before is not null && before.Id.ClassName == place.ClassName
            ? Find(hosts, place, before.Id, before._target, before.Slot)
            : Find(hosts, place, new ActorId(place.ClassName, key), null, place.SlotOf(key));
    }

    /// <summary>Finds an actor by its id.</summary>
    public static ActorRoute? Find(Hosts hosts, ActorId id)
    {
        if (id.ClassName == ObserverActor.ClassName)
        {
            return PeerId.TryParse(id.Key.Text, out PeerId node) && hosts.Node(node) is { } host ? new ActorRoute(hosts, id, null, SlotHash.SlotOf(id), host) : null;
        }

        return hosts.PlaceOf(id.ClassName) is { } place ? Find(hosts, place, id, null, place.SlotOf(id.Key)) : null;
    }

    /// <summary>The connection to the slot's owner, or to where the actor is on record, if it can be used.</summary>
    /// <param name="node">The node.</param>
    /// <param name="direct">The direct way to the actor, if one is known.</param>
    public Connection? WayTo(ActorNode node, out DirectWay? direct)
    {
        direct = node.Slots!.WayOf(Id);
        return direct is not null ? direct.Connection : WayToOwner(node);
    }

    /// <summary>The connection to the slot's owner, if it can be used.</summary>
    public Connection? WayToOwner(ActorNode node)
    {
        if (Group is not { } group || group.StateOf(Slot) != SlotState.Elsewhere)
        {
            return null;
        }

        SlotTable owners = group.Owners;
        Way? way = _way;
        if (way is null || !ReferenceEquals(way.Owners, owners))
        {
            MemberId owner = group.OwnerOf(Slot);
            _way = way = new Way(owners, owner, node.Transport.PeerOf(owner.Peer));
        }

        return way.Peer.Connection is { LayerState: SlotLine { IsReady: true } line } connection && way.IsBy(line) ? connection : null;
    }

    /// <summary>Whether the call still goes that way; in a <see cref="SendSections"/>, before a request is sent. A connection that has ended leads nowhere, also before everybody has heard of it: the gate holds what comes until it is known who has the slot.</summary>
    public bool LeadsTo(ActorNode node, Connection connection, DirectWay? direct) =>
        ReferenceEquals(node.Slots!.WayOf(Id), direct) && (direct is null ? LeadsTo(connection) : direct.LeadsTo(connection));

    private bool LeadsTo(Connection connection) => Group is { } group && State == SlotState.Elsewhere && _way is { } way && ReferenceEquals(way.Owners, group.Owners) && connection is { State: ConnectionState.Open, LayerState: SlotLine line } && way.IsBy(line);

    private Way? _way;

    private static ActorRoute Find(Hosts hosts, ClassPlace place, ActorId id, OutboundTarget? target, int slot)
    {
        if (place.IsOfWorkers)
        {
            return new ActorRoute(hosts, id, target, slot, WorkersOf(place.Set, slot, hosts.IsLeaving)) { Place = place };
        }

        Host host = place.Set.OwnerOf(slot);
        if (hosts.Slots is null)
        {
            return new ActorRoute(hosts, id, target, slot, host) { Place = place };
        }

        TypeGroup? group = place.Group;
        Host owner = group is null || (host.IsLocal && group.StateOf(slot) == SlotState.Owned) ? host : hosts.Node(group.OwnerOf(slot).Peer) ?? host;
        return new ActorRoute(hosts, id, target, slot, owner) { Place = place, IsBySlot = true, Group = group, _isRecorded = place.IsRecorded };
    }

    private sealed class Way(SlotTable owners, MemberId owner, Peer peer)
    {
        private SlotLine? _line;

        public SlotTable Owners => owners;

        public Peer Peer => peer;

        /// <summary>Whether a connection is one to the owner in its present life. With whom a line is never changes, so the answer for the last one is kept: ids are long.</summary>
        public bool IsBy(SlotLine line)
        {
            if (ReferenceEquals(_line, line))
            {
                return true;
            }

            if (line.Member != owner)
            {
                return false;
            }

            _line = line; // Any thread: each writes what is true.
            return true;
        }
    }

    /// <summary>A stateless worker is on every node that hosts its class: on this one, if it does. One that is about to leave has others' called, if there are any.</summary>
    private static Host WorkersOf(HostSet set, int slot, bool isLeaving)
    {
        if (set.Hosts.FirstOrDefault(static host => host.IsLocal) is not { } here)
        {
            return set.OwnerOf(slot);
        }

        Host[] others = isLeaving ? [.. set.Hosts.Where(static host => !host.IsLocal)] : [];
        return others.Length == 0 ? here : others[slot % others.Length];
    }
}
