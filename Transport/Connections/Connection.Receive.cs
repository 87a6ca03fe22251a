using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Rings;
using Kameo.Actors.Transport.Streams;
using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport.Connections;

/// <summary>
/// Hop 6: ciphertext in, frames out, a whole batch dispatched. Runs on the link's receive loop, which never stops reading and never runs user code; bounded by what the
/// window granted. Any frame that breaks the rules closes the connection with a reason; other connections are not touched.
/// </summary>
internal sealed partial class Connection
{
    /// <summary>What TLS may have to say at most beside what is sealed: a writer that runs leaves four records there at most, a handshake less than two.</summary>
    private const int TlsAnswerBytesMax = 128 * 1024;

    private readonly FrameReader _reader;
    private readonly InboundIds _inboundTargets;
    private readonly InboundIds _inboundMethods;
    private CompletionBatch? _replies;
    private long _lastReceived;
    private long _pingSentAt;
    private PaddedWord _requestBytesReceived; // The loop writes it for each request, others read what would stand beside it.
    private bool _isPeerShort;
    private long _creditedBytes;
    private int _pongCount;
    private bool _peerSaidGoodbye;
    private bool _dispatchedRequests;

    /// <summary>When anything last arrived, on the node's clock.</summary>
    public long LastReceived => Volatile.Read(ref _lastReceived);

    /// <summary>How many answers to pings have arrived.</summary>
    public int PongCount => Volatile.Read(ref _pongCount);

    /// <summary>
    /// Any thread: a request's arguments were read, its window is the peer's again. Credit travels once an eighth of the window has come together; or, where the peer had less than
    /// that left to send when its last request came, beside the quarter that is kept for turns, since requests that wait here hold the rest, with the end of this thread's batch.
    /// </summary>
    public void ReturnWindow(int bytes)
    {
        if (Interlocked.Add(ref _creditToSend.Value, bytes) >= _limits.CreditBatchBytes)
        {
            KickDrain();
        }
        else if (Volatile.Read(ref _isPeerShort) && Volatile.Read(ref _creditWanted) == 0)
        {
            Volatile.Write(ref _creditWanted, 1);
            KickAfterSend();
        }
    }

    /// <summary>Asks the peer for a sign of life.</summary>
    public void Ping()
    {
        Volatile.Write(ref _pingWanted, 1);
        KickDrain();
    }

    /// <inheritdoc/>
    public void OnReceived(ReadOnlySpan<byte> bytes)
    {
        if (State >= ConnectionState.Closing)
        {
            return; // What still arrives after the end is read, so that the end reaches the peer, and dropped.
        }

        Volatile.Write(ref _lastReceived, Node.Clock.NowMilliseconds);
        Node.Metrics.BytesReceived.Add(bytes.Length);
        try
        {
            if (_tls.IsEstablished)
            {
                Open(bytes);
            }
            else
            {
                _tls.Feed(bytes);
                if (Handshake())
                {
                    Open(default); // What came behind the handshake.
                }
            }
        }
        catch (Exception exception)
        {
            // A bug of this node, met on this connection: it must not take the loop, and so the others, down.
            Node.LogInternalError(exception, this);
            Close(CloseReason.InternalError, exception.Message);
        }

        EndBatch();
        int answers = _tls.CiphertextBytes;
        if (answers > TlsAnswerBytesMax)
        {
            Close(CloseReason.ProtocolViolation, "it asks for key updates and does not read them");
        }
        else if (answers != 0)
        {
            KickDrain(); // Handshake messages, an alert, the answer to a key update: whoever writes takes it along, in the order it was made.
        }
    }

    private bool Handshake()
    {
        switch (_tls.Handshake())
        {
            case TlsStatus.Ok:
                OnTlsEstablished();
                return true;
            case TlsStatus.WantRead:
                return false;
            default:
                Close(_tls.FailureReason, _tls.FailureDetail ?? "the handshake failed");
                return false;
        }
    }

    private void Open(ReadOnlySpan<byte> ciphertext)
    {
        while (State < ConnectionState.Closing)
        {
            TlsStatus status = _tls.Read(ref ciphertext, _reader.GetSpan(), out int bytes);
            if (status != TlsStatus.Ok)
            {
                if (status == TlsStatus.Failed)
                {
                    Close(_tls.FailureReason, _tls.FailureDetail ?? "the TLS session failed");
                }
                else if (status == TlsStatus.Closed)
                {
                    Close(_peerSaidGoodbye ? CloseReason.PeerShutdown : CloseReason.ConnectionLost, "the other end ended the session without goodbye");
                }

                return;
            }

            _reader.Advance(bytes);
            while (State < ConnectionState.Closing)
            {
                FrameReadStatus read = _reader.TryRead(out Frame frame);
                if (read == FrameReadStatus.NeedMore)
                {
                    break;
                }

                if (read == FrameReadStatus.Malformed)
                {
                    Close(_reader.Refusal, _reader.RefusalDetail!);
                    return;
                }

                Dispatch(frame);
            }
        }
    }

    private void Dispatch(in Frame frame)
    {
        FrameKind kind = frame.Header.Kind;
        if (State == ConnectionState.AwaitingHello && kind is not (FrameKind.Hello or FrameKind.Goodbye))
        {
            Close(CloseReason.ProtocolViolation, $"a {kind} frame before hello");
            return;
        }

        switch (kind)
        {
            case FrameKind.Reply:
                OnAnswer(frame, AskEnd.Replied);
                break;
            case FrameKind.Ask or FrameKind.Tell:
                OnRequest(frame);
                break;
            case FrameKind.Fault:
                OnAnswer(frame, AskEnd.Faulted);
                break;
            case FrameKind.Credit when frame.Header.Target == 0:
                OnCredit(frame.Header.Correlation);
                break;
            case FrameKind.Credit:
                if (!_streamsOut.OnCredit(frame.Header.Correlation, frame.Header.Method))
                {
                    Close(CloseReason.ProtocolViolation, "it gave a stream more credit than its window");
                }

                break;
            case FrameKind.StreamData:
                if (_streamsIn.OnData(frame) is not CloseReason.None and var overrun)
                {
                    Close(overrun, "it sent more of a stream than its window");
                }

                break;
            case FrameKind.StreamEnd:
                _streamsIn.OnEnd(frame);
                break;
            case FrameKind.Define:
                OnDefine(frame);
                break;
            case FrameKind.Cancel when frame.Header.Target == StreamTarget:
                _streamsOut.OnCancel(frame.Header.Correlation);
                break;
            case FrameKind.Cancel:
                Node.CancelRequest(this, frame.Header.Correlation);
                break;
            case FrameKind.Ping when (frame.Header.Flags & FrameFlags.Answer) == 0:
                Volatile.Write(ref _pongWanted, 1);
                KickDrain();
                break;
            case FrameKind.Ping:
                Interlocked.Increment(ref _pongCount);
                break;
            case FrameKind.Pause when frame.Header.Target == 0:
                Volatile.Write(ref _peerRetired, 1);
                break;
            case FrameKind.Pause or FrameKind.Resume:
                OnPause(frame.Header.Target, isPaused: kind == FrameKind.Pause);
                break;
            case FrameKind.Gossip:
                OnGossip(frame.Payload);
                break;
            case FrameKind.Ordered when Node.ConnectionObserver is { } observer:
                OnOrdered(observer, frame);
                break;
            case FrameKind.Lost:
                OnLost(frame.Payload);
                break;
            case FrameKind.Hello:
                OnHello(frame.Payload);
                break;
            case FrameKind.Goodbye:
                OnGoodbye(frame.Payload);
                break;
            default:
                Close(CloseReason.ProtocolViolation, $"a {kind} frame, which protocol {Hello.ProtocolCurrent} does not use");
                break;
        }
    }

    private void OnAnswer(in Frame frame, AskEnd end)
    {
        if (frame.Payload.Length > PendingBudget.ReplyBytesMax - FrameHeader.Bytes)
        {
            // Else what it answers with could not be bounded by what it is asked.
            Close(CloseReason.OversizedFrame, $"it answered with a frame of {frame.Header.Length} bytes; beyond {PendingBudget.ReplyBytesMax} an answer goes as a stream");
            return;
        }

        if (_pending.TryTakeAnswered(frame.Header.Correlation) is not { } ask)
        {
            Node.Metrics.LateReplies.Add(1); // Its ask timed out or was cancelled: the generation keeps it from completing another.
            RefuseStreams(frame);
            return;
        }

        if (NamesStreams(frame))
        {
            OnStreamedAnswer(frame, ask, end);
            return;
        }

        ask.Reply = HoldReply(frame);
        ask.End = end;
        CompletionBatch batch = _replies ??= Node.Replies.Rent();
        batch.Add(ask);
        if (batch.IsFull)
        {
            _replies = null;
            batch.Post();
        }
    }

    private static bool NamesStreams(in Frame frame) =>
        (frame.Header.Flags & FrameFlags.Streamed) != 0
        || (frame.Header.HeaderWords > FrameHeader.WordsMin && !ExtensionReader.IsRemainingTimeAlone(frame.Extensions, out _) && ExtensionReader.TryFind(frame.Extensions, ExtensionTag.Streams, out _));

    /// <summary>
    /// Keeps a reply until it is read: in its slab, or, once those that are kept have reached their limit, in a copy of its own size. So unread replies take no more than
    /// <see cref="TransportLimits.SlabBytesMax"/> and <see cref="TransportLimits.ReplyBytesMax"/> together, although a small one may pin a whole slab.
    /// </summary>
    private ReplyHold HoldReply(in Frame frame) =>
        frame.Slab.TryLend()
            ? new ReplyHold(this, frame.Header.Correlation, frame.Slab, frame.PayloadMemory)
            : new ReplyHold(this, frame.Header.Correlation, null, frame.Payload.ToArray());

    /// <summary>Any thread: an answer was read, and its place in the pending table is free. An ask that found none goes now.</summary>
    internal void OnReplyRead(ulong correlation)
    {
        _pending.Free(correlation);

        // Full fence in Free; partner: TryPutParked, which raises the mark and then tries once more.
        if (Volatile.Read(ref _placeWanted) != 0 && Interlocked.Exchange(ref _placeWanted, 0) != 0 && State == ConnectionState.Open)
        {
            PumpQueue();
            KickAfterSend();
        }
    }

    private void OnRequest(in Frame frame)
    {
        int bytes = Padded((int)frame.Header.Length);
        _requestBytesReceived.Value += bytes;
        long held = _requestBytesReceived.Value - Volatile.Read(ref _creditedBytes);
        if (held > _limits.WindowBytes)
        {
            CloseForOverrun();
            return;
        }

        bool isPeerShort = _limits.WindowBytes - held < (_limits.WindowBytes / 4) + _limits.CreditBatchBytes;
        if (isPeerShort != _isPeerShort)
        {
            Volatile.Write(ref _isPeerShort, isPeerShort); // Partner: ReturnWindow. Before the request that made it so is handed on, so that its own return sees it.
        }

        FaultCode refusal = Resolve(frame, out InboundId? target, out object? method, out long deadline);
        if (refusal != 0 || NamesStreams(frame) || !frame.Slab.TryLend())
        {
            OnUnusualRequest(frame, bytes, refusal, target, method, deadline);
            return;
        }

        if (!_dispatchedRequests)
        {
            _dispatchedRequests = true; // Written once a batch: senders read what stands beside it.
        }

        target!.Load?.Add(bytes);
        var request = new InboundRequest(this, frame, target.Value!, method, deadline);
        request.Hold = new RequestHold(this, target.Load, frame.Slab, PlaceOf(frame, bytes));
        target.Router!.Dispatch(ref request);
    }

    private static RequestPlace PlaceOf(in Frame frame, int windowBytes) =>
        new(frame.Offset + frame.Header.HeaderBytes, (int)frame.Header.Length - frame.Header.HeaderBytes, windowBytes);

    /// <summary>One that is refused, or comes with streams. Apart, so that the usual request does not pay for its locals.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OnUnusualRequest(in Frame frame, int bytes, FaultCode refusal, InboundId? target, object? method, long deadline)
    {
        GatheredPayload? payload = null;
        InboundStream[]? streams = null;
        if (refusal == 0 && NamesStreams(frame))
        {
            StreamOpening opening = OpenStreams(frame, out payload, out streams);
            if (opening == StreamOpening.Broken)
            {
                return;
            }

            refusal = opening != StreamOpening.Opened || (payload is null && !frame.Slab.TryLend()) ? FaultCode.Overloaded : 0;
        }
        else if (refusal == 0)
        {
            refusal = FaultCode.Overloaded; // One more slab would be pinned.
        }

        if (refusal != 0)
        {
            RefuseRequest(frame, refusal);
            RefuseStreams(frame);
            ReturnWindow(bytes);
            return;
        }

        _dispatchedRequests = true;
        target!.Load?.Add(bytes);
        var request = new InboundRequest(this, frame, target.Value!, method, deadline)
        {
            Streams = streams,
            Hold = payload is null
                ? new RequestHold(this, target.Load, frame.Slab, PlaceOf(frame, bytes))
                : new RequestHold(this, target.Load, payload, bytes),
        };
        target.Router!.Dispatch(ref request);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CloseForOverrun() => Close(CloseReason.WindowOverrun, $"it sent more than its window of {_limits.WindowBytes} bytes");

    /// <summary>Finds what the frame names; a refusal is data.</summary>
    private FaultCode Resolve(in Frame frame, out InboundId? target, out object? method, out long deadline)
    {
        target = null;
        method = null;
        deadline = long.MaxValue;
        if (frame.NotUnderstood != default)
        {
            return FaultCode.UnknownExtension;
        }

        ReadOnlySpan<byte> targetName = default;
        ReadOnlySpan<byte> methodName = default;
        ReadOnlySpan<byte> extensions = frame.Extensions;
        if (ExtensionReader.IsRemainingTimeAlone(extensions, out uint remaining))
        {
            deadline = Node.Clock.NowMilliseconds + remaining;
        }
        else if (!extensions.IsEmpty)
        {
            ReadExtensions(extensions, ref targetName, ref methodName, ref deadline);
        }

        target = frame.Header.Target != 0 ? _inboundTargets.Find(frame.Header.Target, this, isMethod: false) : InboundIds.Resolve(this, targetName, isMethod: false);
        if (target is null)
        {
            return FaultCode.NoSuchTarget;
        }

        if (frame.Header.Method != 0)
        {
            method = _inboundMethods.Find(frame.Header.Method, this, isMethod: true)?.Value;
        }
        else if (!methodName.IsEmpty)
        {
            method = InboundIds.Resolve(this, methodName, isMethod: true)?.Value;
        }
        else
        {
            return 0;
        }

        return method is null ? FaultCode.NoSuchMethod : 0;
    }

    private void ReadExtensions(ReadOnlySpan<byte> bytes, ref ReadOnlySpan<byte> targetName, ref ReadOnlySpan<byte> methodName, ref long deadline)
    {
        var extensions = new ExtensionReader(bytes);
        while (extensions.TryRead(out ExtensionTag tag, out ReadOnlySpan<byte> value))
        {
            switch (tag)
            {
                case ExtensionTag.RemainingTime when value.Length == 4:
                    deadline = Node.Clock.NowMilliseconds + BinaryPrimitives.ReadUInt32LittleEndian(value);
                    break;
                case ExtensionTag.TargetName:
                    targetName = value;
                    break;
                case ExtensionTag.MethodName:
                    methodName = value;
                    break;
            }
        }
    }

    private void RefuseRequest(in Frame frame, FaultCode code)
    {
        string why = code switch
        {
            FaultCode.UnknownExtension => $"the frame carries the extension {(byte)frame.NotUnderstood}, which must be understood and is not",
            FaultCode.Overloaded => "the node holds as many waiting requests, or open streams, as its limits allow",
            FaultCode.NoSuchTarget => "nothing here has that name",
            _ => "the target has no such method",
        };
        bool isAsk = frame.Header.Kind == FrameKind.Ask;
        Node.Metrics.CountRefused(code, isAsk, this);
        if (isAsk)
        {
            ReplyFault(frame.Header.Correlation, new Fault(code, why));
        }
    }

    private void OnCredit(ulong bytes)
    {
        if (bytes > long.MaxValue / 4 || !_window.TryReturn((long)bytes))
        {
            Close(CloseReason.ProtocolViolation, "it gave back more window than was taken");
            return;
        }

        // Full fence in TryReturn; partner: a sender raises the queue's count before its last try.
        PumpIfWaiting();
    }

    private void OnPause(uint number, bool isPaused)
    {
        if (_targets.Find(number) is not { } target)
        {
            Close(CloseReason.ProtocolViolation, "it paused a target that has no number");
            return;
        }

        if (isPaused)
        {
            Node.Metrics.TargetsPaused.Add(1);
            _sendQueue.Pause(target);
        }
        else
        {
            _sendQueue.Resume(target);
        }

        Pump(); // What waited behind the paused, or the paused themselves.
    }

    private void OnDefine(in Frame frame)
    {
        bool isMethod = frame.Header.Method != 0;
        InboundIds ids = isMethod ? _inboundMethods : _inboundTargets;
        if (!ids.TryDefine(isMethod ? frame.Header.Method : frame.Header.Target, frame.Payload))
        {
            Close(CloseReason.TableOverrun, "a define frame out of order or beyond the table");
        }
    }

    private void OnGossip(ReadOnlySpan<byte> payload)
    {
        if (Node.Names.Handle(PeerId, PeerHello.Incarnation, payload) is { } wrong)
        {
            Close(CloseReason.ProtocolViolation, wrong);
        }
    }

    private void OnGoodbye(ReadOnlySpan<byte> payload)
    {
        var reason = CloseReason.Shutdown;
        string detail = string.Empty;
        try
        {
            var reader = new MessagePackReader(payload);
            if (reader.ReadArrayHeader() >= 2)
            {
                reason = (CloseReason)reader.ReadByte();
                detail = reader.ReadString() ?? string.Empty;
            }
        }
        catch (MessagePackException)
        {
            Close(CloseReason.MalformedFrame, "its goodbye is malformed");
            return;
        }

        _peerSaidGoodbye = true;
        Close(reason == CloseReason.Shutdown ? CloseReason.PeerShutdown : reason, $"the peer ended it: {detail}");
    }

    /// <summary>Everything received so far has been dispatched: what became ready goes to the pool with one hop.</summary>
    private void EndBatch()
    {
        if (_replies is { } replies)
        {
            _replies = null;
            replies.Post();
        }

        if (_dispatchedRequests)
        {
            _dispatchedRequests = false;
            Node.EndRequestBatch(this);
        }

        _reader.EndBatch();
    }

    private void SweepPings(long now, long late)
    {
        if (late > 0)
        {
            // This process itself did not run: the silence was not the peer's.
            Interlocked.Add(ref _lastReceived, late);
        }

        long silent = now - LastReceived;
        if (silent >= (long)_limits.PingTimeout.TotalMilliseconds)
        {
            Close(CloseReason.PingTimeout, $"nothing was heard for {silent} ms");
        }
        else if (silent >= (long)_limits.PingInterval.TotalMilliseconds && now - _pingSentAt >= (long)_limits.PingInterval.TotalMilliseconds)
        {
            _pingSentAt = now;
            Ping();
        }
    }
}
