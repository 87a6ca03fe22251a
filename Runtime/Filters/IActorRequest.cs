namespace Kameo.Actors;

/// <summary>One call as it was made: what is called, and with what. What the predicate of <c>[MayInterleave]</c> is given; call filters are given an <see cref="IActorCallContext"/>.</summary>
public interface IActorRequest
{
    /// <summary>The actor that is called; null at the caller while no node that hosts its class is known.</summary>
    ActorId? TargetId { get; }

    /// <summary>The wire name of the interface.</summary>
    string InterfaceName { get; }

    /// <summary>The method's name.</summary>
    string MethodName { get; }

    /// <summary>Whether nobody waits for the result.</summary>
    bool IsTell { get; }

    /// <summary>How many arguments there are; a cancellation token is none.</summary>
    int ArgumentCount { get; }

    /// <summary>An argument, by its place. It is the method's: not to be changed, nor kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    object? GetArgument(int index);
}
