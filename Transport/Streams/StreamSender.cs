using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Streams;

/// <summary>The streams that one connection sends: each against its reader's credit, one chunk of each in turn, and never more in the ring than leaves room for messages.</summary>
/// <remarks>
/// <para>
/// Bounds: as many open streams as the peer's hello says; further requests with streams wait like those without window, further replies in a queue of their own
/// (<see cref="TransportLimits.UnsentReplyBytesMax"/>), so that small replies pass them. A payload that its reader does not take is given up (<see cref="TransportLimits.StreamStallTimeout"/>).
/// </para>
/// <para>
/// The lock is taken once for each chunk of up to 16 KiB. No turn is lost: a stream that becomes ready is queued under the lock and then tried at once; who frees ring
/// space fences and then looks at <see cref="AnyReady"/>.
/// </para>
/// </remarks>
/// <param name="connection">The connection.</param>
internal sealed class StreamSender(Connection connection)
{
    /// <summary>Most payload of one chunk: with its header it fills one TLS record.</summary>
    public const int ChunkBytesMax = (16 * 1024) - FrameHeader.Bytes;

    /// <summary>With less credit a stream waits for more, rather than to send ever smaller chunks.</summary>
    private const int CreditBytesMin = 1024;

    /// <summary>After so long without a credit a stream is paced no more, until one comes that a paced stream can bring.</summary>
    private const long PacedMillisecondsMax = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, OutboundStream> _open = [];
    private readonly Queue<ParkedSend> _deferredReplies = [];
    private readonly StreamPace _pace = new(connection.Limits.StreamFlightBytes, connection.Node.Clock.Provider.TimestampFrequency);
    private OutboundStream? _firstReady;
    private OutboundStream? _lastReady;
    private int _readyCount;
    private ulong _lastId;
    private long _deferredBytes;
    private int _openMax;
    private long _windowBytes;
    private IOException? _end;

    /// <summary>Whether a stream waits for its turn. A glance: any thread.</summary>
    public bool AnyReady => Volatile.Read(ref _readyCount) != 0;

    /// <summary>Whether any is open. A glance, at two plain numbers: any thread.</summary>
    public bool AnyOpen => _open.Count != 0;

    /// <summary>How many are open.</summary>
    public int OpenCount
    {
        get
        {
            lock (_lock)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Bytes of replies that wait for a place for their streams. A glance: any thread.</summary>
    public long DeferredBytes => Volatile.Read(ref _deferredBytes);

    /// <summary>Takes the limits of the peer's hello.</summary>
    public void Allow(int openMax, long windowBytes)
    {
        _openMax = openMax;
        _windowBytes = windowBytes;
    }

    /// <summary>Whether the peer takes so many streams with one message at all.</summary>
    public bool Takes(int count) => count <= _openMax;

    /// <summary>Makes a stream for a message to come.</summary>
    public OutboundStream Make() => new(this, Interlocked.Increment(ref _lastId));

    /// <summary>Before a request is claimed: takes a place for each of its streams, all or none. None while a reply waits for its places: those come one by one, and it goes first.</summary>
    public bool TryOpen(OutboundStream[] streams)
    {
        lock (_lock)
        {
            return _deferredReplies.Count == 0 && TryOpenLocked(streams);
        }
    }

    /// <summary>The message could not be claimed after all. Whoever calls this pumps then, once it holds no lock: a reply may wait for the places.</summary>
    public void Unopen(OutboundStream[] streams)
    {
        lock (_lock)
        {
            foreach (OutboundStream stream in streams)
            {
                _open.Remove(stream.Id);
            }
        }
    }

    /// <summary>Takes places for the reply that waits for them longest, if there are enough now: it may be sent.</summary>
    public bool TryTakeDeferred([NotNullWhen(true)] out ParkedSend? reply)
    {
        lock (_lock)
        {
            if (!_deferredReplies.TryPeek(out reply) || !TryOpenLocked(reply.Streams!))
            {
                return false;
            }

            _deferredReplies.Dequeue();
            _deferredBytes -= reply.HeldBytes;
            return true;
        }
    }

    /// <summary>The message is in the ring: what its streams have written may follow it.</summary>
    public void Start(IReadOnlyList<OutboundStream> streams)
    {
        foreach (OutboundStream stream in streams)
        {
            bool isOver;
            lock (_lock)
            {
                stream.IsStarted = true;
                connection.PassOverMessages();
                stream.LastProgress = connection.Node.Clock.NowMilliseconds;
                isOver = stream.IsOver;
                QueueIfReadyLocked(stream);
            }

            if (isOver)
            {
                PutEnd(stream, stream.EndFault);
            }
        }

        PutReady();
    }

    /// <summary>The message will never be sent: its streams fail.</summary>
    public void Abort(OutboundStream[] streams, string why)
    {
        foreach (OutboundStream stream in streams)
        {
            Fail(stream, new IOException($"The stream was not sent: {why}."));
        }
    }

    /// <summary>Takes a place for each stream of a reply; without one the reply is kept until there is.</summary>
    /// <returns>Whether it may be sent now, or waits; or, where too many wait already, that the peer must be closed.</returns>
    public StreamOpening OpenOrDefer(ParkedSend reply)
    {
        lock (_lock)
        {
            if (_end is not null)
            {
                return StreamOpening.Opened; // Whoever sends it now finds the same end.
            }

            if (_deferredReplies.Count == 0 && TryOpenLocked(reply.Streams!))
            {
                return StreamOpening.Opened;
            }

            if (_deferredBytes + reply.HeldBytes > connection.Limits.UnsentReplyBytesMax)
            {
                return StreamOpening.Broken;
            }

            _deferredBytes += reply.HeldBytes;
            _deferredReplies.Enqueue(reply);
            return StreamOpening.TooMany;
        }
    }

    /// <summary>The node's tick: gives up payloads that their reader does not take, and holds back no stream for good.</summary>
    public void Tick(long now)
    {
        List<OutboundStream>? stalled = null;
        lock (_lock)
        {
            foreach (OutboundStream stream in _open.Values)
            {
                if (stream is { IsPayload: true, IsStarted: true, IsOver: false } && now - stream.LastProgress >= (long)connection.Limits.StreamStallTimeout.TotalMilliseconds)
                {
                    (stalled ??= []).Add(stream);
                }
                else if (stream is { IsStarted: true, IsReady: false, IsUnpaced: false, Pending.IsEmpty: false } && stream.Credit > CreditBytesMin && now - Math.Max(stream.LastProgress, stream.LastCredit) >= PacedMillisecondsMax)
                {
                    stream.IsUnpaced = true;
                    QueueIfReadyLocked(stream);
                }
            }
        }

        if (AnyReady)
        {
            PutReady();
        }

        foreach (OutboundStream stream in stalled ?? [])
        {
            connection.Node.Metrics.CountGivenUp("stalled");
            Abandon(stream, new Fault(FaultCode.Cancelled, "its reader does not take it"));
        }
    }

    /// <summary>Streams of a message that was not sent go over another connection.</summary>
    public void Move(OutboundStream[]? streams, StreamSender to)
    {
        foreach (OutboundStream stream in streams ?? [])
        {
            lock (_lock)
            {
                lock (to._lock)
                {
                    stream.MoveTo(to, Interlocked.Increment(ref to._lastId));
                }
            }
        }
    }

    /// <inheritdoc cref="OutboundStream.WriteAsync"/>
    public ValueTask Write(OutboundStream stream, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return default;
        }

        ValueTask written;
        lock (_lock)
        {
            if (stream.Sender != this)
            {
                return stream.Sender.Write(stream, bytes); // It moved: always onwards, so these locks are never taken the other way round.
            }

            if (stream.Failure is { } failure)
            {
                return ValueTask.FromException(failure);
            }

            if (stream.IsOver || !stream.Pending.IsEmpty)
            {
                throw new InvalidOperationException("The stream has ended, or another write is under way.");
            }

            written = stream.BeginWrite(bytes);
            QueueIfReadyLocked(stream);
        }

        PutReady();
        return written;
    }

    /// <inheritdoc cref="OutboundStream.End"/>
    public void End(OutboundStream stream, Fault? fault)
    {
        lock (_lock)
        {
            if (stream.Sender != this)
            {
                stream.Sender.End(stream, fault);
                return;
            }

            if (stream.IsOver)
            {
                return;
            }

            stream.IsOver = true;
            stream.EndFault = fault;
            stream.Pending = default; // Ended in the middle of a write: with a fault.
            UnqueueLocked(stream);
            if (!stream.IsStarted)
            {
                return; // Its message is not in the ring yet: the end follows it.
            }
        }

        PutEnd(stream, fault);
    }

    /// <inheritdoc cref="OutboundStream.Abandon"/>
    public void Abandon(OutboundStream stream, in Fault why)
    {
        bool isStarted;
        bool isAwaited;
        lock (_lock)
        {
            if (stream.Sender != this)
            {
                stream.Sender.Abandon(stream, why);
                return;
            }

            if (stream.IsOver)
            {
                return;
            }

            // One step with Start: what comes second puts the end. Its place is kept until then, or a message that takes it might come before the end.
            isStarted = stream.IsStarted;
            stream.EndFault = why;
            isAwaited = FailLocked(stream, new IOException($"The stream is not wanted any more: {why.Message}."));
        }

        if (isAwaited)
        {
            connection.Node.Post(stream);
        }

        if (isStarted)
        {
            PutEnd(stream, why);
        }
    }

    /// <summary>The reader has room for more.</summary>
    /// <returns>False when it gives more than it took.</returns>
    public bool OnCredit(ulong id, uint bytes)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue(id, out OutboundStream? stream))
            {
                return true; // It has ended here meanwhile.
            }

            if (stream.Credit + bytes > _windowBytes)
            {
                return false;
            }

            stream.Credit += bytes;
            stream.LastCredit = connection.Node.Clock.NowMilliseconds;
            stream.IsUnpaced &= bytes > connection.Limits.StreamFlightBytes; // So much is always under way: its reader had only paused.
            if (stream.EndsTurn(bytes))
            {
                _pace.OnTurn(stream.TurnBytes, stream.TurnBegan, connection.Node.Clock.Provider.GetTimestamp());
            }

            QueueIfReadyLocked(stream);
        }

        PutReady();
        return true;
    }

    /// <summary>The reader does not want it any more.</summary>
    public void OnCancel(ulong id)
    {
        OutboundStream? stream;
        lock (_lock)
        {
            if (!_open.TryGetValue(id, out stream))
            {
                return;
            }
        }

        Fail(stream, new IOException("The reader of the stream does not want it any more."));
        connection.PumpWaiting();
    }

    /// <summary>The connection has ended.</summary>
    public void Close(IOException why)
    {
        OutboundStream[] open;
        ParkedSend[] deferred;
        lock (_lock)
        {
            _end = why;
            open = [.. _open.Values];
            deferred = [.. _deferredReplies];
            _deferredReplies.Clear();
            _deferredBytes = 0;
        }

        foreach (OutboundStream stream in open)
        {
            Fail(stream, why);
        }

        foreach (ParkedSend reply in deferred)
        {
            Abort(reply.Streams!, why.Message);
            reply.Drop();
        }
    }

    /// <summary>Moves chunks into the ring, one of each ready stream in turn, while they leave most of it to messages. Any thread.</summary>
    public void PutReady()
    {
        CompletionBatch? written = null;
        bool put = false;
        lock (_lock)
        {
            while (_firstReady is { } stream)
            {
                if (Room(stream) <= CreditBytesMin)
                {
                    UnqueueFirstLocked(); // A message has come near since: a credit queues it again.
                    continue;
                }

                int bytes = (int)Math.Min(Math.Min(stream.Pending.Length, Room(stream) - FrameHeader.Bytes), ChunkBytesMax);
                if (!connection.TryPutChunk(stream.Id, stream.Pending.Span[..bytes], out bool isBehindMessage))
                {
                    break;
                }

                put = true;
                UnqueueFirstLocked();
                stream.Credit -= bytes + FrameHeader.Bytes;
                stream.Sent += bytes + FrameHeader.Bytes;
                _pace.OnPut(bytes, isBehindMessage);
                if (!stream.IsTurnCredited)
                {
                    stream.BeginTurn(_windowBytes - stream.Credit, connection.Node.Clock.Provider.GetTimestamp());
                }

                stream.Pending = stream.Pending[bytes..];
                stream.LastProgress = connection.Node.Clock.NowMilliseconds;
                if (stream.Pending.IsEmpty)
                {
                    written ??= connection.Node.Replies.Rent();
                    written.Add(stream);
                    if (written.IsFull)
                    {
                        written.Post();
                        written = null;
                    }
                }
                else
                {
                    QueueIfReadyLocked(stream);
                }
            }
        }

        written?.Post();
        if (put)
        {
            connection.KickAfterChunks();
        }
    }

    private void PutEnd(OutboundStream stream, Fault? fault)
    {
        connection.PutStreamEnd(stream.Id, fault);
        lock (_lock)
        {
            _open.Remove(stream.Id);
        }

        connection.PumpWaiting();
    }

    private void Fail(OutboundStream stream, IOException why)
    {
        bool isAwaited;
        lock (_lock)
        {
            _open.Remove(stream.Id);
            isAwaited = FailLocked(stream, why);
        }

        if (isAwaited)
        {
            connection.Node.Post(stream);
        }
    }

    /// <returns>Whether a write is under way, whose outcome is to be posted; if not, the next write says it.</returns>
    private bool FailLocked(OutboundStream stream, IOException why)
    {
        stream.IsOver = true;
        if (stream.Failure is not null)
        {
            return false;
        }

        stream.Failure = why;
        if (stream.Pending.IsEmpty)
        {
            return false;
        }

        stream.Pending = default;
        UnqueueLocked(stream);
        return true;
    }

    private bool TryOpenLocked(OutboundStream[] streams)
    {
        if (_open.Count + streams.Length > _openMax || _end is not null)
        {
            return false;
        }

        foreach (OutboundStream stream in streams)
        {
            stream.Credit = _windowBytes;
            _open.Add(stream.Id, stream);
        }

        return true;
    }

    /// <summary>Bytes of it that may be sent, headers counted: by its reader's credit, and by what may be under way.</summary>
    private long Room(OutboundStream stream) =>
        stream.IsUnpaced ? stream.Credit : Math.Min(stream.Credit, Math.Max(_pace.BytesMax - (_windowBytes - stream.Credit), StreamPace.FirstBytes - stream.Sent));

    private void QueueIfReadyLocked(OutboundStream stream)
    {
        if (stream.IsReady || !stream.IsStarted || stream.Pending.IsEmpty || Room(stream) <= CreditBytesMin)
        {
            return;
        }

        stream.IsReady = true;
        if (_lastReady is null)
        {
            _firstReady = stream;
        }
        else
        {
            _lastReady.NextReady = stream;
        }

        _lastReady = stream;
        Volatile.Write(ref _readyCount, _readyCount + 1);
    }

    private void UnqueueFirstLocked()
    {
        OutboundStream first = _firstReady!;
        _firstReady = first.NextReady;
        if (_firstReady is null)
        {
            _lastReady = null;
        }

        first.NextReady = null;
        first.IsReady = false;
        Volatile.Write(ref _readyCount, _readyCount - 1);
    }

    private void UnqueueLocked(OutboundStream stream)
    {
        if (!stream.IsReady)
        {
            return;
        }

        // Rare: turns the queue round once, leaving this one out.
        for (int left = _readyCount; left > 0; left--)
        {
            OutboundStream first = _firstReady!;
            UnqueueFirstLocked();
            if (first != stream)
            {
                QueueIfReadyLocked(first);
            }
        }
    }
}
