using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Rings;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Connections;

/// <summary>
/// Hop 9: replies and faults into the ring, and the transport's own frames. Runs on the callee; needs no window and never waits: what finds the ring full is kept in order, up to
/// <see cref="TransportLimits.UnsentReplyBytesMax"/>, beyond which the peer is closed for not reading.
/// </summary>
internal sealed partial class Connection
{
    /// <summary>Bytes of replies that wait here, for the ring or for a place for their streams.</summary>
    public long WaitingReplyBytes => _sendQueue.ReplyBytes + _streamsOut.DeferredBytes;

    /// <summary>Hop 9: sends a reply. Needs no window and never waits: when the ring is full it is kept and sent behind the replies before it. Dropped when the connection has ended.</summary>
    public void Reply(ulong correlation, ReadOnlySpan<byte> payload, OutboundStream[]? streams = null, AttachedBytes? attached = null)
    {
        bool isUsual = streams is null && attached is null && FrameHeader.Bytes + payload.Length <= Math.Min(_frameBytesMax, PendingBudget.ReplyBytesMax);
        if (!isUsual || !TryAnswerAtOnce(FrameKind.Reply, correlation, payload))
        {
            PutReply(FrameKind.Reply, correlation, payload, streams, attached);
        }
    }

    /// <summary>Sends a fault instead of a reply.</summary>
    public void ReplyFault(ulong correlation, in Fault fault)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            EncodeFault(scratch, fault);
            PutOwn(FrameKind.Fault, scratch.WrittenSpan, correlation);
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    /// <summary>Encodes a fault so that it fits the frame of an answer: if it must be, without what it came of, then without its stack, and then as a shorter and shorter text.</summary>
    private void EncodeFault(ScratchBuffer scratch, in Fault fault)
    {
        if (TryEncodeFault(scratch, fault) || TryEncodeFault(scratch, fault with { Cause = null }) || TryEncodeFault(scratch, fault with { Cause = null, StackTrace = string.Empty }))
        {
            return;
        }

        int textLength = Math.Min(fault.Message.Length, Fault.TextLengthMax);
        while (!TryEncodeFault(scratch, new Fault(fault.Code, fault.TypeName.Length <= textLength ? fault.TypeName : string.Empty, fault.Message[..textLength], string.Empty)) && textLength != 0)
        {
            textLength /= 2;
        }
    }

    private bool TryEncodeFault(ScratchBuffer scratch, in Fault fault)
    {
        scratch.Clear();
        var writer = new MessagePackWriter(scratch);
        fault.Encode(ref writer);
        return FrameHeader.Bytes + scratch.WrittenBytes <= Math.Min(_frameBytesMax, PendingBudget.ReplyBytesMax);
    }

    /// <summary>Forwards a reply or fault frame's payload to the caller that waits here.</summary>
    public void ReplyRaw(FrameKind kind, ulong correlation, ReadOnlySpan<byte> payload, OutboundStream[]? streams = null) => PutReply(kind, correlation, payload, streams);

    /// <summary>Asks the peer to send nothing more to a target for now.</summary>
    internal void PutPause(uint target) => PutOwn(new FrameHeader { Kind = FrameKind.Pause, Target = target }, default);

    /// <summary>The target takes requests again.</summary>
    internal void PutResume(uint target) => PutOwn(new FrameHeader { Kind = FrameKind.Resume, Target = target }, default);

    /// <summary>Writes a frame of the transport's own: no window, kept when the ring is full.</summary>
    internal void PutOwn(FrameKind kind, ReadOnlySpan<byte> payload, ulong correlation = 0) => PutOwn(new FrameHeader { Kind = kind, Correlation = correlation }, payload);

    private void PutOwn(scoped in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[FrameHeader.Bytes];
        var draft = new FrameDraft(head, header, payload.Length);
        ReadOnlySpan<byte> start = draft.Finish();
        if (header.Kind is FrameKind.Credit or FrameKind.Cancel or FrameKind.StreamEnd or FrameKind.Pause or FrameKind.Resume)
        {
            Interlocked.Add(ref _ownBytes.Value, Padded(start.Length + payload.Length)); // Before the claim, whether there is room or it waits; partner: PassOwn.
        }

        if (!_sendQueue.RepliesWait && TryPut(start, payload, null) == ClaimStatus.Claimed)
        {
            KickAfterSend();
            return;
        }

        var parked = ParkedSend.Rent(start, payload);
        if (_sendQueue.TryPark(parked))
        {
            Pump();
        }
        else
        {
            parked.Drop();
            CloseUnread();
        }
    }

    /// <summary>A reply found no place: the connection has ended already, or ends by it.</summary>
    private void CloseUnread() => Close(CloseReason.AnswersUnread, $"{_limits.UnsentReplyBytesMax} bytes of answers wait for it");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PutReply(FrameKind kind, ulong correlation, ReadOnlySpan<byte> payload, OutboundStream[]? streams, AttachedBytes? attached = null)
    {
        long payloadBytes = payload.Length + (attached?.TotalBytes ?? 0);
        bool asStream = FrameHeader.Bytes + payloadBytes > Math.Min(_frameBytesMax, PendingBudget.ReplyBytesMax) && kind == FrameKind.Reply;
        if (!asStream && streams is null)
        {
            PutOwn(kind, payload, correlation);
            return;
        }

        int count = (streams?.Length ?? 0) + (asStream ? 1 : 0);
        if ((asStream && payloadBytes > PeerHello.PayloadBytesMax) || count > StreamReceiver.PerMessageMax || !_streamsOut.Takes(count))
        {
            AbortStreams(streams, "its reply could not be sent");
            ReplyFault(correlation, new Fault(FaultCode.BadResult, $"It ran, but the caller's node does not take its result of {payloadBytes} bytes and {streams?.Length ?? 0} streams."));
            return;
        }

        if (!asStream)
        {
            PutStreamedReply(kind, correlation, FrameFlags.None, payload, streams!);
        }
        else if (TryStreamPayload(payload, attached, streams) is { } all)
        {
            PutStreamedReply(kind, correlation, FrameFlags.Streamed, default, all);
        }
        else
        {
            Node.Metrics.CountGivenUp("memory");
            AbortStreams(streams, TooManyGathered());
            ReplyFault(correlation, new Fault(FaultCode.BadResult, $"It ran, but its result of {payloadBytes} bytes could not be sent: {TooManyGathered()}."));
        }
    }
}
