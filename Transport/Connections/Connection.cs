using System.Diagnostics.CodeAnalysis;
using System.Net;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Links;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Rings;
using Kameo.Actors.Transport.Streams;
using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport.Connections;

/// <summary>Where a connection is in its life; only ever moves down the list.</summary>
internal enum ConnectionState
{
    /// <summary>The TLS handshake runs.</summary>
    Handshaking,

    /// <summary>TLS stands; this side's hello is sent, the peer's is awaited.</summary>
    AwaitingHello,

    /// <summary>Both hellos were read: requests flow.</summary>
    Open,

    /// <summary>Nothing more is sealed; what was sealed is flushed and the peer's end awaited.</summary>
    Closing,

    /// <summary>Over.</summary>
    Closed,
}

/// <summary>
/// One authenticated connection to a peer, from the TLS handshake to the last byte. This file is its life; sending requests is in <c>Connection.Requests</c>, replies in <c>Connection.Replies</c>,
/// hop 5 in <c>Connection.Drain</c>, hop 6 in <c>Connection.Receive</c>.
/// </summary>
/// <remarks>
/// Threads: callers claim in the ring; one thread at a time drains (the drain flag); the link's receive loop alone opens and dispatches; the node's tick sweeps.
/// Bounded by its options: ring, window, pending asks, parked sends, tables.
/// </remarks>
internal sealed partial class Connection : ILinkReceiver, IDisposable
{
    private readonly ILink _link;
    private readonly TlsSession _tls;
    private readonly TransportLimits _limits;
    private readonly ulong _dialNumber;
    private readonly long _openDeadline;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;
    private int _closeBegun;
    private int _halvesEnded;
    private int _linkClosed;
    private long _lingerDeadline = long.MaxValue;
    private volatile bool _isStarted;

    /// <summary>Makes a connection over a link that is not started yet.</summary>
    /// <param name="node">The node.</param>
    /// <param name="link">The link.</param>
    /// <param name="tls">A fresh session of the fitting role.</param>
    /// <param name="isDialler">Whether this side dialled.</param>
    /// <param name="dialNumber">This side's count of dials, when it dialled.</param>
    public Connection(TransportNode node, ILink link, TlsSession tls, bool isDialler, ulong dialNumber)
    {
        Node = node;
        _link = link;
        _tls = tls;
        _dialNumber = dialNumber;
        IsDialler = isDialler;
        _limits = node.Limits;
        _ring = new SendRing<HardwareAtomics>(node.RingBuffers);
        _reader = new FrameReader(node.Slabs, _limits.FrameBytesMax);
        _targets = new OutboundIds(this, isMethod: false);
        _methods = new OutboundIds(this, isMethod: true);
        _inboundTargets = new InboundIds(_limits.InternedIdsMax, _limits.InternedBytesMax);
        _inboundMethods = new InboundIds(_limits.InternedIdsMax, _limits.InternedBytesMax);
        _sendQueue = new SendQueue(_limits.ParkedRequestsMax, _limits.UnsentReplyBytesMax, node.Replies);
        _tryPutParked = TryPutParked;
        _streamsOut = new StreamSender(this);
        _streamsIn = new StreamReceiver(this);
        _pending = new PendingTable(node.PendingBudget, _limits.PendingAsksMax);
        _openDeadline = node.Clock.After(_limits.HandshakeTimeout);
        _lastReceived = node.Clock.NowMilliseconds;
        _ = _opened.Task.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>The node it belongs to.</summary>
    public TransportNode Node { get; }

    /// <summary>Whether this side dialled.</summary>
    public bool IsDialler { get; }

    /// <summary>Who the peer is; proven once the handshake is over.</summary>
    public PeerId PeerId => _tls.Peer;

    /// <summary>What the peer said of itself; set before <see cref="Opened"/> completes.</summary>
    public Hello PeerHello { get; private set; } = null!;

    /// <summary>As which incarnation this node opened it: what it is in its next life goes over other connections.</summary>
    public ulong OwnIncarnation { get; private set; }

    /// <summary>Completes when both hellos are read; fails when the connection ends before.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Completes when the connection is over and everything that waited on it has been told.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Why it ended.</summary>
    public CloseReason CloseReason { get; private set; }

    /// <summary>A sentence about its end, for logs and exceptions.</summary>
    public string CloseDetail { get; private set; } = string.Empty;

    /// <summary>Where the peer is.</summary>
    public EndPoint? RemoteEndPoint => _link.RemoteEndPoint;

    /// <summary>How often this side has changed its TLS key.</summary>
    public int KeyUpdates => _tls.KeyUpdates;

    /// <summary>Where it is in its life.</summary>
    public ConnectionState State => (ConnectionState)Volatile.Read(ref _state);

    /// <summary>How it began, as both ends know it.</summary>
    public ConnectionOrigin Origin =>
        IsDialler ? new(Node.Id, _dialNumber, PeerHello.Incarnation) : new(PeerId, PeerHello.DialNumber, PeerHello.Incarnation);

    /// <summary>Whether the peer has this node's names, so that changes are told; guarded by the registry's lock.</summary>
    public bool IsToldOfNames { get; set; }

    /// <summary>Starts the link and, when this side dialled, the handshake.</summary>
    public void Start()
    {
        if (IsDialler)
        {
            _tls.Handshake();
        }

        _link.Start(this);
        _isStarted = true;
        KickDrain();
    }

    /// <summary>Ends the connection: the first reason wins. What was sealed is still flushed; what was not fails as not sent.</summary>
    public void Close(CloseReason reason, string detail)
    {
        if (Interlocked.Exchange(ref _closeBegun, 1) != 0)
        {
            return;
        }

        CloseReason = reason;
        CloseDetail = detail;

        // Partner of the acquiring reads of the state: reason and detail are visible to whoever sees it closing.
        Volatile.Write(ref _lingerDeadline, Node.Clock.After(_limits.LingerTimeout));
        Volatile.Write(ref _state, (int)ConnectionState.Closing);
        _ring.Close();

        // Whoever holds the drain flag ends the sending side; if nobody does, this thread.
        KickDrain();
    }

    /// <inheritdoc/>
    public void OnClosed(Exception? error)
    {
        Volatile.Write(ref _linkClosed, 1);
        Close(CloseReason.ConnectionLost, error?.Message ?? "the other end closed the connection without goodbye");

        // A busy send will not report: this is its report, and the drain flag comes with it. One that has not returned yet keeps the flag, and finds the end itself. Partner: Send.
        if (TryTakeSend())
        {
            EndSending();
        }

        _reader.Dispose();
        _streamsIn.Close(StreamsEnd());
        EndHalf();
    }

    /// <summary>The node's tick: everything that a deadline ends.</summary>
    /// <param name="now">The node's clock.</param>
    /// <param name="late">How late the tick itself was: silence that this side slept through is not the peer's.</param>
    public void Tick(long now, long late)
    {
        switch (State)
        {
            case ConnectionState.Handshaking or ConnectionState.AwaitingHello when now >= _openDeadline:
                Close(CloseReason.HandshakeTimeout, "the handshake did not finish in time");
                break;

            case ConnectionState.Open:
                SweepAsks(now);
                SweepPings(now, late);
                ReportLostTells();
                ParkRingIfIdle(now);
                _streamsIn.Tick(now);
                _streamsOut.Tick(now);
                break;

            case ConnectionState.Closing when now >= Volatile.Read(ref _lingerDeadline) && _isStarted:
                _link.Close(); // A link that is not started would tell nobody. Partner: Start; the tick comes again.
                break;
        }
    }

    /// <inheritdoc cref="PendingTable.Read"/>
    public void ReadPending<T>(List<T> into, int max, Func<PendingAsk, T> read) => _pending.Read(into, max, read);

    /// <inheritdoc cref="PendingTable.TryRead"/>
    public bool TryReadPending<T>(ulong correlation, Func<PendingAsk, T> read, [MaybeNullWhen(false)] out T value) => _pending.TryRead(correlation, read, out value);

    /// <inheritdoc/>
    public void Dispose() => Close(CloseReason.Shutdown, "disposed");

    private void OnTlsEstablished()
    {
        // Not where it was closed while the handshake ended here: whoever closed it, or whoever drained then, might find it open again, and nobody would end its sending side. Partner: Close.
        if (Interlocked.CompareExchange(ref _state, (int)ConnectionState.AwaitingHello, (int)ConnectionState.Handshaking) != (int)ConnectionState.Handshaking)
        {
            return;
        }

        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            Hello own = Node.MakeHello() with { DialNumber = _dialNumber };
            OwnIncarnation = own.Incarnation;
            own.Encode(ref writer);
            PutOwn(FrameKind.Hello, scratch.WrittenSpan);
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    private void OnHello(ReadOnlySpan<byte> payload)
    {
        if (State != ConnectionState.AwaitingHello)
        {
            Close(CloseReason.ProtocolViolation, "a second hello");
            return;
        }

        Hello hello;
        try
        {
            hello = Hello.Decode(payload);
        }
        catch (MessagePackException exception)
        {
            Close(CloseReason.MalformedFrame, $"its hello is malformed: {exception.Message}");
            return;
        }

        Node.OnHelloSeen(hello, this);
        CloseReason refusal = hello.Check(Node.MakeHello(), out string detail);
        if (refusal == CloseReason.None && Node.HasDeparted(PeerId, hello.Incarnation))
        {
            (refusal, detail) = (CloseReason.StaleIncarnation, "the view here has seen this incarnation go");
        }

        if (refusal == CloseReason.None && Node.IsKeyTaken(PeerId, hello.Incarnation))
        {
            (refusal, detail) = (CloseReason.StaleIncarnation, "a member with this key is in the view here as another incarnation");
        }

        if (refusal == CloseReason.None && PeerId == Node.Id)
        {
            (refusal, detail) = (CloseReason.Self, "it is this node itself");
        }

        if (refusal != CloseReason.None)
        {
            Close(refusal, detail);
            return;
        }

        PeerHello = hello;
        _frameBytesMax = Math.Min(_ring.MaxFrameBytes, hello.FrameBytesMax);
        _targets.Open(hello.InternedIdsMax, hello.InternedBytesMax);
        _methods.Open(hello.InternedIdsMax, hello.InternedBytesMax);
        _streamsOut.Allow(hello.StreamsMax, hello.StreamWindowBytes);
        _window.Open(hello.WindowBytes);
        Interlocked.CompareExchange(ref _state, (int)ConnectionState.Open, (int)ConnectionState.AwaitingHello);
        Node.OnConnectionOpen(this);
        _opened.TrySetResult();
    }

    /// <summary>One half is over: the sending side has been ended by the holder of the drain flag, or the link reported its end. The second one tells everybody.</summary>
    private void EndHalf()
    {
        if (Interlocked.Increment(ref _halvesEnded) != 2)
        {
            return;
        }

        // Nobody drains (the flag is never let go again) and nobody receives any more: the session is this thread's.
        Volatile.Write(ref _state, (int)ConnectionState.Closed);
        _tls.Dispose();
        _opened.TrySetException(new TransportException(CloseReason, CloseDetail));
        Node.OnConnectionClosed(this);
        _finished.TrySetResult();
    }
}
