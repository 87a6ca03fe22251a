using System.Buffers;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Connections;

/// <content>Messages of the layer above that keep their place among the requests, and need no window.</content>
internal sealed partial class Connection
{
    /// <summary>Most bytes of a message in line with the requests, all its frames together: what this end holds of one that is arriving, as its bytes arrive.</summary>
    public const int OrderedBytesMax = 16 * 1024 * 1024;

    /// <summary>The target of a frame that is a part of a message; its correlation is how many bytes of the message follow.</summary>
    private const uint PartTarget = 1;

    /// <summary>What messages in line with the requests are sent to, for the count of those that wait: nobody is paused by that name.</summary>
    private static readonly OutboundTarget s_line = new([0]);

    /// <summary>What has arrived of a message in parts; null between such messages. Of the receive loop, as the next.</summary>
    private ArrayBufferWriter<byte>? _orderedParts;
    private int _orderedBytesLeft;

    /// <summary>
    /// Sends a message of the layer above in line with the requests: behind all that this connection took before, and before what it takes later. It needs no window; where the ring is full it waits, also behind requests
    /// that do, but for those to paused targets and those of turns (<see cref="CollectWaiting"/>). One that is longer than a frame goes in parts. Lost when the connection ends, unless another took over.
    /// </summary>
    /// <param name="payload">Up to <see cref="OrderedBytesMax"/>; a longer one ends the connection, since what follows would rely on it.</param>
    public void PutOrdered(ReadOnlySpan<byte> payload)
    {
        if (HandedOverTo is { } successor)
        {
            successor.PutOrdered(payload); // Requests go there from now on: here it would pass them.
            return;
        }

        if (State != ConnectionState.Open)
        {
            return;
        }

        if (payload.Length > OrderedBytesMax)
        {
            Close(CloseReason.OversizedFrame, $"a message of {payload.Length} bytes in line with requests; at most {OrderedBytesMax} are allowed");
            return;
        }

        Span<byte> head = stackalloc byte[FrameHeader.Bytes];
        var draft = new FrameDraft(head, new FrameHeader { Kind = FrameKind.Ordered }, payload.Length);
        ReadOnlySpan<byte> start = draft.Finish();
        bool fits = start.Length + payload.Length <= _frameBytesMax;
        if (fits && !_sendQueue.RequestsWait && TryPut(start, payload, null) == ClaimStatus.Claimed)
        {
            KickAfterSend();
            return;
        }

        var parked = ParkedSend.RentOrdered(s_line, start, payload);
        if (_sendQueue.TryPark(parked))
        {
            Pump();
        }
        else if (HandedOverTo is { } taker)
        {
            taker.PutOrdered(payload); // It came while the queue was handed over.
            parked.Drop();
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

    /// <summary>
    /// Moves as much of a message that is longer than a frame into the ring as there is room for; under the queue's lock. What else goes between its parts is no part of such a message, since these follow each other in one
    /// lane. Where another connection takes over before its last part, the whole goes there, and what is here of it is let go with this connection.
    /// </summary>
    /// <returns>Whether all of it is in the ring.</returns>
    private bool TryPutParts(ParkedSend parked)
    {
        Span<byte> head = stackalloc byte[FrameHeader.Bytes];
        while (true)
        {
            ReadOnlySpan<byte> rest = parked.Payload[parked.PartBytes..];
            ReadOnlySpan<byte> part = rest[..Math.Min(rest.Length, _frameBytesMax - FrameHeader.Bytes)];
            int left = rest.Length - part.Length;
            var draft = new FrameDraft(head, new FrameHeader { Kind = FrameKind.Ordered, Target = PartTarget, Correlation = (ulong)left }, part.Length);
            if (TryPut(draft.Finish(), part, null) != ClaimStatus.Claimed)
            {
                return false;
            }

            parked.PartBytes += part.Length;
            if (left == 0)
            {
                return true;
            }
        }
    }

    /// <summary>A message in line with the requests has arrived, or a part of one.</summary>
    private void OnOrdered(IConnectionObserver observer, in Frame frame)
    {
        ReadOnlySpan<byte> message = frame.Payload;
        if (frame.Header.Target == PartTarget)
        {
            ulong left = frame.Header.Correlation;
            bool isFirst = _orderedParts is null;
            if (message.IsEmpty || (isFirst ? left > (ulong)(OrderedBytesMax - message.Length) : left != (ulong)(_orderedBytesLeft - message.Length)))
            {
                Close(CloseReason.ProtocolViolation, $"a part of a message in line with requests that does not follow, or of more than {OrderedBytesMax} bytes");
                return;
            }

            ArrayBufferWriter<byte> parts = _orderedParts ??= new ArrayBufferWriter<byte>();
            parts.Write(message); // Grows with what arrives, not with what is announced.
            _orderedBytesLeft = (int)left;
            if (left != 0)
            {
                return;
            }

            _orderedParts = null;
            message = parts.WrittenSpan;
        }

        if (observer.OnOrdered(this, message) is { } wrong)
        {
            Close(CloseReason.ProtocolViolation, wrong);
        }
    }
}
