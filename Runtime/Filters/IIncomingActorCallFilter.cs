namespace Kameo.Actors;

/// <summary>Runs around every call that actors of a node get: added to <see cref="ActorNodeOptions.IncomingFilters"/> or to the services, or implemented by an actor class for its own calls. Shaped after Orleans 10's.</summary>
/// <remarks>Runs in the turn of the call, after its arguments were read. Filters of the options come first, then those of the services, then the actor's own. Without any a call costs nothing more.</remarks>
public interface IIncomingActorCallFilter
{
    /// <summary>Runs around one call. What it throws is what the call throws.</summary>
    Task Invoke(IIncomingActorCallContext context);
}

/// <summary>A call at the actor that gets it.</summary>
public interface IIncomingActorCallContext : IActorCallContext
{
    /// <summary>The actor.</summary>
    object Grain { get; }
}
