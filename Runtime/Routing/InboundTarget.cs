using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Placement;
using Kameo.Actors.Transport.Queues;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Routing;

/// <summary>An actor that a peer sends to, as its connection keeps it under the number it has there. Used by that connection's receive loop.</summary>
/// <param name="id">Which actor.</param>
internal sealed class InboundTarget(ActorId id)
{
    private ActorRoute? _route;
    private ActorRoute? _gatheredFor;
    private InboxChain _gathered;
    private Type? _answered;

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

    /// <summary>Whether its class has an interface; the last one asked for is remembered.</summary>
    public bool Answers(Type @interface)
    {
        if (ReferenceEquals(_answered, @interface))
        {
            return true;
        }

        if (Class is null || !Class.Answers(@interface))
        {
            return false;
        }

        _answered = @interface;
        return true;
    }

    /// <summary>Keeps a call until the batch that brought it has been read: <see cref="Deliver"/> puts all of them into the mailbox in one step.</summary>
    /// <param name="call">The call, taken over.</param>
    /// <param name="route">Where the actor is: this node.</param>
    /// <returns>Whether it is the first.</returns>
    public bool Gather(ActorCall call, ActorRoute route)
    {
        bool isFirst = _gathered.IsEmpty;
        _gathered.Add(call);
        _gatheredFor = route;
        return isFirst;
    }

    /// <summary>The batch has been read: puts what was gathered into the actor's mailbox and makes it run.</summary>
    public void Deliver(ActivationTable activations)
    {
        if (Class!.WorkersMax != 0)
        {
            DeliverToWorkers(activations);
            return;
        }

        ActorRoute route = _gatheredFor!;
        Activation? activation = route.Activation;
        if (activations.TryDeliver(_gathered, id, Class!, ref activation))
        {
            _gathered.Clear();
            route.Activation = activation;
            activation!.Schedule();
            return;
        }

        for (InboxItem? item = _gathered.TakeAll(); item is not null;)
        {
            InboxItem? next = item.NextItem; // Refusing recycles the call.
            ((ActorCall)item).Refuse(new Fault(FaultCode.NotServing, "the node is shutting down"));
            item = next;
        }
    }

    /// <summary>Each call to a worker of its own.</summary>
    private void DeliverToWorkers(ActivationTable activations)
    {
        for (InboxItem? item = _gathered.TakeAll(); item is not null;)
        {
            InboxItem? next = item.NextItem; // Pushing or refusing makes it somebody else's.
            var call = (ActorCall)item;
            call.NextItem = null;
            Activation? worker = null;
            if (activations.TryDeliver(call, ref worker, out _))
            {
                worker!.Schedule();
            }
            else
            {
                call.Refuse(new Fault(FaultCode.NotServing, "the node is shutting down"));
            }

            item = next;
        }
    }
}
