namespace Kameo.Actors;

/// <summary>Why an activation ends. Of several at once the greatest counts.</summary>
public enum DeactivationReason
{
    /// <summary>It was not used for its collection age: <see cref="CollectionAgeLimitAttribute"/>, <see cref="ActorNodeOptions.CollectionAge"/>.</summary>
    Idle = 1,

    /// <summary>Memory was short, and it was among those used longest ago: <see cref="ActorNodeOptions.ShedOnMemoryPressure"/>.</summary>
    MemoryPressure = 2,

    /// <summary>It asked for it: <see cref="Actor.DeactivateOnIdle"/>.</summary>
    Requested = 3,

    /// <summary>A method failed, and its class is restarted then: the next call gets a fresh instance. <see cref="FailurePolicy.Restart"/>.</summary>
    Restarted = 4,

    /// <summary>A method failed, and its class is stopped then, or it failed too often; or it could not be activated. <see cref="FailurePolicy.Stop"/>.</summary>
    Failed = 5,

    /// <summary>Its node stops.</summary>
    ShuttingDown = 6,

    /// <summary>The incarnation of its node is over: evicted, or cut off and replaced. Nothing of it is entered any more, so <see cref="Actor.OnDeactivateAsync"/> is not called.</summary>
    Evicted = 8,

    /// <summary>Only in the notice of a link: the connection to its node ended, so it is dead or out of reach. <see cref="Actor.OnLinkDiedAsync"/>.</summary>
    NodeLost = 7,

    /// <summary>Another node runs the actor from now on: a node joined or leaves, or the actor was moved. The next call finds it there, and what waited here goes there first.</summary>
    Moved = 9,
}
