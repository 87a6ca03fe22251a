using Kameo.Actors.Transport;

namespace Kameo.Actors;

/// <summary>The actor failed, or failed too often, and takes no calls until its back-off time is over (<see cref="OnFailureAttribute"/>). The method did not run.</summary>
public sealed class ActorStoppedException : ActorCallException
{
    /// <summary>Makes one.</summary>
    public ActorStoppedException(ActorId target, PeerId? node, string message)
        : base(CallOutcome.NotRun, target, node, message)
    {
    }
}
