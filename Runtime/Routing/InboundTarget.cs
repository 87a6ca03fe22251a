using Kameo.Actors.Catalog;
using Kameo.Actors.Placement;

namespace Kameo.Actors.Routing;

/// <summary>An actor that a peer sends to, as its connection keeps it under the number it has there. Used by that connection's receive loop.</summary>
/// <param name="id">Which actor.</param>
internal sealed class InboundTarget(ActorId id)
{
    private ActorRoute? _route;

    /// <summary>Which actor.</summary>
    public ActorId Id => id;

    /// <summary>Its class, if it is registered in this process.</summary>
    public ActorClass? Class { get; } = ActorCatalog.FindClass(id.ClassName);

    /// <summary>Where the actor is.</summary>
    /// <returns>Null when nobody known hosts its class.</returns>
    public ActorRoute? FindRoute(Hosts hosts)
    {
        if (_route is null || !ReferenceEquals(_route.Hosts, hosts))
        {
            _route = ActorRoute.Find(hosts, id);
        }

        return _route;
    }
}
