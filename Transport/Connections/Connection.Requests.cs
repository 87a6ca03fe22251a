using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Rings;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Connections;

/// <summary>
/// Hop 4: requests into the ring. Runs on the caller; bounded by the request window, the pending table and the ring; what does not fit waits in order in the
/// <see cref="SendQueue"/> until its deadline.
/// </summary>
internal sealed partial class Connection
{
    /// <summary>Where the correlation stands in a header.</summary>
    private const int CorrelationOffset = 8;

    /// <summary>Where the flags stand in a header.</summary>
    private const int FlagsOffset = 5;

    /// <summary>Where the hops left stand in a header.</summary>
    private const int HopsLeftOffset = 7;

    private readonly SendRing<HardwareAtomics> _ring;
    private readonly RequestWindow _window = new();
    private readonly PendingTable _pending;
    private readonly OutboundIds _targets;
    private readonly OutboundIds _methods;
    private readonly SendQueue _sendQueue;
    private readonly Func<ParkedSend, bool> _tryPutParked;
    private int _frameBytesMax;
    private int _placeWanted;

    /// <summary>The longest frame that may go into this connection's ring: both the ring and the peer take it.</summary>
    public int FrameBytesMax => _frameBytesMax;

    /// <summary>What the layer above keeps with it (<see cref="IConnectionObserver"/>).</summary>
    public object? LayerState { get; set; }

    /// <summary>Where requests go from now on, behind all that waited here; null: they go here.</summary>
    private Connection? HandedOverTo
    {
        get
        {
            if (!_window.IsRetired || Successor is not { } successor)
            {
                return null;
            }

            _sendQueue.AwaitHandOver();
            return successor;
        }
    }

    /// <summary>How many requests wait to be sent.</summary>
    public int WaitingCount => _sendQueue.RequestCount;

    /// <summary>How many asks await an answer here.</summary>
    public int PendingCount => _pending.Count;

    /// <summary>Sends an ask. Never blocks, never throws: whatever happens, the ask completes exactly once.</summary>
    public void Ask(PendingAsk ask, OutboundTarget target, OutboundMethod? method, in RequestOptions options, ReadOnlySpan<byte> payload)
    {
        if (!TrySendAtOnce(ask, target, method, options, payload))
        {
            AskTheLongWay(ask, target, method, options, payload);
        }
    }

    /// <summary>Sends a tell; completes when it is claimed in the ring.</summary>
    /// <exception cref="TransportException">It was not sent: the connection ended, or the deadline passed while it waited.</exception>
    public ValueTask Tell(OutboundTarget target, OutboundMethod? method, in RequestOptions options, ReadOnlySpan<byte> payload) =>
        TrySendAtOnce(null, target, method, options, payload) ? default : TellTheLongWay(target, method, options, payload);

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AskTheLongWay(PendingAsk ask, OutboundTarget target, OutboundMethod? method, in RequestOptions options, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[FrameDraft.HeadBytesMax];
        FrameDraft draft = Draft(head, FrameKind.Ask, target, method, options, payload.Length);
        if (draft.Header.Length > _frameBytesMax || options.Attached is not null)
        {
            long payloadBytes = payload.Length + (options.Attached?.TotalBytes ?? 0);
            ask.SentStreams = options.Streams;
            if (!FitsStream(payloadBytes, options))
            {
                AbortStreams(options.Streams, "its message is too large");
                FailAsk(ask, AskEnd.TooLarge, TooLarge(payloadBytes));
            }
            else if (TryStreamPayload(payload, options.Attached, options.Streams) is { } streams)
            {
                Ask(ask, target, method, options with { Streams = streams, Attached = null, IsPayloadStreamed = true }, default);
            }
            else
            {
                Node.Metrics.CountGivenUp("memory");
                AbortStreams(options.Streams, TooManyGathered());
                FailAsk(ask, AskEnd.Overloaded, TooManyGathered());
            }

            return;
        }

        int bytes = Padded((int)draft.Header.Length);
        ask.RingPosition = PendingAsk.NotClaimed;
        ask.SentStreams = options.Streams;
        ask.Through = this; // Before the fences below; partner: CancelAsk, which says what it wants and then looks here again.
        if (MayTryAtOnce(target, options.InsideTurn) && _window.TryTake(bytes, options.InsideTurn))
        {
            if (TryOpenStreams(options.Streams))
            {
                if (_pending.TryAdd(ask, options.DeadlineMilliseconds, out draft.Header.Correlation))
                {
                    if (TryPut(draft.Finish(), payload, ask) == ClaimStatus.Claimed)
                    {
                        StartStreams(options.Streams);
                        KickAfterSend();
                        return;
                    }

                    if (_pending.TryTake(draft.Header.Correlation) is null)
                    {
                        _window.Return(bytes);
                        AbortStreams(options.Streams, "its ask has ended");
                        PumpIfWaiting();
                        return; // Its deadline, its caller or the end of the connection has completed it meanwhile.
                    }
                }

                UnopenStreams(options.Streams);
            }

            _window.Return(bytes);
            PumpIfWaiting(); // Somebody may have found just these places taken: a reply, or a request.
        }

        AskLater(ask, target, method, options, draft.Finish(), payload);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ValueTask TellTheLongWay(OutboundTarget target, OutboundMethod? method, in RequestOptions options, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[FrameDraft.HeadBytesMax];
        FrameDraft draft = Draft(head, FrameKind.Tell, target, method, options, payload.Length);
        if (draft.Header.Length > _frameBytesMax || options.Attached is not null)
        {
            long payloadBytes = payload.Length + (options.Attached?.TotalBytes ?? 0);
            if (!FitsStream(payloadBytes, options))
            {
                AbortStreams(options.Streams, "its message is too large");
                return ValueTask.FromException(new TransportException(AskEnd.TooLarge, CloseReason.None, TooLarge(payloadBytes)));
            }

            if (TryStreamPayload(payload, options.Attached, options.Streams) is { } streams)
            {
                return Tell(target, method, options with { Streams = streams, Attached = null, IsPayloadStreamed = true }, default);
            }

            Node.Metrics.CountGivenUp("memory");
            AbortStreams(options.Streams, TooManyGathered());
            return ValueTask.FromException(new TransportException(AskEnd.Overloaded, CloseReason.None, TooManyGathered()));
        }

        int bytes = Padded((int)draft.Header.Length);
        if (MayTryAtOnce(target, options.InsideTurn) && _window.TryTake(bytes, options.InsideTurn))
        {
            if (TryOpenStreams(options.Streams))
            {
                if (TryPut(draft.Finish(), payload, null) == ClaimStatus.Claimed)
                {
                    StartStreams(options.Streams);
                    KickAfterSend();
                    return ValueTask.CompletedTask;
                }

                UnopenStreams(options.Streams);
            }

            _window.Return(bytes);
            PumpIfWaiting(); // Somebody may have found just these places taken: a reply, or a request.
        }

        if (HandedOverTo is { } successor)
        {
            _streamsOut.Move(options.Streams, successor._streamsOut);
            return successor.Tell(target, method, options, payload);
        }

        return Park(null, target, method, options, draft.Finish(), payload);
    }

    /// <summary>The caller of an ask gave up: tells the callee, and completes the ask as cancelled unless it already has an answer.</summary>
    public void CancelAsk(PendingAsk ask)
    {
        if (ask.Through is { } through && through != this)
        {
            through.CancelAsk(ask);
            return;
        }

        if (_sendQueue.Take(ask) is { } parked)
        {
            parked.Drop();
            FailAsk(ask, AskEnd.CancelledUnsent, "cancelled before it was sent");
            return;
        }

        // By the ask, not by its correlation: passed on meanwhile it has one of the other connection, which is somebody else's here.
        if (!_pending.TryTake(ask))
        {
            // It has ended; or it is being passed on, and whoever does that looks.
            ask.IsCancelWanted = true;
            Interlocked.MemoryBarrier();
            if (ask.Through is { } successor && successor != this)
            {
                successor.CancelAsk(ask);
            }

            return;
        }

        PutOwn(FrameKind.Cancel, default, ask.Correlation);
        FailAsk(ask, AskEnd.Cancelled, "cancelled by its caller");
        PumpIfWaiting();
    }

    /// <summary>Writes a define frame; called by <see cref="OutboundIds"/> under its lock.</summary>
    internal bool TryDefine(uint number, bool isMethod, ReadOnlySpan<byte> id)
    {
        Span<byte> head = stackalloc byte[FrameHeader.Bytes];
        var draft = new FrameDraft(head, new FrameHeader { Kind = FrameKind.Define, Target = isMethod ? 0 : number, Method = isMethod ? number : 0 }, id.Length);
        return TryPut(draft.Finish(), id, null) == ClaimStatus.Claimed;
    }

    private static int Padded(int frameBytes) => (frameBytes + 7) & ~7;

    private FrameDraft Draft(Span<byte> head, FrameKind kind, OutboundTarget target, OutboundMethod? method, scoped in RequestOptions options, int payloadBytes)
    {
        uint targetNumber = _targets.NumberOf(target);
        uint methodNumber = method is null ? 0 : _methods.NumberOf(method);
        var draft = new FrameDraft(head, new FrameHeader
        {
            Kind = kind,
            Flags = options.IsPayloadStreamed ? FrameFlags.Streamed : FrameFlags.None,
            HopsLeft = options.HopsLeft,
            Target = targetNumber,
            Method = methodNumber,
        }, payloadBytes);
        if (options.DeadlineMilliseconds != long.MaxValue)
        {
            Span<byte> remaining = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(remaining, RemainingMilliseconds(options.DeadlineMilliseconds));
            draft.Add(ExtensionTag.RemainingTime, remaining); // Always the first extension: a parked frame's is written anew.
        }

        if (targetNumber == 0)
        {
            draft.Add(ExtensionTag.TargetName, target.Id);
        }

        if (methodNumber == 0 && method is not null)
        {
            draft.Add(ExtensionTag.MethodName, method.Id);
        }

        if (options.Streams is not null)
        {
            AddStreams(ref draft, options.Streams);
        }

        draft.AddRaw(options.Extensions);
        draft.Finish();
        return draft;
    }

    private uint RemainingMilliseconds(long deadline) => (uint)Math.Clamp(deadline - Node.Clock.NowMilliseconds, 1, uint.MaxValue);

    private bool MayTryAtOnce(OutboundTarget target, bool insideTurn) =>
        State == ConnectionState.Open && !_holdsRequests && !IsPaused(target) && (!_sendQueue.RequestsWait || (insideTurn && _sendQueue.MayPass(target)));

    private bool IsPaused(OutboundTarget target) => target.Binding is { IsPaused: true } binding && binding.Connection == this;

    /// <summary>Claims, copies, publishes. The claim is open for two copies only; no user code runs in between.</summary>
    private ClaimStatus TryPut(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, PendingAsk? ask)
    {
        ClaimStatus status = _ring.TryClaim(head.Length + payload.Length, out RingClaim claim);
        if (status == ClaimStatus.Claimed)
        {
            if (ask is not null)
            {
                ask.RingPosition = claim.Position; // Before publishing: whoever seals it has seen this.
            }

            // All but the length word, which is the ring's publication mark.
            Span<byte> body = claim.Body;
            head[RingClaim.LengthBytes..].CopyTo(body);
            payload.CopyTo(body[(head.Length - RingClaim.LengthBytes)..]);
            _ring.Publish(claim);
        }

        return status;
    }

    /// <summary>The slow path of an ask: a newer connection has taken over, or it waits here.</summary>
    private void AskLater(PendingAsk ask, OutboundTarget target, OutboundMethod? method, in RequestOptions options, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        if (HandedOverTo is { } successor)
        {
            _streamsOut.Move(options.Streams, successor._streamsOut);
            successor.Ask(ask, target, method, options, payload);
            return;
        }

        _ = Park(ask, target, method, options, head, payload);
    }

    /// <summary>The slow path of a request: it waits in order, until its deadline.</summary>
    private ValueTask Park(PendingAsk? ask, OutboundTarget target, OutboundMethod? method, in RequestOptions options, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        ParkedSend parked = ParkedSend.Rent(ask, target, method, options, head, payload);
        int bytes = Padded(parked.FrameBytes);
        ValueTask completion = ask is null ? parked.Completion : ValueTask.CompletedTask; // Once parked it is another thread's, too.
        if (State == ConnectionState.Open && _sendQueue.TryPark(parked))
        {
            Node.Metrics.Parked.Add(1);

            // Leaving the lock has fenced. If the window is what it lacks, the credit that brings it sees the count and pumps.
            if (_window.Has(bytes, options.InsideTurn))
            {
                Pump();
            }

            return completion;
        }

        if (HandedOverTo is not null)
        {
            PassOn(parked); // It came while the queue was handed over.
            return completion;
        }

        bool isOpen = State == ConnectionState.Open;
        Fail(parked, isOpen ? AskEnd.Overloaded : AskEnd.NotSent, isOpen ? $"{_limits.ParkedRequestsMax} requests wait for this peer already" : NotSentDetail());
        return completion;
    }

    /// <summary>A frame that is in no queue any more will never be sent: whoever waits for it is told.</summary>
    private void Fail(ParkedSend parked, AskEnd end, string why)
    {
        AbortStreams(parked.Streams, why);
        if (parked.IsOrdered)
        {
            parked.Drop();
            return;
        }

        if (parked.IsTell)
        {
            Node.Post(parked.FailWith(new TransportException(end, CloseReason, why)));
            return;
        }

        PendingAsk? ask = parked.Ask;
        parked.Drop();
        if (ask is not null)
        {
            FailAsk(ask, end, why);
        }
    }

    private void PumpIfWaiting()
    {
        if (_sendQueue.AnythingWaits || _streamsOut.DeferredBytes != 0)
        {
            Pump();
        }
    }

    private void Pump()
    {
        PumpQueue();
        KickDrain();
    }

    private void PumpQueue()
    {
        while (true)
        {
            if (_sendQueue.Pump(_tryPutParked) is { } streams)
            {
                _streamsOut.Start(streams);
            }

            // Behind the queue's lock, under which requests may have taken places and given them back.
            if (!_streamsOut.TryTakeDeferred(out ParkedSend? reply))
            {
                return;
            }

            ParkOpened(reply);
        }
    }

    /// <summary>Called under the queue's lock, in order: moves one parked frame into the ring, if everything it needs is there.</summary>
    private bool TryPutParked(ParkedSend parked)
    {
        if (parked.IsOrdered && parked.FrameBytes > _frameBytesMax)
        {
            return TryPutParts(parked);
        }

        int bytes = Padded(parked.FrameBytes);
        bool isRequest = parked.Target is not null && !parked.IsOrdered;
        if (isRequest && (_holdsRequests || !_window.TryTake(bytes, parked.InsideTurn)))
        {
            return false;
        }

        if (isRequest && !TryOpenStreams(parked.Streams))
        {
            _window.Return(bytes);
            return false;
        }

        ulong correlation = 0;
        if (parked.Ask is not null)
        {
            if (!TryAddPending(parked, out correlation))
            {
                UnopenStreams(parked.Streams);
                _window.Return(bytes);
                return false;
            }

            BinaryPrimitives.WriteUInt64LittleEndian(parked.Frame[CorrelationOffset..], correlation);
        }

        if (isRequest && parked.DeadlineMilliseconds != long.MaxValue)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(parked.Frame[(FrameHeader.Bytes + 4)..], RemainingMilliseconds(parked.DeadlineMilliseconds));
        }

        if (TryPut(parked.Frame, default, parked.Ask) == ClaimStatus.Claimed)
        {
            return true;
        }

        if (parked.Ask is not null && _pending.TryTake(correlation) is null)
        {
            _window.Return(bytes);
            AbortStreams(parked.Streams, "its ask has ended");
            return true; // Its deadline, its caller or the end of the connection has completed it.
        }

        if (isRequest)
        {
            UnopenStreams(parked.Streams);
            _window.Return(bytes);
        }

        return false;
    }

    /// <summary>Takes a place in the pending table. Without one the mark is raised, and whoever frees one pumps; a place that another connection gives back to the node is found at the next tick.</summary>
    private bool TryAddPending(ParkedSend parked, out ulong correlation)
    {
        if (_pending.TryAdd(parked.Ask!, parked.DeadlineMilliseconds, out correlation))
        {
            return true;
        }

        // Full fence; partner: OnReplyRead and the other ways out of the table, which free a place and then look at the mark.
        Interlocked.Exchange(ref _placeWanted, 1);
        if (_pending.TryAdd(parked.Ask!, parked.DeadlineMilliseconds, out correlation))
        {
            return true;
        }

        Node.Metrics.ReplyBudgetMet.Add(1);
        return false;
    }

    /// <summary>The sending side is over: everything that waits is told what is known of it. Called once, by the holder of the drain flag.</summary>
    private void FailAllSends()
    {
        _pending.Close();
        _pending.TakeAll(this, static (self, ask) =>
        {
            // A frame whose place in the ring was never handed to TLS has certainly not run.
            bool sent = ask.RingPosition < self._ring.SealedPosition;
            self.FailAsk(ask, sent ? AskEnd.ConnectionLost : AskEnd.NotSent, self.NotSentDetail());
        });
        _pending.TryTrim();

        foreach (ParkedSend parked in _sendQueue.Close())
        {
            Fail(parked, AskEnd.NotSent, NotSentDetail());
        }

        _streamsOut.Close(StreamsEnd());
        CountUnsealedTells();
        _ring.Dispose();
    }

    /// <summary>Tells that completed when they were claimed and were never sealed are lost here: counted by reason.</summary>
    private void CountUnsealedTells()
    {
        for (ReadOnlySpan<byte> frame = _ring.PeekUnsent(); !frame.IsEmpty; frame = _ring.PeekUnsent())
        {
            if (FrameHeader.Read(frame).Kind == FrameKind.Tell)
            {
                Node.Metrics.CountLostTell("connection_ended");
            }

            _ring.Consume(frame.Length);
        }
    }

    private string NotSentDetail() => State < ConnectionState.Open ? "the connection is not open yet" : $"the connection to {PeerId.ToShortString()} ended ({CloseReason}: {CloseDetail})";

    private bool FitsStream(long payloadBytes, scoped in RequestOptions options) =>
        !options.IsPayloadStreamed && payloadBytes <= PeerHello.PayloadBytesMax && (options.Streams?.Length ?? 0) < StreamReceiver.PerMessageMax && _streamsOut.Takes(1 + (options.Streams?.Length ?? 0));

    private bool TryOpenStreams(OutboundStream[]? streams) => streams is null || _streamsOut.TryOpen(streams);

    private void UnopenStreams(OutboundStream[]? streams)
    {
        if (streams is not null)
        {
            _streamsOut.Unopen(streams);
        }
    }

    private void StartStreams(OutboundStream[]? streams)
    {
        if (streams is not null)
        {
            _streamsOut.Start(streams);
        }
    }

    private void AbortStreams(OutboundStream[]? streams, string why)
    {
        if (streams is not null)
        {
            _streamsOut.Abort(streams, why);
        }
    }

    private string TooManyGathered() => $"payloads of {_limits.GatheredBytesMax} bytes are being sent or gathered already";

    private string TooLarge(long bytes) => $"its payload has {bytes} bytes; at most {_frameBytesMax} fit a frame, and the peer takes {PeerHello.PayloadBytesMax} as a stream";

    private void FailAsk(PendingAsk ask, AskEnd end, string detail)
    {
        ask.End = end;
        ask.EndDetail = detail;
        ask.EndReason = CloseReason;
        foreach (OutboundStream stream in ask.SentStreams ?? [])
        {
            stream.Abandon(new Fault(FaultCode.Cancelled, $"the ask that it belongs to ended: {detail}"));
        }

        Node.Post(ask);
    }
}
