namespace Kameo.Actors;

/// <content>Links.</content>
public abstract partial class Actor
{
    /// <summary>An actor that this one was linked to has died. Runs in a turn; activates this actor if it was collected meanwhile. What it throws is logged and counts as a failure of this actor.</summary>
    /// <param name="who">Which actor.</param>
    /// <param name="reason">Why it ended.</param>
    /// <param name="why">The exception, if it was one: the same types as a caller gets.</param>
    protected internal virtual ValueTask OnLinkDiedAsync(ActorId who, DeactivationReason reason, Exception? why) => default;
}
