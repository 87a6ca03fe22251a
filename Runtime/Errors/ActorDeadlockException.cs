using Kameo.Actors.Transport;

namespace Kameo.Actors;

/// <summary>The call would have waited for ever: the actor is in a turn that waits, perhaps through others, for the turn that made the call. The method did not run.</summary>
/// <remarks>Of a circle of waiting turns one call fails so, and the others go on. How circles are found, and which, is in the runtime's README, Deadlocks.</remarks>
public sealed class ActorDeadlockException : ActorCallException
{
    /// <summary>Makes one.</summary>
    public ActorDeadlockException(ActorId target, PeerId? node, string chain)
        : base(CallOutcome.NotRun, target, node, $"The call of {target} did not run: it would wait for itself: {chain}.") =>
        Chain = chain;

    /// <summary>Who waits for whom, for people: actors and methods with <c> -> </c> between them, the first again at the end.</summary>
    public string Chain { get; }
}
