using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Connections;

/// <content>Messages of the layer above that keep their place among the requests, and need no window.</content>
internal sealed partial class Connection
{
    /// <summary>What messages in line with the requests are sent to, for the count of those that wait: nobody is paused by that name.</summary>
    private static readonly OutboundTarget s_line = new([0]);

    /// <summary>
    /// Sends a message of the layer above in line with the requests: behind all that this connection took before, and before what it takes later. It needs no window; where the ring is full it waits, also behind requests
    /// that do, but for those to paused targets and those of turns (<see cref="CollectWaiting"/>). Lost when the connection ends.
    /// </summary>
    public void PutOrdered(ReadOnlySpan<byte> payload)
    {
        if (State != ConnectionState.Open)
        {
            return;
        }

        if (HandedOverTo is { } successor)
        {
            successor.PutOrdered(payload); // Requests go there from now on: here it would pass them.
            return;
        }

        Span<byte> head = stackalloc byte[FrameHeader.Bytes];
        var draft = new FrameDraft(head, new FrameHeader { Kind = FrameKind.Ordered }, payload.Length);
        ReadOnlySpan<byte> start = draft.Finish();
        if (!_sendQueue.RequestsWait && TryPut(start, payload, null) == ClaimStatus.Claimed)
        {
            KickAfterSend();
            return;
        }

        var parked = ParkedSend.RentOrdered(s_line, start, payload);
        if (_sendQueue.TryPark(parked))
        {
            Pump();
        }
        else
        {
            parked.Drop();
        }
    }

    /// <summary>Adds the targets of all requests that wait here to be sent.</summary>
    public void CollectWaiting(Action<OutboundTarget> found)
    {
        if (_sendQueue.RequestCount != 0)
        {
            _sendQueue.CollectTargets(found);
        }
    }
}
