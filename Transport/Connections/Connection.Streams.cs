using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Rings;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Connections;

/// <summary>
/// Streams: payloads without a bound, and payloads too large for a frame. Chunks go through the same ring as messages, in turn, and never fill more than a quarter of it; so a
/// message waits behind 80 KiB of chunks at most here, the last of which went in just below that, whatever is being transferred, and <see cref="StreamPace"/> keeps what is under way beside messages short.
/// </summary>
internal sealed partial class Connection
{
    /// <summary>The target of credit and cancel frames that concern a stream; theirs is the correlation.</summary>
    private const uint StreamTarget = 1;

    private readonly StreamSender _streamsOut;
    private readonly StreamReceiver _streamsIn;

    // Guarded by the lock of _streamsOut.
    private long _chunksEnd;
    private long _ownBytesSeen;

    /// <summary>Bytes of the transport's own frames. Any thread adds, before it claims them.</summary>
    private PaddedWord _ownBytes;

    /// <summary>The node's bounds.</summary>
    public TransportLimits Limits => _limits;

    /// <summary>Streams that have not ended, in either direction.</summary>
    public int StreamCount => _streamsOut.OpenCount + _streamsIn.Count;

    /// <summary>Makes a stream that a message to come will name.</summary>
    public OutboundStream MakeStream() => _streamsOut.Make();

    /// <summary>Puts one chunk into the ring, if that leaves most of it to messages. Called by <see cref="StreamSender"/> under its lock.</summary>
    /// <param name="stream">The stream's number.</param>
    /// <param name="bytes">The chunk.</param>
    /// <param name="isBehindMessage">Whether a message was put since the last chunk. A guess at the end of the buffer, where the frame before may have left a gap.</param>
    internal bool TryPutChunk(ulong stream, ReadOnlySpan<byte> bytes, out bool isBehindMessage)
    {
        isBehindMessage = false;
        if (_ring.UsedBytes > _ring.CapacityBytes / 4)
        {
            return false; // Whoever consumes what is there looks again.
        }

        int frameBytes = FrameHeader.Bytes + bytes.Length;
        if (_ring.TryClaim(frameBytes, out RingClaim claim) != ClaimStatus.Claimed)
        {
            return false;
        }

        long between = PassOwn(claim.Position);
        bool isGap = between < Padded(frameBytes) && claim.Position % _ring.CapacityBytes == 0;
        isBehindMessage = between > 0 && !isGap;
        _chunksEnd = claim.Position + Padded(frameBytes);

        Span<byte> body = claim.Body;
        WriteBody(body, FrameKind.StreamData, FrameHeader.Bytes, hopsLeft: 0, stream);
        BinaryPrimitives.WriteUInt64LittleEndian(body[12..], 0); // Neither target nor method.
        bytes.CopyTo(body[(FrameHeader.Bytes - RingClaim.LengthBytes)..]);
        _ring.Publish(claim);
        return true;
    }

    /// <summary>The message that names a stream is no message beside it, and hides those before it. Called by <see cref="StreamSender"/> under its lock.</summary>
    internal void PassOverMessages()
    {
        long end = _ring.ClaimedPosition;
        PassOwn(end);
        _chunksEnd = end;
    }

    /// <summary>Bytes from the end of the last chunk to a position that are not of the transport's own frames. Each of those in between has been counted; one that was counted and is not there yet is passed when it is.</summary>
    private long PassOwn(long position)
    {
        long between = position - _chunksEnd;
        long own = Math.Min(between, Volatile.Read(ref _ownBytes.Value) - _ownBytesSeen); // Partner: PutOwn, which adds before it claims.
        _ownBytesSeen += own;
        return between - own;
    }

    /// <summary>Chunks were put.</summary>
    internal void KickAfterChunks() => KickAfterSend();

    /// <summary>A place for a stream is free: a reply that waited for one goes first, then requests.</summary>
    internal void PumpWaiting() => PumpIfWaiting();

    /// <summary>Says that a stream has ended.</summary>
    internal void PutStreamEnd(ulong stream, Fault? fault)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            if (fault is { } why)
            {
                EncodeFault(scratch, why);
            }

            PutOwn(FrameKind.StreamEnd, scratch.WrittenSpan, stream);
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    /// <summary>Lets the sender of a stream go on.</summary>
    internal void PutStreamCredit(ulong stream, uint bytes) => PutOwn(new FrameHeader { Kind = FrameKind.Credit, Correlation = stream, Target = StreamTarget, Method = bytes }, default);

    /// <summary>Tells the sender of a stream that nobody reads it.</summary>
    internal void PutStreamCancel(ulong stream) => PutOwn(new FrameHeader { Kind = FrameKind.Cancel, Correlation = stream, Target = StreamTarget }, default);

    /// <summary>Its reader gives a stream up.</summary>
    internal void GiveUpStream(ulong stream) => _streamsIn.GiveUp(stream);

    /// <summary>There are places for the streams of a reply: it waits for the ring.</summary>
    private void ParkOpened(ParkedSend reply)
    {
        if (!_sendQueue.TryPark(reply))
        {
            CloseUnread();
            _streamsOut.Abort(reply.Streams!, NotSentDetail());
            reply.Drop();
        }
    }

    /// <summary>Writes the numbers of a message's streams as an extension.</summary>
    private static void AddStreams(ref FrameDraft draft, OutboundStream[] streams)
    {
        Span<byte> ids = stackalloc byte[StreamReceiver.PerMessageMax * sizeof(ulong)];
        for (int index = 0; index < streams.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(ids[(index * sizeof(ulong))..], streams[index].Id);
        }

        draft.Add(ExtensionTag.Streams, ids[..(streams.Length * sizeof(ulong))]);
    }

    /// <summary>
    /// Makes a stream of a payload that does not fit a frame; it goes in front of the message's other streams. What is attached to it is sent from where it is. Null when the node holds too many.
    /// </summary>
    private OutboundStream[]? TryStreamPayload(ReadOnlySpan<byte> payload, AttachedBytes? attached, OutboundStream[]? others)
    {
        // About what the pool hands out; what it is exactly does not matter, since the same is given back.
        int taken = (int)Math.Min(BitOperations.RoundUpToPowerOf2((ulong)payload.Length), (ulong)Array.MaxLength);
        if (!Node.TryTakeGathered(taken))
        {
            return null;
        }

        byte[] copy;
        try
        {
            copy = ArrayPool<byte>.Shared.Rent(payload.Length);
        }
        catch (OutOfMemoryException)
        {
            Node.ReturnGathered(taken);
            return null;
        }

        OutboundStream stream = _streamsOut.Make();
        stream.IsPayload = true;
        payload.CopyTo(copy);
        StreamPump.SendOwned(stream, copy, payload.Length, attached?.Take(), Node, taken);
        return others is null ? [stream] : [stream, .. others];
    }

    /// <summary>Opens the streams of a message that arrived. Where they are broken the connection is closed.</summary>
    private StreamOpening OpenStreams(in Frame frame, out GatheredPayload? payload, out InboundStream[]? streams)
    {
        payload = null;
        streams = null;
        bool isPayload = (frame.Header.Flags & FrameFlags.Streamed) != 0;
        StreamOpening opening = ExtensionReader.TryFind(frame.Extensions, ExtensionTag.Streams, out ReadOnlySpan<byte> ids)
            ? _streamsIn.Open(ids, isPayload, out payload, out streams)
            : isPayload ? StreamOpening.Broken : StreamOpening.Opened;
        if (opening == StreamOpening.Broken)
        {
            Close(CloseReason.ProtocolViolation, "it named streams by no numbers, by too many, or by one that is in use");
        }

        return opening;
    }

    /// <summary>A refused message's streams are not read.</summary>
    private void RefuseStreams(in Frame frame)
    {
        if (ExtensionReader.TryFind(frame.Extensions, ExtensionTag.Streams, out ReadOnlySpan<byte> ids))
        {
            _streamsIn.Refuse(ids);
        }
    }

    /// <summary>A reply that names streams: it waits for a place for them, but nothing waits behind it.</summary>
    private void PutStreamedReply(FrameKind kind, ulong correlation, FrameFlags flags, ReadOnlySpan<byte> payload, OutboundStream[] streams)
    {
        Span<byte> head = stackalloc byte[FrameDraft.HeadBytesMax];
        var draft = new FrameDraft(head, new FrameHeader { Kind = kind, Flags = flags, Correlation = correlation }, payload.Length);
        AddStreams(ref draft, streams);
        var reply = ParkedSend.Rent(draft.Finish(), payload);
        reply.Streams = streams;
        switch (_streamsOut.OpenOrDefer(reply))
        {
            case StreamOpening.Opened:
                ParkOpened(reply);
                Pump();
                break;
            case StreamOpening.Broken:
                CloseUnread();
                _streamsOut.Abort(streams, NotSentDetail());
                reply.Drop();
                break;
        }
    }

    /// <summary>An answer that names streams.</summary>
    private void OnStreamedAnswer(in Frame frame, PendingAsk ask, AskEnd end)
    {
        StreamOpening opening = OpenStreams(frame, out GatheredPayload? payload, out InboundStream[]? streams);
        if (opening != StreamOpening.Opened)
        {
            RefuseStreams(frame);
            OnReplyRead(frame.Header.Correlation);
            FailAsk(ask, AskEnd.ConnectionLost, opening == StreamOpening.Broken ? CloseDetail : $"its answer comes as more streams than the {_limits.StreamsMax} that may be open");
            return;
        }

        ask.Streams = streams;
        ask.End = end;
        if (payload is null)
        {
            ask.Reply = HoldReply(frame);
            Node.Post(ask);
            return;
        }

        ulong correlation = frame.Header.Correlation;
        payload.WhenDone(() =>
        {
            if (payload.Failure is { } failure)
            {
                payload.Dispose();
                OnReplyRead(correlation);
                FailAsk(ask, AskEnd.ConnectionLost, $"its answer did not arrive whole: {failure.Message}");
                return;
            }

            ask.Reply = new ReplyHold(this, correlation, payload, payload.Memory);
            Node.Post(ask);
        });
    }

    private IOException StreamsEnd() => new($"The stream broke off: {NotSentDetail()}.", new TransportException(CloseReason, CloseDetail));
}
