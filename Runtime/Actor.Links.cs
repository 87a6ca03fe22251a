using Orleans.Runtime;

namespace Kameo.Actors;

/// <content>Links.</content>
public abstract partial class Actor
{
    /// <summary>Most links that an actor has at a time. A node keeps at most <see cref="ActorNodeOptions.LinksMax"/>.</summary>
    public const int LinksMax = 1024;

    /// <summary>Links this actor and another, on whatever node: when one dies, the other hears of it by <see cref="OnLinkDiedAsync"/>. Any thread.</summary>
    /// <remarks>
    /// To die is to be deactivated for any reason but for being collected (<see cref="DeactivationReason.Idle"/>, <see cref="DeactivationReason.MemoryPressure"/>): restarted, stopped, failed to activate, by its own
    /// wish, with its node; to be moved to another node (<see cref="DeactivationReason.Moved"/>), in memory or collected; or to be on a node whose connection to this one ended. A link belongs to the actors, not to their activations: it outlives being collected, and activates nobody; it is over
    /// with the first death, and may be made again then. To link again what is linked changes nothing.
    /// </remarks>
    /// <param name="actor">A reference to the other actor.</param>
    /// <param name="cancellation">Ends the waiting; the link may have been made.</param>
    /// <returns>Completes when both ends know of the link: at once for an actor of this node.</returns>
    /// <exception cref="ArgumentException">The object is no reference to an actor, or one to this actor.</exception>
    /// <exception cref="OverloadedException">One of the two, or a node, has as many links as it may have.</exception>
    /// <exception cref="ActorCallException">The other's node cannot be reached, or does not have the actor.</exception>
    /// <exception cref="InvalidOperationException">No node made this actor, or no node that is known hosts the other.</exception>
    /// <exception cref="NotSupportedException">The class of one of the two is placed by choice (<see cref="ActorPlacementAttribute"/>) in a cluster that agrees on its members.</exception>
    protected ValueTask LinkAsync(IAddressable actor, CancellationToken cancellation = default) => Here.Node.Links.LinkAsync(Id, Other(actor), cancellation);

    /// <summary>Takes a link back; a notice that is on its way is not delivered any more, one that waits for its turn is. Any thread.</summary>
    /// <param name="actor">A reference to the other actor; one that is not linked changes nothing.</param>
    /// <returns>Completes when this end has forgotten the link and the other end was told, as far as it can be reached.</returns>
    /// <exception cref="ArgumentException">The object is no reference to an actor.</exception>
    /// <exception cref="InvalidOperationException">No node made this actor, or no node that is known hosts the other.</exception>
    protected ValueTask UnlinkAsync(IAddressable actor) => Here.Node.Links.UnlinkAsync(Id, ActorId.Of(actor));

    /// <summary>An actor that this one was linked to has died. Runs in a turn; activates this actor if it was collected meanwhile. What it throws is logged and counts as a failure of this actor.</summary>
    /// <remarks>At most once for each link. Unlike Kameo's, the default does nothing: an actor that is to die with those it is linked to calls <see cref="DeactivateOnIdle"/> here.</remarks>
    /// <param name="who">Which actor.</param>
    /// <param name="reason">Why it ended.</param>
    /// <param name="why">The exception, where it was one: as the caller of a method would get it.</param>
    public virtual ValueTask OnLinkDiedAsync(ActorId who, DeactivationReason reason, Exception? why) => default;

    private ActorId Other(IAddressable actor)
    {
        var other = ActorId.Of(actor);
        return other != Id ? other : throw new ArgumentException("An actor is not linked to itself.", nameof(actor));
    }
}
