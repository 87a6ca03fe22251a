namespace Kameo.Actors;

/// <summary>Says where actors of a class run. All but <see cref="ActorPlacement.Hashed"/> are kept on record by the owner of the actor's slot: a node's first call goes there, and on to the actor; later ones go straight to it.</summary>
/// <param name="placement">Where.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ActorPlacementAttribute(ActorPlacement placement) : Attribute
{
    /// <summary>Where.</summary>
    public ActorPlacement Placement => placement;

    /// <summary>Of <see cref="ActorPlacement.Pinned"/>: the label that a node must have, as <c>zone=a</c>, or the id of the one node.</summary>
    public string? Label { get; init; }
}
