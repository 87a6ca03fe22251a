using Kameo.Actors.Transport;

namespace Kameo.Actors;

/// <summary>A call of an actor that failed for another reason than an exception of the actor. The same wherever the actor is.</summary>
public class ActorCallException : Exception
{
    /// <summary>Makes one.</summary>
    public ActorCallException(CallOutcome outcome, ActorId target, PeerId? node, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Outcome = outcome;
        Target = target;
        Node = node;
    }

    /// <summary>Whether the call was carried out.</summary>
    public CallOutcome Outcome { get; }

    /// <summary>The actor that was called; default while its class was not known yet.</summary>
    public ActorId Target { get; }

    /// <summary>The node the call was sent to, if it was.</summary>
    public PeerId? Node { get; }
}
