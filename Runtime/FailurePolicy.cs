namespace Kameo.Actors;

/// <summary>What becomes of an activation whose method threw. The caller gets the exception in any case.</summary>
public enum FailurePolicy
{
    /// <summary>It goes on as it is. The default, as in Orleans.</summary>
    Propagate,

    /// <summary>
    /// It ends with <see cref="DeactivationReason.Restarted"/> when the turns that run have ended; calls that wait go, in order, to a fresh instance. Too many restarts in a time make it
    /// <see cref="Stop"/>.
    /// </summary>
    Restart,

    /// <summary>It ends with <see cref="DeactivationReason.Failed"/>; calls that wait, and all that come within a back-off time, fail with <see cref="ActorStoppedException"/>. Then the next call gets a fresh instance.</summary>
    Stop,
}
