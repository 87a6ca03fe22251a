using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Activations;
using Kameo.Actors.Diagnostics;
using Kameo.Actors.Placement;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Calls;

/// <content>Hops 1 to 4 of a tell to an actor of another node that needs no call object: nothing looks at it on its way, and nothing goes with it.</content>
internal sealed partial class CallSender
{
    /// <summary>Sends a tell to the node that owns the actor's slot, or, from a client, to the one that is to know.</summary>
    /// <param name="reference">The actor, called on no terms of its own.</param>
    /// <param name="route">Where it is, as far as the nodes known now say.</param>
    /// <param name="ask">The arguments.</param>
    /// <param name="sent">Completes when the ring has it.</param>
    /// <returns>False if it has to take the long way, as a call object: nothing was sent.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever encoding throws belongs to the caller of this tell.")]
    public bool TryTellThere<TAsk, TForm>(ActorReference reference, ActorRoute route, in TAsk ask, out ValueTask sent)
        where TAsk : struct
        where TForm : struct, ITellForm<TAsk>
    {
        sent = default;
        Turn? turn = Turn.Current;
        if (node.OutgoingFilters is not null || turn is { Activation.MayEnter: false } || RequestContext.Current is not null || ActorTracing.IsToSee(turn) || node.WithoutHost.Has(reference)
            || PlainWay(route) is not { } connection)
        {
            return false;
        }

        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            scratch.SendTo(connection, connection.FrameBytesMax);
            var writer = new MessagePackWriter(scratch);
            TForm.EncodeArguments(ask, ref writer);
            var options = new RequestOptions(node.Clock.After(node.TellTimeout)) { InsideTurn = turn is not null, Sender = turn, Streams = scratch.Streams?.ToArray(), Attached = scratch.Attached };
            if (!TryTellThere(route, connection, null, TForm.Method, options, scratch, out sent))
            {
                scratch.GiveBack();
                return false;
            }

            scratch.Streams?.Send();
        }
        catch (Exception exception)
        {
            sent = ValueTask.FromException(exception);
            return true;
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }

        if (!sent.IsCompletedSuccessfully)
        {
            sent = Explain(sent, route, connection);
        }

        return true;
    }

    /// <summary>The connection that needs nothing on its requests that says how the actor was found; null: there is none at this moment.</summary>
    private Connection? PlainWay(ActorRoute route) =>
        !route.IsBySlot ? route.Host.Peer?.Connection : node.Slots!.WayOf(route.Id) is null ? route.WayToOwner(node) : null;
}
