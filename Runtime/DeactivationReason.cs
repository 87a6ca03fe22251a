namespace Kameo.Actors;

/// <summary>Why an activation ends. Of several at once the greatest counts.</summary>
public enum DeactivationReason
{
    /// <summary>It was not used for <see cref="ActorNodeOptions.CollectionAge"/>.</summary>
    Idle = 1,

    /// <summary>It asked for it: <see cref="Actor.DeactivateOnIdle"/>.</summary>
    Requested = 2,

    /// <summary>Its node stops.</summary>
    ShuttingDown = 3,
}
