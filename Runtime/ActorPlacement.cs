namespace Kameo.Actors;

/// <summary>Where actors of a class run: <see cref="ActorPlacementAttribute"/>, <see cref="ActorNodeOptions.ClassSpecificPlacement"/>.</summary>
public enum ActorPlacement
{
    /// <summary>On the owner of the actor's slot: computed from its id and the agreed view, without a look-up or a record. The default.</summary>
    Hashed,

    /// <summary>On the node that calls it first, if that hosts the class; else on a random one. (Orleans' <c>[PreferLocalPlacement]</c>.)</summary>
    PreferLocal,

    /// <summary>On a random node. (Orleans' <c>[RandomPlacement]</c>.)</summary>
    Random,

    /// <summary>Of two random nodes, on the one with fewer actors, as of the last second. (Orleans' <c>[ActivationCountBasedPlacement]</c> and <c>[ResourceOptimizedPlacement]</c>.)</summary>
    LeastLoaded,

    /// <summary>Only on nodes that have a label (<see cref="Transport.MembershipOptions.Labels"/>), or on the one node with that id; calls of it fail while there is none.</summary>
    Pinned,
}
