using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Deadlocks;
using Kameo.Actors.Diagnostics;
using Kameo.Actors.Errors;
using Kameo.Actors.Observers;
using Kameo.Actors.Placement;
using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Direct;
using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Calls;

/// <summary>Hops 1 to 4 of a call that this node's code makes: time, route, then the mailbox of an actor here or the ring of the connection to its node. Runs on the caller.</summary>
/// <param name="node">The node.</param>
internal sealed partial class CallSender(ActorNode node)
{
    /// <summary>Sends an ask. Whatever happens, it completes exactly once.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever encoding throws belongs to the caller of this ask.")]
    public void Ask(ActorReference reference, ActorCall call, CancellationToken cancellation)
    {
        try
        {
            Turn? turn = Turn.Current;
            Prepare(call, reference.Terms?.Timeout ?? call.Method.AskTimeout ?? node.AskTimeout, turn);
            if (turn is not null)
            {
                turn.Note(call);
            }

            call.BeginObserved(reference);
            if (cancellation.IsCancellationRequested)
            {
                call.Fail(new OperationCanceledException(cancellation));
            }
            else if (node.WithoutHost.Has(reference) || reference.FindRoute() is not { } route || !TryAsk(route, call, cancellation))
            {
                node.WithoutHost.Ask(reference, call, cancellation);
            }
        }
        catch (Exception exception)
        {
            call.Fail(exception);
        }
    }

    /// <summary>Sends a tell.</summary>
    /// <exception cref="ActorCallException">It was not sent.</exception>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever encoding throws belongs to the caller of this tell.")]
    public ValueTask Tell(ActorReference reference, ActorCall call, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            call.LetGo();
            return ValueTask.FromCanceled(cancellation);
        }

        try
        {
            Prepare(call, reference.Terms?.Timeout ?? node.TellTimeout, Turn.Current);
            call.BeginObserved(reference);
            Activity? span = call.Trace?.Client; // Sent, the call is somebody else's.
            if (node.WithoutHost.Has(reference) || reference.FindRoute() is not { } route || !TryTell(route, call, out ValueTask sent))
            {
                sent = node.WithoutHost.Tell(reference, call, cancellation);
            }

            return span is null ? sent : ActorTracing.EndWithAsync(span, sent);
        }
        catch (Exception exception)
        {
            call.LetGo();
            return ValueTask.FromException(exception);
        }
    }

    /// <summary>Whether a call can be sent by a route at this moment.</summary>
    public static bool MayGo(ActorRoute route) => route.IsBySlot || route.Host.IsLocal || route.Host.Peer!.Connection is not null;

    private static Exception Unreachable(ActorReference reference, string why) =>
        new NodeUnreachableException(CallOutcome.NotRun, default, null, $"The call of {reference} did not run: {why}.");

    /// <summary>Nobody known hosts the actor, or its node is not connected.</summary>
    public static Exception NoHost(ActorReference reference) => Unreachable(reference, reference.Node.Stopping.IsCancellationRequested ? "this node has been stopped"
        : !reference.Node.IsTicking ? "this node has not been started"
        : reference.KnownClassName == ObserverActor.ClassName ? "the node of the observer is not connected"
        : reference.Node.Transport.WhyAlone is { } alone ? alone
        : reference.Interface.Type.IsConstructedGenericType ? "no node that is connected hosts such actors; the project of a generic class names the forms that it is hosted as, with [assembly: ActorForm(typeof(...))]"
        : "no node that is connected hosts such actors");

    private void Prepare(ActorCall call, TimeSpan timeout, Turn? turn)
    {
        call.Node = node;
        call.DeadlineMilliseconds = node.Clock.After(timeout);
        if (turn is not null)
        {
            if (!turn.Activation.MayEnter)
            {
                ThrowLapsed();
            }

            if (turn.DeadlineMilliseconds < call.DeadlineMilliseconds && !call.IsTell)
            {
                call.DeadlineMilliseconds = turn.DeadlineMilliseconds; // Nobody waits for the turn any longer than that.
            }
        }

        call.Context = RequestContext.Current;
    }

    [DoesNotReturn]
    private static void ThrowLapsed() =>
        throw new NodeUnreachableException(CallOutcome.NotRun, default, null, "The call was not sent: the lease of the calling actor's node has ended.");

    /// <summary>Sends an ask by its route.</summary>
    /// <returns>False if the actor's node is not connected at this moment: nothing was sent.</returns>
    public bool TryAsk(ActorRoute route, ActorCall call, CancellationToken cancellation)
    {
        call.GoBy(route);
        if (route.IsHere)
        {
            AskHere(route, call, cancellation);
            return true;
        }

        DirectWay? direct = null;
        if ((route.IsBySlot ? route.WayTo(node, out direct) : route.Host.Peer!.Connection) is not { } connection)
        {
            return route.IsBySlot && AskGate(route, call, cancellation);
        }

        call.SentTo = connection.PeerId;
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            scratch.SendTo(connection, connection.FrameBytesMax);
            var writer = new MessagePackWriter(scratch);
            call.EncodeArguments(ref writer);
            if (cancellation.CanBeCanceled)
            {
                call.HeldBy(2); // The caller, which has the awaitable already if the call had to wait for a host, and this: the answer may come, and be taken, before the token is looked at.
            }

            if (!TryAskThere(route, connection, direct, call, scratch))
            {
                call.SentTo = null;
                scratch.GiveBack();
                return AskGate(route, call, cancellation);
            }

            scratch.Streams?.Send();
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }

        if (cancellation.CanBeCanceled)
        {
            call.CancelWith(cancellation, connection);
            call.LetGo();
        }

        return true;
    }

    private bool AskGate(ActorRoute route, ActorCall call, CancellationToken cancellation)
    {
        node.Slots!.Ask(route, call, cancellation);
        return true;
    }

    /// <returns>False if the slot is not there any more.</returns>
    private bool TryAskThere(ActorRoute route, Connection connection, DirectWay? direct, ActorCall call, ScratchBuffer encoded)
    {
        if (!route.IsBySlot)
        {
            connection.Ask(call, route.Target, call.Method.Outbound, OptionsOf(call, encoded), encoded.WrittenSpan);
            return true;
        }

        SendSections section = SendSections.Current;
        section.Enter();
        try
        {
            if (!route.LeadsTo(node, connection, direct))
            {
                return false;
            }

            direct?.Use();
            connection.Ask(call, route.Target, call.Method.Outbound, OptionsOf(call, encoded, direct), encoded.WrittenSpan);
            return true;
        }
        finally
        {
            section.Leave();
        }
    }

    /// <inheritdoc cref="TryAskThere"/>
    private bool TryTellThere(ActorRoute route, Connection connection, DirectWay? direct, ActorMethod method, scoped in RequestOptions options, ScratchBuffer encoded, out ValueTask sent)
    {
        if (!route.IsBySlot)
        {
            sent = connection.Tell(route.Target, method.Outbound, options, encoded.WrittenSpan);
            return true;
        }

        sent = default;
        SendSections section = SendSections.Current;
        section.Enter();
        try
        {
            if (!route.LeadsTo(node, connection, direct))
            {
                return false;
            }

            direct?.Use();
            sent = connection.Tell(route.Target, method.Outbound, options, encoded.WrittenSpan);
            return true;
        }
        finally
        {
            section.Leave();
        }
    }

    private static RequestOptions OptionsOf(ActorCall call, ScratchBuffer encoded, DirectWay? direct = null)
    {
        Turn? turn = Turn.Current;
        return new RequestOptions(call.DeadlineMilliseconds)
        {
            InsideTurn = turn is not null,
            Sender = turn,
            Streams = encoded.Streams?.ToArray(),
            Attached = encoded.Attached,
            Extensions = call.Context is null && call.Trace is null && direct is null ? default
                : SlotWay.Join(TraceExtension.Join(call.Context is { } context ? context.Extension : default, call.Trace?.Parent), direct is null ? 0 : SlotWay.Of(direct.Stay)),
        };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AskHere(ActorRoute route, ActorCall call, CancellationToken cancellation)
    {
        InlineThread.Current.Runs = 0;
        call.CopyArguments();
        Activation? activation = route.Activation ?? node.Activations.Find(route);
        call.HeldBy(2); // The caller and the turn.
        if (!node.LocalAsks.TryAdd(call))
        {
            call.HeldBy(1);
            call.Fail(new OverloadedException(route.Id, null, $"The call of {route.Id} did not run: {node.Options.LocalAsksMax} asks wait for actors of this node already."));
            return;
        }

        if (cancellation.CanBeCanceled)
        {
            call.CancelWith(cancellation, null); // Before it is delivered: whoever sends it on to another node looks whether it has a token, and says where it went.
        }

        if (!node.Activations.TryDeliver(call, ref activation, out _))
        {
            if (node.LocalAsks.TryTake(call))
            {
                call.HeldBy(1);
                call.Fail(new NodeUnreachableException(CallOutcome.NotRun, route.Id, null, $"The call of {route.Id} did not run: the node is stopping."));
            }

            return;
        }

        Remember(route, activation);
        Settle(route, activation!);
    }

    /// <summary>A call is in the mailbox, and will be looked at.</summary>
    private void Settle(ActorRoute route, Activation activation)
    {
        activation.ScheduleAfterPush();
        if (activation.IsNew)
        {
            LookAgain(route, activation);
        }
    }

    /// <summary>
    /// A call is in the mailbox of an activation that had not begun: if its slot was lost meanwhile it takes its way before this returns, so that what its sender does next comes behind it. The push was the full fence between
    /// the table and this look.
    /// </summary>
    public void LookAgain(ActorRoute route, Activation activation)
    {
        if (route.IsBySlot && route.State != SlotState.Owned)
        {
            node.Slots!.GiveBack(activation);
        }
    }

    /// <summary>Not written when it is known: many threads read it. A worker is one of several, so it is not remembered.</summary>
    private static void Remember(ActorRoute route, Activation? activation)
    {
        if (!ReferenceEquals(route.Activation, activation) && activation is { IsWorker: false })
        {
            route.Activation = activation;
        }
    }

    /// <summary>Sends a tell by its route.</summary>
    /// <inheritdoc cref="TryAsk"/>
    public bool TryTell(ActorRoute route, ActorCall call, out ValueTask sent)
    {
        call.GoBy(route);
        if (route.IsHere)
        {
            sent = TellHere(route, call);
            return true;
        }

        sent = default;
        DirectWay? direct = null;
        if ((route.IsBySlot ? route.WayTo(node, out direct) : route.Host.Peer!.Connection) is not { } connection)
        {
            if (route.IsBySlot)
            {
                sent = node.Slots!.Tell(route, call);
            }

            return route.IsBySlot;
        }

        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            scratch.SendTo(connection, connection.FrameBytesMax);
            var writer = new MessagePackWriter(scratch);
            call.EncodeArguments(ref writer);
            if (!TryTellThere(route, connection, direct, call.Method, OptionsOf(call, scratch, direct), scratch, out sent))
            {
                scratch.GiveBack();
                sent = node.Slots!.Tell(route, call);
                return true;
            }

            scratch.Streams?.Send();
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }

        call.LetGo();
        if (!sent.IsCompletedSuccessfully)
        {
            sent = Explain(sent, route, connection);
        }

        return true;
    }

    /// <summary>A tell waits to be sent, or was refused at once.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ValueTask Explain(ValueTask sent, ActorRoute route, Connection connection)
    {
        Task explained = ExplainAsync(sent, route.Id, connection.PeerId);
        if (!explained.IsCompleted && Turn.Current is { } turn && CallChain.From(turn) is { IsOpen: true } sender)
        {
            node.Activations.Senders.Watch(new WaitingSend(turn.Run(), route, connection, explained, sender));
        }

        return new ValueTask(explained);
    }

    private static async Task ExplainAsync(ValueTask sent, ActorId id, PeerId to)
    {
        try
        {
            await sent.ConfigureAwait(false);
        }
        catch (TransportException exception)
        {
            throw CallFailure.Of(exception.End, exception.Message, id, to);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ValueTask TellHere(ActorRoute route, ActorCall call)
    {
        call.CopyArguments();
        Activation? activation = route.Activation ?? node.Activations.LeastBusyWorker(route.Id);
        long queued = activation?.QueuedCalls ?? 0;
        bool isFull = queued >= node.Options.MailboxCapacity;
        CallChain sender = default;
        if (isFull && (queued >= (long)node.Options.MailboxCapacity * Activation.ParkedFactor || WaitsFor(activation!, out sender)))
        {
            call.LetGo();
            return ValueTask.FromException(new OverloadedException(route.Id, null, $"The tell to {route.Id} was not sent: {queued} calls wait in its mailbox."));
        }

        long deadline = call.DeadlineMilliseconds;
        call.DeadlineMilliseconds = long.MaxValue; // Once it has a place in the mailbox it stays there.
        call.HeldBy(isFull ? 2 : 1); // The turn, and a sender that waits.
        call.MayBeWithdrawn = isFull;
        if (!node.Activations.TryDeliver(call, ref activation, out long number))
        {
            call.HeldBy(1);
            call.LetGo();
            return ValueTask.FromException(new NodeUnreachableException(CallOutcome.NotRun, route.Id, null, $"The tell to {route.Id} was not sent: the node is stopping."));
        }

        Remember(route, activation);
        ValueTask placed = isFull ? new ValueTask(activation!.WaitForPlaceAsync(number, call, deadline, sender)) : default;
        Settle(route, activation!);
        return placed;
    }

    /// <summary>Whether an actor takes nothing out of its mailbox before the turn that runs here has gone on: it is that turn's own, or up its call chain.</summary>
    /// <param name="activation">The actor.</param>
    /// <param name="sender">The chain, which may lead there later: who asked may not have awaited its ask yet.</param>
    private static bool WaitsFor(Activation activation, out CallChain sender)
    {
        sender = default;
        if (Turn.Current is not { } turn)
        {
            return false;
        }

        if (ReferenceEquals(turn.Activation, activation) || CallChain.IsOnStack(turn, activation))
        {
            return true;
        }

        sender = CallChain.From(turn);
        return !activation.LetsPass && sender.LeadsTo(activation); // Of one that lets some in beside its turns it is to be seen whether that makes a place: SenderWatch.
    }
}
