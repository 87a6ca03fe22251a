using Kameo.Actors.Activations;
using Kameo.Actors.Catalog;
using Kameo.Actors.Observers;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Placement;

/// <summary>Where one actor is, as long as the hosts do not change: hop 3, remembered by its references. Immutable but for the activation last met.</summary>
internal sealed class ActorRoute
{
    /// <summary>The activation that had the last call, if the actor is on this node. A hint: any thread writes it.</summary>
    public Activation? Activation;

    private ActorRoute(Hosts hosts, ActorId id, OutboundTarget target, int slot, Host host)
    {
        Hosts = hosts;
        Id = id;
        Target = target;
        Slot = slot;
        Host = host;
    }

    /// <summary>What it was computed from.</summary>
    public Hosts Hosts { get; }

    /// <summary>Which actor.</summary>
    public ActorId Id { get; }

    /// <summary>Its id on the wire.</summary>
    public OutboundTarget Target { get; }

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
        IReadOnlyList<string> classes = hosts.ClassesOf(@interface.Name);
        if (classes.Count == 0)
        {
            return null;
        }

        if (classes.Count > 1)
        {
            throw new InvalidOperationException(
                $"Several classes have the interface {@interface.Name}: {string.Join(", ", classes)}. Derive an interface of its own for each, so that a call says which is meant.");
        }

        return before is not null && before.Id.ClassName == classes[0]
            ? Find(hosts, before.Id, before.Target, before.Slot)
            : Find(hosts, new ActorId(classes[0], key));
    }

    /// <summary>Finds an actor by its id.</summary>
    public static ActorRoute? Find(Hosts hosts, ActorId id)
    {
        OutboundTarget target = id.ToTarget();
        return Find(hosts, id, target, SlotHash.SlotOf(target.Id));
    }

    private static ActorRoute? Find(Hosts hosts, ActorId id, OutboundTarget target, int slot) =>
        HostOf(hosts, id, slot) is { } host ? new ActorRoute(hosts, id, target, slot, host) : null;

    /// <summary>The node of an observer stands in its key; the others' is computed.</summary>
    private static Host? HostOf(Hosts hosts, ActorId id, int slot) =>
        id.ClassName != ObserverActor.ClassName ? HostOf(hosts.Of(id.ClassName), id.ClassName, slot)
        : PeerId.TryParse(id.Key.Text, out PeerId node) ? hosts.Node(node)
        : null;

    /// <summary>A stateless worker is on every node that hosts its class: on this one, if it does.</summary>
    private static Host? HostOf(HostSet? set, string className, int slot) =>
        set is not null && ActorCatalog.FindClass(className) is { WorkersMax: not 0 } && set.Hosts.FirstOrDefault(static host => host.IsLocal) is { } here ? here : set?.OwnerOf(slot);
}
