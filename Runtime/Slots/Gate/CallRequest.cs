using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Deadlocks;
using Kameo.Actors.Errors;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Slots.Gate;

/// <summary>A call whose slot moves, or whose actor is not where its slot is: made on this node, taken over from a connection, or left in a mailbox. Under the gate.</summary>
/// <param name="call">The call. One that is made on this node and has an answer is in the node's table of local asks, whatever becomes of it here, so time and its caller end it as they end any other.</param>
/// <param name="id">The actor.</param>
/// <param name="slot">Its slot.</param>
/// <param name="target">Its id on the wire; null: made when it is needed.</param>
internal sealed class CallRequest(ActorCall call, ActorId id, int slot, OutboundTarget? target) : SlotRequest(id, slot)
{
    private OutboundTarget? _target = target;

    /// <summary>The call.</summary>
    public ActorCall Call => call;

    /// <summary>Of a tell that its sender still waits with: what it waits for. Null: nobody does.</summary>
    public TaskCompletionSource? Placed { get; set; }

    /// <summary>Whether its sender is a turn of the actor that it is for, or runs on the stack of one: that cannot wait for itself.</summary>
    public bool IsUpStack { get; init; }

    /// <summary>Of a tell: who waits for the turn that sends it.</summary>
    public CallChain Sender { get; init; }

    /// <summary>Whether its arguments were too large for a frame, and are still arriving: sent on, it would come behind what was sent later.</summary>
    public bool IsArriving => call.Gathered is { IsDone: false };

    /// <summary>Gives it to the actor's activation here, which is made if need be.</summary>
    /// <param name="node">The node.</param>
    /// <param name="fence">The fence of an activation that is made now.</param>
    public void Run(ActorNode node, long fence)
    {
        if (ActorCatalog.FindClass(Id.ClassName) is not { } @class || !@class.Answers(call.Method.Interface.Type))
        {
            Refuse(new Fault(FaultCode.NoSuchMethod, $"the class {Id.ClassName} does not have the interface {call.Method.Interface.Name} there"));
        }
        else if (call.IsWithdrawn)
        {
            Refuse(new Fault(FaultCode.Cancelled, "it was cancelled before it ran"));
        }
        else if (Placed is { } placed)
        {
            RunTold(node, @class, fence, placed);
        }
        else if (node.Activations.TryPlace(call, Id, @class, fence, out _) is { } activation)
        {
            activation.Schedule();
        }
        else
        {
            RefuseStopping();
        }
    }

    /// <summary>The same of a tell whose sender waits: until the mailbox has a place, as if it had been sent there at a glance.</summary>
    private void RunTold(ActorNode node, ActorClass @class, long fence, TaskCompletionSource placed)
    {
        int capacity = node.Options.MailboxCapacity;
        Activation? found = node.Activations.TryFind(Id);
        long queued = found?.QueuedCalls ?? 0;
        bool isFull = queued >= capacity;
        if (isFull && (IsUpStack || (!found!.LetsPass && Sender.LeadsTo(found)) || queued >= (long)capacity * Activation.ParkedFactor))
        {
            Refuse(new Fault(FaultCode.Overloaded, $"{queued} calls wait in its mailbox"));
            return;
        }

        long deadline = call.DeadlineMilliseconds;
        call.DeadlineMilliseconds = long.MaxValue; // Once it has a place in the mailbox it stays there.
        call.HeldBy(isFull ? 2 : 1); // The turn, and a sender that waits.
        call.MayBeWithdrawn = isFull;
        if (node.Activations.TryPlace(call, Id, @class, fence, out long number) is not { } activation)
        {
            call.HeldBy(1);
            RefuseStopping();
            return;
        }

        if (isFull)
        {
            _ = PlaceAsync(activation.WaitForPlaceAsync(number, call, deadline, Sender), placed);
        }
        else
        {
            placed.TrySetResult();
        }

        activation.Schedule();
    }

    private void RefuseStopping() => Refuse(new Fault(FaultCode.NotServing, "its node is shutting down"));

    private static async Task PlaceAsync(Task place, TaskCompletionSource placed)
    {
        await place.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        placed.TrySetFromTask(place);
    }

    /// <summary>Sends it to the node that has the actor.</summary>
    public void Forward(Connection connection)
    {
        if (call.IsGivenUpThere)
        {
            Refuse(new Fault(FaultCode.Cancelled, "it was cancelled before it ran"));
            return;
        }

        (bool isTell, ActorNode node) = (call.IsTell, call.Node); // Sent, it is somebody else's.
        ValueTask sent = call.SendOn(connection, _target ??= Id.ToTarget(), (byte)HopsLeft, Stay != 0 ? SlotWay.Of(Stay) : SlotWay.Of(ByRecord, IsReturned));
        if (Placed is { } placed)
        {
            _ = TellAsync(sent, placed, connection);
        }
        else if (isTell && !sent.IsCompletedSuccessfully)
        {
            _ = CountIfLostAsync(sent, node);
        }
    }

    /// <summary>It did not run: its class is pinned, and no node has the label.</summary>
    public void RefuseByLabel(string? label) => Refuse(new Fault(FaultCode.NoSuchTarget, $"no node that hosts the class {Id.ClassName} has the label '{label}'"));

    /// <summary>It did not run, and will not.</summary>
    public void Refuse(Refusal refusal) => Refuse(refusal switch
    {
        Refusal.TooManyHops => new Fault(FaultCode.TooManyHops, "it was passed on too often"),
        Refusal.Expired => new Fault(FaultCode.Expired, "its time passed while its actor moved from node to node"),
        Refusal.NoHost => new Fault(FaultCode.NoSuchTarget, $"no node in the cluster hosts the class {Id.ClassName}"),
        Refusal.Overloaded => new Fault(FaultCode.Overloaded, "too many calls wait for actors that move from node to node"),
        _ => new Fault(FaultCode.NotServing, "the node is not part of the cluster any more, or its sender is not"),
    });

    /// <inheritdoc cref="Refuse(Refusal)"/>
    public void Refuse(in Fault fault)
    {
        if (Placed is { } placed)
        {
            placed.TrySetException(CallFailure.Of(fault, Id, null));
            call.LetGo();
        }
        else
        {
            call.Refuse(fault);
        }
    }

    /// <summary>A tell that left a mailbox here: its sender knows it as sent, so what is lost is counted.</summary>
    private static async Task CountIfLostAsync(ValueTask sent, ActorNode node)
    {
        try
        {
            await sent.ConfigureAwait(false);
        }
        catch (Transport.TransportException exception)
        {
            node.CountLostTell(exception.End switch
            {
                AskEnd.Overloaded => FaultCode.Overloaded,
                AskEnd.TooLarge => FaultCode.BadArguments,
                _ => FaultCode.Unreachable,
            });
        }
        catch (Exception)
        {
            node.CountLostTell(FaultCode.BadArguments); // Encoding threw.
        }
    }

    private async Task TellAsync(ValueTask sent, TaskCompletionSource placed, Connection connection)
    {
        try
        {
            await sent.ConfigureAwait(false);
            placed.TrySetResult();
        }
        catch (Transport.TransportException exception)
        {
            placed.TrySetException(CallFailure.Of(exception.End, exception.Message, Id, connection.PeerId));
        }
        catch (Exception exception)
        {
            placed.TrySetException(exception); // Whatever encoding threw belongs to its sender.
        }
    }
}
