using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors;

/// <summary>No answer within the time of the ask. <see cref="ActorCallException.Outcome"/> says whether it may have run.</summary>
public sealed class AskTimeoutException : ActorCallException
{
    /// <summary>Makes one.</summary>
    public AskTimeoutException(CallOutcome outcome, ActorId target, PeerId? node, string message)
        : base(outcome, target, node, message)
    {
    }
}

/// <summary>The node of the actor cannot be reached, its connection ended, no node hosts such actors, or the observer is gone.</summary>
public sealed class NodeUnreachableException : ActorCallException
{
    /// <summary>Makes one.</summary>
    public NodeUnreachableException(CallOutcome outcome, ActorId target, PeerId? node, string message, Exception? innerException = null)
        : base(outcome, target, node, message, innerException)
    {
    }
}

/// <summary>A queue on the way was full and stayed full: of the node, of the connection, or of the actor. The method did not run.</summary>
public sealed class OverloadedException : ActorCallException
{
    /// <summary>Makes one.</summary>
    public OverloadedException(ActorId target, PeerId? node, string message)
        : base(CallOutcome.NotRun, target, node, message)
    {
    }
}

/// <summary>Caller and callee were built against different versions of the interface, or the callee does not know the method. It did not run.</summary>
public sealed class ContractMismatchException : ActorCallException
{
    /// <summary>Makes one.</summary>
    public ContractMismatchException(ActorId target, PeerId? node, string message)
        : base(CallOutcome.NotRun, target, node, message)
    {
    }
}

/// <summary>The actor could not be activated: its constructor or <see cref="Actor.OnActivateAsync"/> threw, which is the inner exception. The method did not run.</summary>
public sealed class ActorActivationException : ActorCallException
{
    /// <summary>Makes one.</summary>
    public ActorActivationException(ActorId target, PeerId? node, string message, Exception? innerException = null)
        : base(CallOutcome.NotRun, target, node, message, innerException)
    {
    }
}

/// <summary>
/// The actor's method threw an exception that does not travel as itself (<see cref="TravelsAttribute"/>): its type name, message and stack as text. What it came of is the <see cref="Exception.InnerException"/>.
/// </summary>
public sealed class ActorFaultException : ActorCallException
{
    /// <summary>Makes one.</summary>
    public ActorFaultException(ActorId target, PeerId? node, string typeName, string faultMessage, string remoteStackTrace)
        : this(target, node, new Fault(FaultCode.Exception, typeName, faultMessage, remoteStackTrace), null)
    {
    }

    internal ActorFaultException(ActorId target, PeerId? node, in Fault fault, Exception? innerException)
        : base(CallOutcome.Ran, target, node, $"{target} threw {fault.TypeName}: {fault.Message}", innerException) => Fault = fault;

    /// <summary>The full name of the exception's type.</summary>
    public string TypeName => Fault.TypeName;

    /// <summary>The exception's message.</summary>
    public string FaultMessage => Fault.Message;

    /// <summary>Where it was thrown.</summary>
    public string RemoteStackTrace => Fault.StackTrace;

    /// <summary>As it came: who it is passed on to may know its class.</summary>
    internal Fault Fault { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{base.ToString()}{Environment.NewLine}--- thrown by the actor at ---{Environment.NewLine}{RemoteStackTrace}";
}
