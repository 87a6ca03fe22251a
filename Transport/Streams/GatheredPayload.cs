using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Streams;

/// <summary>The payload of a message that is too large for one frame: gathered from its stream into one buffer, which grows only as bytes arrive.</summary>
/// <remarks>
/// The message keeps its place meanwhile: nothing that its sender sent to the same target later passes it. Bounds: <see cref="TransportLimits.PayloadBytesMax"/> for one,
/// <see cref="TransportLimits.GatheredBytesMax"/> for all of a node, and <see cref="TransportLimits.StreamStallTimeout"/> without a byte. Released once, by <see cref="Dispose"/>.
/// </remarks>
/// <param name="connection">Where it comes from.</param>
/// <param name="id">The stream's number there.</param>
internal sealed class GatheredPayload(Connection connection, ulong id) : IInboundSink, IDisposable
{
    private const int BytesAtStart = 64 * 1024;


    private readonly Lock _lock = new();
    private long _granted = connection.Limits.StreamWindowBytes;
    private long _uncredited;
    private long _creditDue = Math.Min(StreamPace.FirstCreditBytes, connection.Limits.StreamWindowBytes / 2);
    private long _lastProgress = connection.Node.Clock.NowMilliseconds;
    private PooledBlock? _block;
    private int _length;
    private bool _done;
    private bool _disposed;
    private Action? _whenDone;

    /// <summary>Whether it is whole, or has failed.</summary>
    public bool IsDone
    {
        get
        {
            lock (_lock)
            {
                return _done;
            }
        }
    }

    /// <summary>Why it is not whole; null while it may still be.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The payload; once it is done and did not fail, until it is disposed.</summary>
    public ReadOnlyMemory<byte> Memory => _block is { } block ? block.Memory[.._length] : default;

    /// <summary>What the payload is in, from its first byte on; whoever keeps a part of it retains. Null for an empty one. Valid as <see cref="Memory"/> is.</summary>
    public ICountedBytes? Block => _block;

    /// <summary>Runs something when it is done: at once if it is, else on the thread that ends it, where it must not block.</summary>
    public void WhenDone(Action then)
    {
        lock (_lock)
        {
            if (!_done)
            {
                _whenDone = then;
                return;
            }
        }

        then();
    }

    /// <inheritdoc/>
    public CloseReason Receive(in Frame frame)
    {
        ReadOnlySpan<byte> bytes = frame.Payload;
        long credit = 0;
        Exception? failure = null;
        lock (_lock)
        {
            if (_done || _disposed)
            {
                return CloseReason.None; // Sent before the sender heard of it.
            }

            if (bytes.IsEmpty || bytes.Length + FrameHeader.Bytes > _granted)
            {
                return CloseReason.WindowOverrun;
            }

            _granted -= bytes.Length + FrameHeader.Bytes;
            if (TryGrow(bytes.Length))
            {
                bytes.CopyTo(_block!.Span[_length..]);
                _length += bytes.Length;
                _uncredited += bytes.Length + FrameHeader.Bytes;
                _lastProgress = connection.Node.Clock.NowMilliseconds;
                if (_uncredited >= _creditDue)
                {
                    credit = _uncredited;
                    _uncredited = 0;
                    _creditDue = Math.Min(StreamSender.ChunkBytesMax, _creditDue);
                    _granted += credit;
                }
            }
            else
            {
                bool isTooLarge = (long)_length + bytes.Length > connection.Limits.PayloadBytesMax;
                failure = isTooLarge
                    ? new PayloadTooLargeException((long)_length + bytes.Length, connection.Limits.PayloadBytesMax)
                    : new IOException("This node holds as many large payloads as its memory limit allows.");
                connection.Node.Metrics.CountGivenUp(isTooLarge ? "too_large" : "memory");
            }
        }

        if (failure is not null)
        {
            Fail(failure);
            connection.GiveUpStream(id);
        }
        else if (credit != 0)
        {
            connection.PutStreamCredit(id, (uint)credit);
        }

        return CloseReason.None;
    }

    /// <inheritdoc/>
    public void End() => Finish(null);

    /// <inheritdoc/>
    public void Fail(Exception reason) => Finish(reason);

    /// <inheritdoc/>
    public bool Tick(long now)
    {
        if (IsDone || now - Volatile.Read(ref _lastProgress) < (long)connection.Limits.StreamStallTimeout.TotalMilliseconds)
        {
            return true;
        }

        connection.Node.Metrics.CountGivenUp("stalled");
        Fail(new TimeoutException("The sender of a large payload stopped sending it."));
        return false;
    }

    /// <summary>Gives the buffer back; if it was not whole yet, the sender is told to stop.</summary>
    public void Dispose()
    {
        PooledBlock? block;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            block = _block;
            _block = null;
            _length = 0;
        }

        connection.GiveUpStream(id); // Does nothing when it has ended.
        block?.Release();
    }

    private void Finish(Exception? failure)
    {
        Action? then;
        lock (_lock)
        {
            if (_done)
            {
                return;
            }

            _done = true;
            Failure = failure;
            then = _whenDone;
            _whenDone = null;
        }

        then?.Invoke();
    }

    private bool TryGrow(int bytes)
    {
        long needed = (long)_length + bytes;
        if (needed <= (_block?.Length ?? 0))
        {
            return true;
        }

        if (needed > connection.Limits.PayloadBytesMax)
        {
            return false;
        }

        int size = (int)Math.Min(Math.Max(needed, Math.Max(BytesAtStart, (_block?.Length ?? 0) * 2L)), Math.Max(needed, connection.Limits.PayloadBytesMax));
        int length = BlockPool.LengthOf(size);
        if (!connection.Node.TryTakeGathered(length))
        {
            return false;
        }

        PooledBlock larger;
        try
        {
            larger = BlockPool.Rent(size);
        }
        catch (OutOfMemoryException)
        {
            connection.Node.ReturnGathered(length);
            return false;
        }

        larger.ChargeTo(connection.Node);
        if (_block is { } block)
        {
            block.Span[.._length].CopyTo(larger.Span);
            block.Release();
        }

        _block = larger;
        return true;
    }
}
