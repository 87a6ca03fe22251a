using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Diagnostics;
using Kameo.Actors.Placement;
using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Routing;

/// <summary>Hop 7 of what comes over the network: into the mailbox of an actor here, or on to the node that has it. On receive loops: never blocks, runs no user code.</summary>
/// <remarks>What a mailbox holds was sent against a window; it is returned as the turn starts. So a slow actor makes its callers wait, and the bound is the windows granted.</remarks>
/// <param name="node">The node.</param>
internal sealed class ActorRouter(ActorNode node) : RequestRouter
{
    /// <summary>Actors that this thread's batch brought calls for; a loop stays on its thread for one batch.</summary>
    [ThreadStatic]
    private static List<InboundTarget>? t_touched;

    /// <inheritdoc/>
    public override object? ResolveTarget(Connection from, ReadOnlySpan<byte> id) => ActorId.TryRead(id, out ActorId actor) ? new InboundTarget(actor) : null;

    /// <inheritdoc/>
    public override object? ResolveMethod(Connection from, ReadOnlySpan<byte> id) => MethodId.Resolve(id);

    /// <inheritdoc/>
    public override void Dispatch(ref InboundRequest request)
    {
        var target = (InboundTarget)request.Target;
        if (node.Slots is { } slots && target.IsBySlot)
        {
            DispatchBySlot(ref request, target, slots);
        }
        else
        {
            DispatchByHost(ref request, target);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void DispatchByHost(ref InboundRequest request, InboundTarget target)
    {
        if (target.FindRoute(node.Hosts.Current) is not { } route)
        {
            Refuse(ref request, new Fault(FaultCode.NoSuchTarget, $"no node known there hosts the class {target.Id.ClassName}"));
        }
        else if (!route.Host.IsLocal)
        {
            Forward(ref request, route);
        }
        else
        {
            RunHere(ref request, target, route.Activation);
        }
    }

    /// <inheritdoc/>
    public override void EndBatch(Connection from) => DeliverGathered();

    /// <summary>Puts what this thread's batch brought so far into mailboxes. On a receive loop.</summary>
    public void DeliverGathered()
    {
        if (t_touched is { Count: > 0 } touched)
        {
            foreach (InboundTarget target in touched)
            {
                target.Deliver(node);
            }

            touched.Clear();
        }
    }

    /// <summary>
    /// In the usual case the slot is owned here, and the sender knows no later view: it runs here. Everything else goes through the gate, behind what came before it.
    /// </summary>
    private void DispatchBySlot(ref InboundRequest request, InboundTarget target, SlotGate slots)
    {
        bool byRecord = false;
        bool isReturned = false;
        uint stay = 0;
        if (request.Extensions.Length > ActorCall.UsualExtensionBytes || SlotWay.IsFirst(request.Extensions))
        {
            SlotWay.Read(request.Extensions, out byRecord, out isReturned, out stay);
        }

        var line = (SlotLine)request.Connection.LayerState!;
        if (!byRecord && !isReturned && stay == 0 && line.PeerEpoch <= slots.OpenEpoch && target.StateIn(slots) == SlotState.Owned)
        {
            RunHere(ref request, target, target.Activation);
            return;
        }

        PassGate(ref request, target, slots, line, byRecord, isReturned, stay);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PassGate(ref InboundRequest request, InboundTarget target, SlotGate slots, SlotLine line, bool byRecord, bool isReturned, uint stay)
    {
        if (request.Method is not ActorMethod method)
        {
            RefuseMethod(ref request, target);
            return;
        }

        DeliverGathered();
        byte hopsLeft = request.Header.HopsLeft;
        ActorCall call = method.Rent();
        call.TakeOver(node, target.Id, ref request);
        slots.Receive(line, new CallRequest(call, target.Id, target.Slot, null) { HopsLeft = hopsLeft, ByRecord = byRecord, IsReturned = isReturned, Stay = stay });
    }

    private void RunHere(ref InboundRequest request, InboundTarget target, Activation? known)
    {
        if (request.Method is not ActorMethod method || !target.Answers(method.Interface.Type))
        {
            RefuseMethod(ref request, target);
        }
        else if (request.Extensions.Length > ActorCall.UsualExtensionBytes || request.Streams is not null || request.Hold.Slab is null || !target.TryGather(ref request, method))
        {
            ActorCall call = method.Rent();
            call.TakeOver(node, target.Id, ref request);
            if (target.Gather(call, known))
            {
                (t_touched ??= []).Add(target);
            }
        }
    }

    /// <inheritdoc/>
    public override void Cancel(Connection from, ulong correlation)
    {
        if (node.InboundCancellable.TryGetValue((from, correlation), out ActorCall? call))
        {
            call.CancelTurn();
        }

        if (node.InboundForwarded.TryGetValue((from, correlation), out ForwardedRequest? forwarded))
        {
            forwarded.Cancel();
        }
    }

    private void Forward(ref InboundRequest request, ActorRoute route)
    {
        if (request.Header.HopsLeft == 0)
        {
            Refuse(ref request, new Fault(FaultCode.TooManyHops, "it was passed on too often"));
            return;
        }

        if (route.Host.Peer!.Connection is not { } connection || request.Method is not ActorMethod method)
        {
            Refuse(ref request, new Fault(FaultCode.NotServing, $"the node {route.Host.Id.ToShortString()} that has the actor is not connected there"));
            return;
        }

        Action? passed = node.Slots?.BeginPass(); // Who leaves waits for the answer.
        (Connection, ulong)? key = request.IsAsk ? (request.Connection, request.Header.Correlation) : null;
        var forward = new ForwardedRequest(node.CountLostTell, request.Connection, connection, route.Target, method.Outbound)
        {
            Correlation = key?.Item2,
            Deadline = request.Deadline,
            HopsLeft = (byte)(request.Header.HopsLeft - 1),
            Streams = request.Streams,
            Extensions = ExtensionsOf(request),
            Hold = request.Hold,
            Passed = key is not { } ask ? passed : () =>
            {
                node.InboundForwarded.TryRemove(ask, out _);
                passed?.Invoke();
            },
        };
        request.Hold = default;
        if (key is { } cancellable)
        {
            node.InboundForwarded[cancellable] = forward; // Before its cancel can come, which this loop receives.
        }

        forward.Send();
    }

    /// <summary>What the caller said of the request goes on with it, as whole extensions; what the transport said is written anew.</summary>
    private static byte[]? ExtensionsOf(in InboundRequest request)
    {
        byte[]? trace = TraceExtension.Take(request.Extensions);
        if (!ExtensionReader.TryFind(request.Extensions, ExtensionTag.RequestContext, out ReadOnlySpan<byte> value) || value.Length > RequestContext.BytesMax)
        {
            return trace;
        }

        byte[] extension = new byte[ExtensionReader.PaddedBytes(value.Length)];
        new ExtensionWriter(extension).TryAppend(ExtensionTag.RequestContext, value);
        return trace is null ? extension : TraceExtension.Join(extension, trace).ToArray();
    }

    /// <summary>Apart, as all that is not usual: a usual request pays for no text.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RefuseMethod(ref InboundRequest request, InboundTarget target) => Refuse(
        ref request,
        request.Method is Fault fault ? fault
            : request.Method is not ActorMethod method ? new Fault(FaultCode.NoSuchMethod, "the request names no method")
            : new Fault(FaultCode.NoSuchMethod, $"the class {target.Id.ClassName} does not have the interface {method.Interface.Name}"));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refuse(ref InboundRequest request, in Fault fault)
    {
        if (request.IsAsk)
        {
            request.Connection.ReplyFault(request.Header.Correlation, fault);
        }
        else
        {
            node.CountLostTell(fault.Code, request.Connection);
        }

        request.Hold.Release();
        MessageStreams.DisposeAll(request.Streams);
    }
}
