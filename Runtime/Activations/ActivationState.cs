namespace Kameo.Actors.Activations;

/// <summary>Where an activation stands in its life.</summary>
internal enum ActivationState : byte
{
    /// <summary>Nothing has been constructed.</summary>
    New,

    /// <summary><see cref="Actor.OnActivateAsync"/> runs; calls wait.</summary>
    Activating,

    /// <summary>It takes turns.</summary>
    Active,

    /// <summary><see cref="Actor.OnDeactivateAsync"/> runs; calls wait for the next activation.</summary>
    Deactivating,

    /// <summary>It is over; nothing of it is entered again.</summary>
    Ended,
}
