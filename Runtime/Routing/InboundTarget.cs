using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Observers;
using Kameo.Actors.Placement;
using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Transport.Queues;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Routing;

/// <summary>An actor that a peer sends to, as its connection keeps it under the number it has there. Used by that connection's receive loop.</summary>
/// <param name="id">Which actor.</param>
internal sealed class InboundTarget(ActorId id)
{
    private ActorRoute? _route;
    private TypeGroup? _group;
    private InboxChain _gathered;
    private readonly bool _waitsTogether = ActorCatalog.FindClass(id.ClassName) is { HasInterleaving: false, WorkersMax: 0 };
    private Type? _answered;
    private bool? _isRecorded;

    /// <summary>Which actor.</summary>
    public ActorId Id => id;

    /// <summary>Its class, if it is registered in this process.</summary>
    public ActorClass? Class { get; } = ActorCatalog.FindClass(id.ClassName);

    /// <summary>Its slot.</summary>
    public int Slot { get; } = SlotHash.SlotOf(id);

    /// <summary>Whether where it is depends on its slot: not so for observers and stateless workers.</summary>
    public bool IsBySlot { get; } = id.ClassName != ObserverActor.ClassName && ActorCatalog.FindClass(id.ClassName) is not { WorkersMax: not 0 };

    /// <summary>The activation that had its last call. A hint.</summary>
    public Activation? Activation { get; private set; }

    /// <summary>What its slot is here.</summary>
    public SlotState StateIn(SlotGate slots)
    {
        if (_group is not { IsVoid: false } group)
        {
            _group = group = slots.GroupOf(id.ClassName);
        }

        return group is null || (_isRecorded ??= slots.PlacementOf(id.ClassName).IsRecorded) ? SlotState.Ask : group.StateOf(Slot);
    }

    /// <summary>Where the actor is, if that does not depend on its slot.</summary>
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
    /// <param name="known">The activation that had its last call, if one is remembered elsewhere.</param>
    /// <returns>Whether it is the first.</returns>
    public bool Gather(ActorCall call, Activation? known)
    {
        bool isFirst = _gathered.IsEmpty;
        _gathered.Add(call);
        Activation ??= known;
        return isFirst;
    }

    /// <summary>The same of a usual request: it needs no object while it waits, unless it is the only one.</summary>
    /// <param name="request">The request, whose bytes are in a slab.</param>
    /// <param name="method">Its method.</param>
    /// <returns>False for the first of a batch, and where turns interleave: then nothing has changed.</returns>
    public bool TryGather(ref InboundRequest request, ActorMethod method)
    {
        if (_gathered.Newest is not { } newest || !_waitsTogether || (method.Options & ActorMethodOptions.Cancellable) != 0)
        {
            return false;
        }

        if (newest is InboundCalls calls && calls.TryAdd(ref request, method))
        {
            _gathered.Grow();
        }
        else
        {
            _gathered.Add(InboundCalls.Rent(ref request, method));
        }

        return true;
    }

    /// <summary>The batch has been read: puts what was gathered into the actor's mailbox and makes it run.</summary>
    public void Deliver(ActorNode node)
    {
        ActivationTable activations = node.Activations;
        if (Class!.WorkersMax != 0)
        {
            DeliverToWorkers(activations);
            return;
        }

        Activation? activation = Activation;
        if (activations.TryDeliver(_gathered, id, Class!, ref activation))
        {
            _gathered.Clear();
            Activation = activation;
            activation!.Schedule();
            if (activation.IsNew && IsBySlot && node.Slots is { } slots && StateIn(slots) != SlotState.Owned)
            {
                slots.GiveBack(activation); // The slot was lost meanwhile: they take their way before anything that comes after them.
            }

            return;
        }

        for (InboxItem? item = _gathered.TakeAll(); item is not null;)
        {
            InboxItem? next = item.NextItem; // Refusing recycles the item, which must link nothing then: other nodes of the process use it again.
            item.NextItem = null;
            var stopped = new Fault(FaultCode.NotServing, "the node is shutting down");
            if (item is WaitingCalls calls)
            {
                calls.Refuse(node, id, stopped);
            }
            else
            {
                ((ActorCall)item).Refuse(stopped);
            }

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
