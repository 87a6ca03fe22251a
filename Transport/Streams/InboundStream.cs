using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Transport.Streams;

/// <summary>The reading half of a stream that a peer sends. One read at a time; disposing it before its end tells the sender to stop.</summary>
/// <remarks>
/// Chunks stay in their receive slabs until they are read; reading gives their bytes, headers included, back to the sender as credit: <see cref="CreditBytes"/> of them at a time, or a chunk's worth once nothing is left to read, and the first after
/// <see cref="StreamPace.FirstCreditBytes"/>. A stream is whole or its read throws an <see cref="IOException"/>: it never just ends early.
/// </remarks>
internal sealed class InboundStream : Stream, IInboundSink, IValueTaskSource, IThreadPoolWorkItem
{
    /// <summary>Credit is given for so many bytes at a time, or half of a smaller window, while there is more to read: of the three chunks that are under way beside messages one is always to come, and a credit costs little.</summary>
    private const int CreditBytes = 2 * StreamSender.ChunkBytesMax;

    private readonly Lock _lock = new();
    private readonly Connection _connection;
    private readonly ulong _id;
    private readonly long _windowBytes;
    private readonly Queue<Chunk> _chunks = [];
    private Chunk _current;
    private ManualResetValueTaskSourceCore<bool> _news;
    private long _granted;
    private long _read;
    private bool _isCredited;
    private ReaderState _reader;
    private bool _ended;
    private bool _disposed;
    private Exception? _failure;

    /// <summary>A stream whose message has arrived.</summary>
    public InboundStream(Connection connection, ulong id)
    {
        _connection = connection;
        _id = id;
        _windowBytes = connection.Limits.StreamWindowBytes;
        _granted = _windowBytes;
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads what there is, or waits for more. The continuation runs where all does that a connection makes ready (<see cref="ReadyWork"/>).</summary>
    /// <exception cref="IOException">The sender failed, or the connection ended: the stream is not whole.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int bytes;
        while (!TryRead(buffer.Span, out bytes, out ValueTask news))
        {
            using CancellationTokenRegistration cancellation = cancellationToken.UnsafeRegister(static stream => ((InboundStream)stream!).Wake(), this);
            await news.ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return bytes;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Reads, and blocks the thread until something has arrived.</summary>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    CloseReason IInboundSink.Receive(in Frame frame)
    {
        int bytes = frame.Payload.Length;
        lock (_lock)
        {
            if (_disposed || _failure is not null)
            {
                return CloseReason.None; // Sent before the sender heard of it.
            }

            if (bytes == 0 || bytes + FrameHeader.Bytes > _granted)
            {
                return CloseReason.WindowOverrun;
            }

            _granted -= bytes + FrameHeader.Bytes;
            if (frame.Slab.TryLend())
            {
                _chunks.Enqueue(new Chunk(frame.Slab, frame.Offset + frame.Header.HeaderBytes, bytes));
            }
            else
            {
                _failure = new IOException("This node holds as much received data as its memory limit allows.");
            }
        }

        Wake();
        if (_failure is not null)
        {
            _connection.GiveUpStream(_id);
        }

        return CloseReason.None;
    }

    /// <inheritdoc/>
    void IInboundSink.End()
    {
        lock (_lock)
        {
            _ended = true;
        }

        Wake();
    }

    /// <inheritdoc/>
    void IInboundSink.Fail(Exception reason)
    {
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            _failure ??= reason;
        }

        Wake();
    }

    /// <inheritdoc/>
    bool IInboundSink.Tick(long now) => true; // Its reader decides how long it waits.

    /// <summary>The reader goes on.</summary>
    void IThreadPoolWorkItem.Execute() => _news.SetResult(true);

    void IValueTaskSource.GetResult(short token)
    {
        _news.GetResult(token);
        lock (_lock)
        {
            _reader = ReaderState.Reads;
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _news.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _news.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Queue<Chunk> left;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            left = new Queue<Chunk>(_chunks);
            _chunks.Clear();
            if (_current.Slab is not null)
            {
                left.Enqueue(_current);
                _current = default;
            }
        }

        foreach (Chunk chunk in left)
        {
            chunk.Slab!.Release();
        }

        _connection.GiveUpStream(_id); // Does nothing when it has ended.
        Wake();
        base.Dispose(disposing);
    }

    /// <returns>False when there is nothing yet: await the news.</returns>
    private bool TryRead(Span<byte> destination, out int bytes, out ValueTask news)
    {
        bytes = 0;
        news = default;
        long credit;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_chunks.Count == 0 && _current.Slab is null)
            {
                if (_failure is { } failure)
                {
                    throw new IOException(failure.Message, failure);
                }

                if (_ended)
                {
                    return true;
                }

                if (_reader != ReaderState.Reads)
                {
                    throw new InvalidOperationException("Another read is under way.");
                }

                _reader = ReaderState.Waits;
                _news.Reset();
                news = new ValueTask(this, _news.Version);
                return false;
            }

            while (bytes < destination.Length && (_current.Slab is not null || _chunks.TryDequeue(out _current)))
            {
                int part = Math.Min(_current.Length, destination.Length - bytes);
                _current.Slab!.Span.Slice(_current.Offset, part).CopyTo(destination[bytes..]);
                bytes += part;
                _read += part;
                _current = _current with { Offset = _current.Offset + part, Length = _current.Length - part };
                if (_current.Length == 0)
                {
                    _current.Slab.Release();
                    _current = default;
                    _read += FrameHeader.Bytes;
                }
            }

            // A sender that has little under way waits for credit as soon as all of it was read.
            bool isAllRead = _chunks.Count == 0 && _current.Slab is null;
            long due = !isAllRead ? CreditBytes : _isCredited ? StreamSender.ChunkBytesMax : StreamPace.FirstCreditBytes;
            credit = _ended || _read < Math.Min(due, _windowBytes / 2) ? 0 : _read;
            _isCredited |= credit != 0;
            _read -= credit;
            _granted += credit;
        }

        if (credit != 0)
        {
            _connection.PutStreamCredit(_id, (uint)credit);
        }

        return true;
    }

    private void Wake()
    {
        lock (_lock)
        {
            if (_reader != ReaderState.Waits)
            {
                return;
            }

            _reader = ReaderState.Woken; // Until it runs: of another one that waited meanwhile the news would be taken.
        }

        ReadyWork.Queue(this);
    }

    /// <summary>What the one reader does.</summary>
    private enum ReaderState
    {
        Reads,
        Waits,
        Woken,
    }

    private readonly record struct Chunk(Slab? Slab, int Offset, int Length);
}
