namespace Kameo.Actors;

/// <summary>Runs around every call that is made through a node's references: added to <see cref="ActorNodeOptions.OutgoingFilters"/> or to the services. Shaped after Orleans 10's.</summary>
/// <remarks>Runs at the caller, in its turn if it has one, before the call is routed. Filters of the options come first, then those of the services. Without any a call costs nothing more.</remarks>
public interface IOutgoingActorCallFilter
{
    /// <summary>Runs around one call. What it throws is what the call throws.</summary>
    Task Invoke(IOutgoingActorCallContext context);
}

/// <summary>A call at whoever makes it.</summary>
public interface IOutgoingActorCallContext : IActorCallContext
{
    /// <summary>The reference that is called.</summary>
    object Grain { get; }

    /// <summary>The actor that calls; null outside of turns.</summary>
    ActorId? SourceId { get; }
}
